//! AddPermission, RemovePermission, GetPolicy.

use crate::LambdaService;
use crate::error::{function_not_found, invalid_parameter, not_found, revision_mismatch};
use crate::model::function::LATEST;
use crate::model::{Function, FunctionName, Policy, policy};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// AddPermission.
pub(super) async fn add(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::AddPermission,
) -> AwsResult<wire::AddPermissionResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    let statement = policy::statement(&input, &name.qualified_arn(&context), context.partition())?;
    let text = statement.to_string();
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        exists(&function, &name, &context)?;
        // Before its first statement a policy has the revision of what it is for.
        let revision = revision(&function, name.qualifier.as_deref());
        let policy = function.policies.entry(name.qualifier.clone().unwrap_or_default()).or_default();
        if policy.statements.is_empty() {
            policy.revision = revision;
        }
        check_revision(policy, input.revision_id.as_deref())?;
        policy::add(policy, statement)?;
        Ok(Some(function))
    };
    service.store.functions.update::<AwsError>(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::AddPermissionResponse { statement: Some(text) })
}

/// RemovePermission.
pub(super) async fn remove(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::RemovePermission,
) -> AwsResult<wire::RemovePermissionOutput> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let change = |present: Option<&Function>| {
        let missing = || not_found(format!("No policy found for: {}", name.qualified_arn(&context)));
        let mut function = present.cloned().ok_or_else(missing)?;
        exists(&function, &name, &context)?;
        let qualifier = name.qualifier.clone().unwrap_or_default();
        let none = || not_found("No policy is associated with the given resource.");
        let policy = function.policies.get_mut(&qualifier).ok_or_else(none)?;
        check_revision(policy, input.revision_id.as_deref())?;
        policy::remove(policy, &input.statement_id)?;
        if policy.statements.is_empty() {
            function.policies.remove(&qualifier);
        }
        Ok(Some(function))
    };
    service.store.functions.update::<AwsError>(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::RemovePermissionOutput {})
}

/// GetPolicy.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetPolicy,
) -> AwsResult<wire::GetPolicyResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let qualifier = name.qualifier.as_deref().unwrap_or_default();
    let policy = function.as_ref().and_then(|function| function.policies.get(qualifier));
    let policy = policy.ok_or_else(|| not_found("The resource you requested does not exist."))?;
    Ok(wire::GetPolicyResponse { policy: Some(policy.document()), revision_id: Some(policy.revision.clone()) })
}

/// Whether the function has the version or alias that was named. AWS has other words for an alias (recorded:
/// `test_permission_exceptions`).
fn exists(function: &Function, name: &FunctionName, context: &Context) -> AwsResult<()> {
    let Some(qualifier) = &name.qualifier else { return Ok(()) };
    if function.aliases.contains_key(qualifier) || function.labelled(qualifier).is_some() {
        return Ok(());
    }
    let arn = name.qualified_arn(context);
    let digits = qualifier.bytes().all(|byte| byte.is_ascii_digit());
    if digits || qualifier.contains('$') {
        Err(function_not_found(&arn))
    } else {
        Err(not_found(format!("Cannot find alias arn: {arn}")))
    }
}

/// The revision of an alias or version. Recorded: `test_lambda_permission_fn_versioning`.
fn revision(function: &Function, qualifier: Option<&str>) -> String {
    let alias = qualifier.and_then(|qualifier| function.aliases.get(qualifier)).map(|alias| &alias.revision);
    let version = || function.labelled(qualifier.unwrap_or(LATEST)).map(|version| &version.revision);
    alias.or_else(version).cloned().unwrap_or_default()
}

fn check_revision(policy: &Policy, expected: Option<&str>) -> AwsResult<()> {
    match expected {
        Some(expected) if expected != policy.revision => Err(revision_mismatch("GetPolicy")),
        _ => Ok(()),
    }
}
