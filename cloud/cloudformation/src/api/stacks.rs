//! Creating, updating and deleting stacks.

use super::request::{Submitted, check_name, examine, operation, prepare};
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::{OnFailure, OperationKind, Stack, now};
use crate::stack::{names, policy};
use crate::store::Batch;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

/// The most stacks of an account in a region ("Understand CloudFormation quotas").
const MAX_STACKS: usize = 2000;

/// CreateStack
pub async fn create(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::CreateStack,
) -> AwsResult<wire::CreateStackOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let name = input.stack_name.clone();
    check_name(&name)?;
    let existing = service.engine.store.find(&scope, &name);
    if let Some(stack) = existing.as_ref().filter(|stack| stack.status != "REVIEW_IN_PROGRESS") {
        if repeated(stack, input.client_request_token.as_ref()) {
            return Ok(wire::CreateStackOutput { stack_id: Some(stack.id.clone()), ..Default::default() });
        }
        return Err(AwsError::bad_request("AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    if service.engine.store.stacks(&scope).iter().filter(|stack| !stack.is_deleted()).count() >= MAX_STACKS {
        return Err(AwsError::bad_request(
            "LimitExceededException",
            format!("Limit for stack has been exceeded: {MAX_STACKS}"),
        ));
    }
    if input.on_failure.is_some() && input.disable_rollback.is_some() {
        return Err(invalid("You cannot specify both DisableRollback and OnFailure."));
    }
    if let Some(policy) = &input.stack_policy_body {
        policy::check(policy)?;
    }
    let on_failure = match input.on_failure.as_deref() {
        Some("DO_NOTHING") => OnFailure::DoNothing,
        Some("DELETE") => OnFailure::Delete,
        Some(_) => OnFailure::Rollback,
        None if disables_rollback(input.disable_rollback, input.deployment_config.as_ref()) => OnFailure::DoNothing,
        None => OnFailure::Rollback,
    };
    let id = existing.as_ref().map_or_else(|| names::stack_arn(&context, &name), |stack| stack.id.clone());
    let parent = parent(&service, &context);
    let submitted = Submitted {
        template_body: input.template_body,
        template_url: input.template_url,
        parameters: input.parameters,
        // What was acknowledged for a stack is acknowledged for those nested in it.
        capabilities: parent.as_ref().map(|parent| parent.deployment.capabilities.clone()).or(input.capabilities),
        resource_types: input.resource_types,
        role_arn: input.role_arn.clone(),
        tags: input.tags,
        ..Submitted::default()
    };
    let prepared = prepare(&service, &context, submitted, &id, &name, None).await?;
    let mut operation = operation(&context, OperationKind::Create, input.role_arn, input.client_request_token.clone());
    operation.on_failure = on_failure;
    operation.retain_except_on_create = input.retain_except_on_create == Some(true);
    let stack = Stack {
        id: id.clone(),
        name,
        status: "CREATE_IN_PROGRESS".to_owned(),
        reason: Some("User Initiated".to_owned()),
        created: existing.as_ref().map_or_else(now, |stack| stack.created),
        updated: None,
        deleted: None,
        deployment: prepared.deployment.clone(),
        previous: None,
        outputs: Vec::new(),
        imports: Vec::new(),
        last_token: input.client_request_token,
        disable_rollback: on_failure == OnFailure::DoNothing,
        timeout_in_minutes: input.timeout_in_minutes,
        termination_protection: input.enable_termination_protection == Some(true),
        policy: input.stack_policy_body,
        root: parent.as_ref().map(|parent| parent.root.clone().unwrap_or_else(|| parent.id.clone())),
        parent: parent.as_ref().map(|parent| parent.id.clone()),
        retain_except_on_create: input.retain_except_on_create,
        deletion_mode: None,
        operation: Some(operation),
    };
    examine(&service, &context, &scope, &prepared, &stack).await?;
    let mut batch = Batch::default().template(&id, &prepared.deployment.template, &prepared.text);
    for set in service.engine.store.change_sets(&id) {
        let mut set = (*set).clone();
        set.execution_status = "OBSOLETE".to_owned();
        batch = batch.change_set(&scope, set);
    }
    begin(&service, &scope, stack, batch).await?;
    Ok(wire::CreateStackOutput { stack_id: Some(id), ..Default::default() })
}

/// The stack in whose name a nested one is created: CloudFormation's own calls tell it.
fn parent(service: &CloudFormation, context: &Context) -> Option<Arc<Stack>> {
    context.called_via.as_deref().filter(|caller| *caller == crate::stack::engine::SERVICE)?;
    service.engine.store.stack(context.source_arn.as_deref()?)
}

/// UpdateStack
pub async fn update(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::UpdateStack,
) -> AwsResult<wire::UpdateStackOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let current = existing(&service, &scope, &input.stack_name)?;
    if repeated(&current, input.client_request_token.as_ref()) {
        return Ok(wire::UpdateStackOutput { stack_id: Some(current.id.clone()), ..Default::default() });
    }
    updatable(&current)?;
    for policy in input.stack_policy_body.iter().chain(&input.stack_policy_during_update_body) {
        policy::check(policy)?;
    }
    let no_rollback = disables_rollback(input.disable_rollback, input.deployment_config.as_ref());
    let submitted = Submitted {
        template_body: input.template_body,
        template_url: input.template_url,
        use_previous_template: input.use_previous_template == Some(true),
        parameters: input.parameters,
        capabilities: parent(&service, &context)
            .map(|parent| parent.deployment.capabilities.clone())
            .or(input.capabilities),
        resource_types: input.resource_types,
        role_arn: input.role_arn,
        tags: input.tags,
    };
    let prepared = prepare(&service, &context, submitted, &current.id, &current.name, Some(&current)).await?;
    let comparison = examine(&service, &context, &scope, &prepared, &current).await?;
    // A stack that failed half-way may have to go on with the same template.
    let at_rest = !matches!(&*current.status, "CREATE_FAILED" | "UPDATE_FAILED");
    if comparison.is_empty() && at_rest {
        return Err(invalid("No updates are to be performed."));
    }
    if let Some(policy) = input.stack_policy_during_update_body.as_ref().or(current.policy.as_ref()) {
        comparison.changes.iter().try_for_each(|change| policy::allows(policy, change))?;
    }
    let role = prepared.deployment.role_arn.clone();
    let mut operation = operation(&context, OperationKind::Update, role, input.client_request_token.clone());
    operation.on_failure = if no_rollback { OnFailure::DoNothing } else { OnFailure::Rollback };
    operation.retain_except_on_create = input.retain_except_on_create == Some(true);
    let mut stack = Stack::clone(&current);
    move_to(&mut stack, prepared.deployment.clone());
    stack.operation = Some(operation);
    stack.last_token = input.client_request_token;
    stack.retain_except_on_create = input.retain_except_on_create.or(stack.retain_except_on_create);
    stack.policy = input.stack_policy_body.or(stack.policy);
    let id = stack.id.clone();
    let batch = Batch::default().template(&id, &prepared.deployment.template, &prepared.text);
    begin(&service, &scope, stack, batch).await?;
    Ok(wire::UpdateStackOutput { stack_id: Some(id), ..Default::default() })
}

