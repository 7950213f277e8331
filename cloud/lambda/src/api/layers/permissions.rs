//! AddLayerVersionPermission, RemoveLayerVersionPermission, GetLayerVersionPolicy.

use super::number;
use crate::LambdaService;
use crate::error::{not_found, revision_mismatch};
use crate::model::{Layer, LayerName, LayerVersion, Policy, policy};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// AddLayerVersionPermission.
pub(in crate::api) async fn add(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::AddLayerVersionPermission,
) -> AwsResult<wire::AddLayerVersionPermissionResponse> {
    let number = number(input.version_number)?;
    let name = LayerName::parse(&context, &input.layer_name).own(&context)?;
    let statement = policy::layer_statement(&input, &name.version_arn(number), context.partition())?;
    let text = statement.to_string();
    let change = |version: &mut LayerVersion| {
        check_revision(&version.policy, input.revision_id.as_deref())?;
        policy::add(&mut version.policy, statement)
    };
    let revision_id = change_policy(&service, &name, number, change).await?;
    Ok(wire::AddLayerVersionPermissionResponse { statement: Some(text), revision_id })
}

/// RemoveLayerVersionPermission.
pub(in crate::api) async fn remove(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::RemoveLayerVersionPermission,
) -> AwsResult<wire::RemoveLayerVersionPermissionOutput> {
    let number = number(input.version_number)?;
    let name = LayerName::parse(&context, &input.layer_name).own(&context)?;
    let change = |version: &mut LayerVersion| {
        has_policy(version)?;
        check_revision(&version.policy, input.revision_id.as_deref())?;
        policy::remove(&mut version.policy, &input.statement_id)
    };
    change_policy(&service, &name, number, change).await?;
    Ok(wire::RemoveLayerVersionPermissionOutput {})
}

/// GetLayerVersionPolicy.
pub(in crate::api) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetLayerVersionPolicy,
) -> AwsResult<wire::GetLayerVersionPolicyResponse> {
    let number = number(input.version_number)?;
    let name = LayerName::parse(&context, &input.layer_name);
    let version = service.layer_version(&name, number).ok_or_else(|| missing(&name, number))?;
    has_policy(&version)?;
    Ok(wire::GetLayerVersionPolicyResponse {
        policy: Some(version.policy.document()),
        revision_id: Some(version.policy.revision),
    })
}

/// Changes the policy of a version and returns its revision.
async fn change_policy(
    service: &LambdaService,
    name: &LayerName,
    number: u64,
    change: impl FnOnce(&mut LayerVersion) -> AwsResult<()>,
) -> AwsResult<Option<String>> {
    let change = |present: Option<&Layer>| {
        let mut layer = present.cloned().ok_or_else(|| missing(name, number))?;
        change(layer.versions.get_mut(&number).ok_or_else(|| missing(name, number))?)?;
        Ok::<_, AwsError>(Some(layer))
    };
    let layer = service.store.layers.update(&name.scope(), &name.name, change).await?;
    let version = layer.as_ref().and_then(|layer| layer.versions.get(&number));
    Ok(version.map(|version| version.policy.revision.clone()))
}

// The words and their order as recorded: `test_layer_policy_exceptions`.

fn missing(name: &LayerName, number: u64) -> AwsError {
    not_found(format!("Layer version {} does not exist.", name.version_arn(number)))
}

fn has_policy(version: &LayerVersion) -> AwsResult<()> {
    if version.policy.statements.is_empty() {
        return Err(not_found("No policy is associated with the given resource."));
    }
    Ok(())
}

fn check_revision(policy: &Policy, expected: Option<&str>) -> AwsResult<()> {
    match expected {
        Some(expected) if expected != policy.revision => Err(revision_mismatch("GetLayerPolicy")),
        _ => Ok(()),
    }
}