/// Puts a stack's record on the way to a new deployment.
pub(super) fn move_to(stack: &mut Stack, deployment: crate::model::Deployment) {
    let before = std::mem::replace(&mut stack.deployment, deployment);
    // After a failed update that was not rolled back, the way back leads to where it began.
    stack.previous.get_or_insert(before);
    stack.updated = Some(now());
    stack.status = "UPDATE_IN_PROGRESS".to_owned();
    stack.reason = Some("User Initiated".to_owned());
}

/// Writes the beginning of an operation and begins it.
pub(super) async fn begin(service: &CloudFormation, scope: &Scope, stack: Stack, batch: Batch) -> AwsResult<()> {
    let id = stack.id.clone();
    let operation = stack.operation.as_ref().map(|operation| operation.id.clone()).unwrap_or_default();
    let event = service.engine.stack_event(&stack, stack.operation.as_ref(), stack.reason.clone());
    service.engine.store.write(batch.event(&id, event).stack(scope, stack)).await?;
    service.engine.start(scope.clone(), &id, operation);
    Ok(())
}

/// DeleteStack
pub async fn delete(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DeleteStack,
) -> AwsResult<wire::DeleteStackOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let store = &service.engine.store;
    let Some(current) = store.find(&scope, &input.stack_name).filter(|stack| !stack.is_deleted()) else {
        return Ok(wire::DeleteStackOutput {});
    };
    if repeated(&current, input.client_request_token.as_ref()) || current.status == "DELETE_IN_PROGRESS" {
        return Ok(wire::DeleteStackOutput {});
    }
    if current.termination_protection {
        return Err(invalid(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            current.name
        )));
    }
    if current.status == "CREATE_IN_PROGRESS"
        && service.engine.cancel(&scope, &current.id, Some(OnFailure::Delete)).await?
    {
        // The creation stops where it is and what it made goes.
        return Ok(wire::DeleteStackOutput {});
    }
    let current = store.stack(&current.id).unwrap_or(current);
    if current.in_progress() {
        return Err(invalid(format!("Stack [{}] cannot be deleted while in status {}", current.name, current.status)));
    }
    let retain = input.retain_resources.unwrap_or_default();
    let force = input.deletion_mode.as_deref() == Some("FORCE_DELETE_STACK");
    if (!retain.is_empty() || force) && current.status != "DELETE_FAILED" {
        let what = if force { "force delete the stack" } else { "specify which resources to retain" };
        return Err(invalid(format!(
            "Invalid operation on stack [{}]. When you delete a stack, {what} only when the stack is in the \
             DELETE_FAILED state.",
            current.id
        )));
    }
    if let Some(missing) = retain.iter().find(|id| store.resource(&current.id, id).is_none()) {
        return Err(invalid(format!("The specified resources to retain must be in the stack: [{missing}] is not")));
    }
    let mut stack = Stack::clone(&current);
    if let Some(reason) = exports_in_use(&service, &scope, &current) {
        // Accepted, but nothing happens beyond an event with the status as it was.
        let event = service.engine.stack_event(&stack, None, Some(reason.clone()));
        stack.reason = Some(reason);
        let id = stack.id.clone();
        service.engine.store.write(Batch::default().event(&id, event).stack(&scope, stack)).await?;
        return Ok(wire::DeleteStackOutput {});
    }
    let role = input.role_arn.or_else(|| stack.deployment.role_arn.clone());
    let kind = OperationKind::Delete { retain, force };
    stack.operation = Some(operation(&context, kind, role, input.client_request_token.clone()));
    stack.status = "DELETE_IN_PROGRESS".to_owned();
    stack.reason = Some("User Initiated".to_owned());
    stack.deleted = Some(now());
    stack.last_token = input.client_request_token;
    stack.deletion_mode = input.deletion_mode;
    begin(&service, &scope, stack, Batch::default()).await?;
    Ok(wire::DeleteStackOutput {})
}

fn exports_in_use(service: &CloudFormation, scope: &Scope, stack: &Stack) -> Option<String> {
    let exports = stack.outputs.iter().filter_map(|output| output.export.as_deref());
    for export in exports {
        let importers = service.engine.importers(scope, export);
        if let Some(importer) = importers.iter().find(|name| **name != stack.name) {
            return Some(format!("Export {export} cannot be deleted as it is in use by {importer}"));
        }
    }
    None
}

/// CancelUpdateStack
pub async fn cancel_update(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::CancelUpdateStack,
) -> AwsResult<wire::CancelUpdateStackOutput> {
    let scope = Scope::regional(&context);
    let stack = existing(&service, &scope, &input.stack_name)?;
    let running = stack.status == "UPDATE_IN_PROGRESS";
    if !running || !service.engine.cancel(&scope, &stack.id, Some(OnFailure::Rollback)).await? {
        return Err(invalid("CancelUpdateStack cannot be called from current stack status"));
    }
    Ok(wire::CancelUpdateStackOutput {})
}

/// ContinueUpdateRollback
pub async fn continue_rollback(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ContinueUpdateRollback,
) -> AwsResult<wire::ContinueUpdateRollbackOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let current = existing(&service, &scope, &input.stack_name)?;
    if current.status != "UPDATE_ROLLBACK_FAILED" {
        return Err(invalid(format!(
            "Stack:{} is in {} state and can not continue rolling back.",
            current.id, current.status
        )));
    }
    let skip = input.resources_to_skip.unwrap_or_default();
    roll_back(&service, &scope, &context, &current, input.role_arn, input.client_request_token, skip).await?;
    Ok(wire::ContinueUpdateRollbackOutput {})
}

/// RollbackStack
pub async fn rollback(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::RollbackStack,
) -> AwsResult<wire::RollbackStackOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let current = existing(&service, &scope, &input.stack_name)?;
    if !matches!(&*current.status, "CREATE_FAILED" | "UPDATE_FAILED") {
        return Err(invalid(format!(
            "Stack:{} is in {} state and can not be rolled back.",
            current.id, current.status
        )));
    }
    let (role, token) = (input.role_arn, input.client_request_token);
    roll_back(&service, &scope, &context, &current, role, token, Vec::new()).await?;
    Ok(wire::RollbackStackOutput { stack_id: Some(current.id.clone()), ..Default::default() })
}

async fn roll_back(
    service: &CloudFormation,
    scope: &Scope,
    context: &Context,
    current: &Stack,
    role: Option<String>,
    token: Option<String>,
    skip: Vec<String>,
) -> AwsResult<()> {
    let mut stack = current.clone();
    let kind = if current.status == "CREATE_FAILED" {
        stack.status = "ROLLBACK_IN_PROGRESS".to_owned();
        stack.deleted = Some(now());
        OperationKind::RollbackCreate
    } else {
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS".to_owned();
        OperationKind::RollbackUpdate { skip }
    };
    let role = role.or_else(|| stack.deployment.role_arn.clone());
    stack.reason = Some("User Initiated".to_owned());
    stack.last_token.clone_from(&token);
    stack.operation = Some(operation(context, kind, role, token));
    begin(service, scope, stack, Batch::default()).await
}

/// UpdateTerminationProtection
pub async fn update_protection(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::UpdateTerminationProtection,
) -> AwsResult<wire::UpdateTerminationProtectionOutput> {
    let scope = Scope::regional(&context);
    let stack = existing(&service, &scope, &input.stack_name)?;
    let protect = input.enable_termination_protection;
    change(&service, &scope, &stack, |stack| stack.termination_protection = protect).await?;
    Ok(wire::UpdateTerminationProtectionOutput { stack_id: Some(stack.id.clone()) })
}

/// SetStackPolicy
pub async fn set_policy(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::SetStackPolicy,
) -> AwsResult<wire::SetStackPolicyOutput> {
    let scope = Scope::regional(&context);
    let stack = existing(&service, &scope, &input.stack_name)?;
    let Some(policy) = input.stack_policy_body else {
        return Err(invalid("You must specify either StackPolicyBody or StackPolicyURL."));
    };
    policy::check(&policy)?;
    change(&service, &scope, &stack, |stack| stack.policy = Some(policy)).await?;
    Ok(wire::SetStackPolicyOutput {})
}

/// GetStackPolicy
pub async fn get_policy(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::GetStackPolicy,
) -> AwsResult<wire::GetStackPolicyOutput> {
    let stack = existing(&service, &Scope::regional(&context), &input.stack_name)?;
    Ok(wire::GetStackPolicyOutput { stack_policy_body: stack.policy.clone() })
}

async fn change(
    service: &CloudFormation,
    scope: &Scope,
    stack: &Stack,
    change: impl FnOnce(&mut Stack) + Send,
) -> AwsResult<()> {
    let store = &service.engine.store;
    store
        .change_stack::<AwsError>(|| {
            let Some(current) = store.stack(&stack.id) else { return Ok(Batch::default()) };
            let mut stack = Stack::clone(&current);
            change(&mut stack);
            Ok(Batch::default().stack(scope, stack))
        })
        .await
}

/// A stack that an operation needs.
pub(super) fn existing(service: &CloudFormation, scope: &Scope, name: &str) -> AwsResult<Arc<Stack>> {
    let found = service.engine.store.find(scope, name);
    found.ok_or_else(|| invalid(format!("Stack [{name}] does not exist")))
}

/// Refuses an update of a stack that is not at rest in a state that allows one.
pub(super) fn updatable(stack: &Stack) -> AwsResult<()> {
    let allowed = matches!(
        &*stack.status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE"
            | "CREATE_FAILED"
            | "UPDATE_FAILED"
    );
    if allowed {
        return Ok(());
    }
    Err(invalid(format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status)))
}

/// Whether a request is the repetition of the last one.
fn repeated(stack: &Stack, token: Option<&String>) -> bool {
    token.is_some() && stack.last_token.as_ref() == token
}

fn disables_rollback(parameter: Option<bool>, config: Option<&wire::DeploymentConfig>) -> bool {
    parameter.or_else(|| config.and_then(|config| config.disable_rollback)).unwrap_or(false)
}
