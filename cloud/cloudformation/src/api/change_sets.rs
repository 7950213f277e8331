//! Change sets.

use super::describe::page;
use super::import::Importer;
use super::request::{Prepared, Submitted, check_name, examine, operation, prepare};
use super::shapes;
use super::stacks::{begin, existing, move_to, updatable};
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::{ChangeSet, Deployment, OnFailure, OperationKind, Stack, now};
use crate::stack::engine::STACK_TYPE;
use crate::stack::{names, policy};
use crate::store::Batch;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What AWS says about a change set without changes.
const EMPTY: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// CreateChangeSet
pub async fn create(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::CreateChangeSet,
) -> AwsResult<wire::CreateChangeSetOutput> {
    check_import(&input)?;
    if !input.stack_name.starts_with("arn:") {
        check_name(&input.stack_name)?;
    }
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let store = &service.engine.store;
    let kind = input.change_set_type.clone().unwrap_or_else(|| "UPDATE".to_owned());
    let found = store.find(&scope, &input.stack_name);
    let current = match (&*kind, found) {
        ("CREATE", Some(stack)) if stack.status == "REVIEW_IN_PROGRESS" => Some(stack),
        ("CREATE", Some(stack)) => {
            let shown = if input.stack_name.starts_with("arn:") { &stack.id } else { &stack.name };
            return Err(invalid(format!(
                "Stack [{shown}] already exists and cannot be created again with the changeSet [{}].",
                input.change_set_name
            )));
        }
        ("CREATE", None) if input.stack_name.starts_with("arn:") => {
            return Err(invalid(format!("Stack [{}] does not exist", input.stack_name)));
        }
        ("CREATE", None) => None,
        ("IMPORT", None) if !input.stack_name.starts_with("arn:") => None,
        (_, Some(stack)) => {
            if stack.status != "REVIEW_IN_PROGRESS" {
                updatable(&stack)?;
            }
            Some(stack)
        }
        (_, None) => return Err(invalid(format!("Stack [{}] does not exist", input.stack_name))),
    };
    let name = current.as_ref().map_or_else(|| input.stack_name.clone(), |stack| stack.name.clone());
    let mut executed = None;
    if let Some(stack) = &current {
        let same = store.change_sets(&stack.id).into_iter().find(|set| set.name == input.change_set_name);
        if let Some(same) = same {
            if input.client_token.is_some() && same.token == input.client_token {
                let (id, stack_id) = (Some(same.id.clone()), Some(stack.id.clone()));
                return Ok(wire::CreateChangeSetOutput { id, stack_id });
            }
            // Answered by AWS to the tests of LocalStack in test_change_sets.py, one of which executes change sets of one name one after the other.
            if !matches!(&*same.execution_status, "EXECUTE_COMPLETE" | "OBSOLETE") {
                let message = format!("ChangeSet {} already exists for stack {}", same.name, stack.id);
                return Err(AwsError::bad_request("AlreadyExistsException", message));
            }
            executed = Some(same.id.clone());
        }
    }
    let stack_id = current.as_ref().map_or_else(|| names::stack_arn(&context, &name), |stack| stack.id.clone());
    let set_id = names::change_set_arn(&context, &input.change_set_name);
    let submitted = Submitted {
        template_body: input.template_body,
        template_url: input.template_url,
        use_previous_template: input.use_previous_template == Some(true),
        parameters: input.parameters,
        capabilities: input.capabilities,
        resource_types: input.resource_types,
        role_arn: input.role_arn,
        tags: input.tags,
    };
    let previous = current.as_deref().filter(|stack| stack.status != "REVIEW_IN_PROGRESS");
    let mut prepared = prepare(&service, &context, submitted, &stack_id, &name, previous).await?;
    if input.include_nested_stacks == Some(true) {
        refuse_nested(&prepared)?;
    }
    prepared.deployment.change_set = Some(set_id.clone());
    let fresh = current.is_none().then(|| review(&stack_id, &name));
    let base = current.as_deref().or(fresh.as_ref()).ok_or_else(|| AwsError::internal("a change set has no stack"))?;
    let mut comparison = examine(&service, &context, &scope, &prepared, base).await?;
    let imports_existing = input.import_existing_resources == Some(true);
    let mut imports = Ok(BTreeMap::new());
    if kind == "IMPORT" || imports_existing {
        let asking = operation(&context, OperationKind::Import, prepared.deployment.role_arn.clone(), None);
        let context = service.engine.context(&scope, &asking, &stack_id).await?;
        let importer = Importer { service: &service, scope: &scope, context, prepared: &prepared, stack: base };
        imports = if kind == "IMPORT" {
            let list = input.resources_to_import.as_deref().unwrap_or_default();
            importer.listed(list, previous, &mut comparison).await?
        } else {
            importer.existing(&mut comparison).await?
        };
    }
    // A stack may be created with nothing in it, when all its resources depend on conditions.
    let empty = comparison.is_empty() && previous.is_some();
    let refusal = imports.as_ref().err().cloned().or_else(|| empty.then(|| EMPTY.to_owned()));
    let failed = refusal.is_some();
    let set = ChangeSet {
        id: set_id.clone(),
        name: input.change_set_name,
        stack_id: stack_id.clone(),
        stack_name: name,
        kind,
        status: if failed { "FAILED" } else { "CREATE_COMPLETE" }.to_owned(),
        reason: refusal,
        execution_status: if failed { "UNAVAILABLE" } else { "AVAILABLE" }.to_owned(),
        description: input.description,
        created: now(),
        deployment: prepared.deployment.clone(),
        changes: if failed { Vec::new() } else { comparison.changes },
        on_failure: input.on_stack_failure.as_deref().map(|choice| match choice {
            "DO_NOTHING" => OnFailure::DoNothing,
            "DELETE" => OnFailure::Delete,
            _ => OnFailure::Rollback,
        }),
        token: input.client_token,
        imports_existing,
        imports: imports.unwrap_or_default(),
    };
    let mut batch = Batch::default().template(&stack_id, &prepared.deployment.template, &prepared.text);
    if let Some(executed) = executed {
        batch = batch.drop_change_set(&executed);
    }
    if let Some(stack) = fresh {
        let event = service.engine.stack_event(&stack, None, stack.reason.clone());
        batch = batch.event(&stack_id, event).stack(&scope, stack);
    }
    store.write(batch.change_set(&scope, set)).await?;
    Ok(wire::CreateChangeSetOutput { id: Some(set_id), stack_id: Some(stack_id) })
}

fn check_import(input: &wire::CreateChangeSet) -> AwsResult<()> {
    let import = input.change_set_type.as_deref() == Some("IMPORT");
    if !import && input.resources_to_import.as_ref().is_some_and(|list| !list.is_empty()) {
        return Err(invalid("ResourcesToImport can only be specified for a change set of type IMPORT"));
    }
    Ok(())
}

/// Change sets are of one stack here; without nested ones the parameter asks for nothing.
fn refuse_nested(prepared: &Prepared) -> AwsResult<()> {
    match prepared.desired.template.resources.values().find(|resource| resource.resource_type == STACK_TYPE) {
        Some(_) => Err(AwsError::unsupported("the parameter IncludeNestedStacks of CreateChangeSet")),
        None => Ok(()),
    }
}

/// A stack of which only change sets exist.
fn review(id: &str, name: &str) -> Stack {
    Stack {
        id: id.to_owned(),
        name: name.to_owned(),
        status: "REVIEW_IN_PROGRESS".to_owned(),
        reason: Some("User Initiated".to_owned()),
        created: now(),
        updated: None,
        deleted: None,
        deployment: Deployment::default(),
        previous: None,
        outputs: Vec::new(),
        imports: Vec::new(),
        operation: None,
        last_token: None,
        disable_rollback: false,
        timeout_in_minutes: None,
        termination_protection: false,
        policy: None,
        parent: None,
        root: None,
        retain_except_on_create: None,
        deletion_mode: None,
    }
}

/// A change set by its ARN, or by its name and its stack's.
pub(super) fn find(
    service: &CloudFormation,
    scope: &Scope,
    name: &str,
    stack: Option<&str>,
) -> AwsResult<Arc<ChangeSet>> {
    let store = &service.engine.store;
    let missing = || AwsError::new("ChangeSetNotFound", 404, format!("ChangeSet [{name}] does not exist"));
    if name.starts_with("arn:") {
        return store.change_set(scope, name).ok_or_else(missing);
    }
    let Some(stack) = stack else {
        return Err(invalid("StackName must be specified if ChangeSetName is not specified as an ARN."));
    };
    let stack = existing(service, scope, stack)?;
    store.change_sets(&stack.id).into_iter().find(|set| set.name == name).ok_or_else(missing)
}

/// DescribeChangeSet
pub async fn describe(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DescribeChangeSet,
) -> AwsResult<wire::DescribeChangeSetOutput> {
    let set = find(&service, &Scope::regional(&context), &input.change_set_name, input.stack_name.as_deref())?;
    let values = input.include_property_values == Some(true);
    let (changes, next_token) = page(set.changes.iter().collect(), input.next_token.as_ref())?;
    let parameters = shapes::parameters(&service, &set.stack_id, &set.deployment);
    let tags = shapes::tags(&set.deployment);
    Ok(wire::DescribeChangeSetOutput {
        change_set_name: Some(set.name.clone()),
        change_set_id: Some(set.id.clone()),
        stack_id: Some(set.stack_id.clone()),
        stack_name: Some(set.stack_name.clone()),
        description: set.description.clone(),
        parameters: Some(parameters).filter(|parameters| !parameters.is_empty()),
        creation_time: Some(set.created),
        execution_status: Some(set.execution_status.clone()),
        status: Some(set.status.clone()),
        status_reason: set.reason.clone(),
        notification_ar_ns: Some(Vec::new()),
        rollback_configuration: Some(wire::RollbackConfiguration::default()),
        capabilities: Some(set.deployment.capabilities.clone()),
        tags: Some(tags).filter(|tags| !tags.is_empty()),
        changes: Some(changes.into_iter().map(|change| shapes::change(change, values)).collect()),
        next_token,
        include_nested_stacks: Some(false),
        // Recorded (test_no_echo_parameter): a change set that imports nothing does not tell.
        import_existing_resources: set.imports_existing.then_some(true),
        on_stack_failure: set.on_failure.map(|choice| {
            match choice {
                OnFailure::Rollback => "ROLLBACK",
                OnFailure::DoNothing => "DO_NOTHING",
                OnFailure::Delete => "DELETE",
            }
            .to_owned()
        }),
        ..Default::default()
    })
}

/// ListChangeSets
pub async fn list(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ListChangeSets,
) -> AwsResult<wire::ListChangeSetsOutput> {
    let stack = existing(&service, &Scope::regional(&context), &input.stack_name)?;
    // What was executed, and what an execution made obsolete, is no longer listed.
    let mut sets = service.engine.store.change_sets(&stack.id);
    sets.retain(|set| !matches!(&*set.execution_status, "EXECUTE_COMPLETE" | "OBSOLETE"));
    let (sets, next_token) = page(sets, input.next_token.as_ref())?;
    let summaries = sets.iter().map(|set| shapes::change_set_summary(set)).collect();
    Ok(wire::ListChangeSetsOutput { summaries: Some(summaries), next_token })
}

/// DeleteChangeSet
pub async fn delete(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DeleteChangeSet,
) -> AwsResult<wire::DeleteChangeSetOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    match find(&service, &scope, &input.change_set_name, input.stack_name.as_deref()) {
        Ok(set) => {
            if set.execution_status == "EXECUTE_IN_PROGRESS" {
                return Err(invalid_status(&set));
            }
            service.engine.store.write(Batch::default().drop_change_set(&set.id)).await?;
            Ok(wire::DeleteChangeSetOutput {})
        }
        // The deletion of what does not exist succeeds.
        Err(error) if error.code == "ChangeSetNotFound" => Ok(wire::DeleteChangeSetOutput {}),
        Err(error) => Err(error),
    }
}

fn invalid_status(set: &ChangeSet) -> AwsError {
    AwsError::bad_request(
        "InvalidChangeSetStatus",
        format!(
            "ChangeSet [{}] cannot be executed in its current execution status of [{}]",
            set.id, set.execution_status
        ),
    )
}

/// ExecuteChangeSet
pub async fn execute(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ExecuteChangeSet,
) -> AwsResult<wire::ExecuteChangeSetOutput> {
    let scope = Scope::regional(&context);
    let _one_at_a_time = service.admission.lock().await;
    let store = &service.engine.store;
    let set = find(&service, &scope, &input.change_set_name, input.stack_name.as_deref())?;
    if set.status != "CREATE_COMPLETE" {
        let message = format!("ChangeSet [{}] cannot be executed in its current status of [{}]", set.id, set.status);
        return Err(AwsError::bad_request("InvalidChangeSetStatus", message));
    }
    if set.execution_status != "AVAILABLE" {
        return Err(invalid_status(&set));
    }
    let current = existing(&service, &scope, &set.stack_id)?;
    let reviewed = current.status == "REVIEW_IN_PROGRESS";
    if !reviewed {
        updatable(&current)?;
    }
    if let Some(policy) = &current.policy {
        set.changes.iter().try_for_each(|change| policy::allows(policy, change))?;
    }
    let role = set.deployment.role_arn.clone();
    let import = set.kind == "IMPORT";
    let kind = match (import, reviewed) {
        (true, _) => OperationKind::Import,
        (false, true) => OperationKind::Create,
        (false, false) => OperationKind::Update,
    };
    let mut operation = operation(&context, kind, role, input.client_request_token.clone());
    operation.on_failure = match (set.on_failure, input.disable_rollback) {
        (_, Some(true)) => OnFailure::DoNothing,
        (Some(choice), _) => choice,
        (None, _) => OnFailure::Rollback,
    };
    operation.retain_except_on_create = input.retain_except_on_create == Some(true);
    operation.imports = set.imports.clone();
    let mut stack = Stack::clone(&current);
    stack.disable_rollback = reviewed && operation.on_failure == OnFailure::DoNothing;
    stack.last_token = input.client_request_token;
    if reviewed {
        stack.deployment = set.deployment.clone();
        stack.updated = Some(now());
        stack.status = "CREATE_IN_PROGRESS".to_owned();
        stack.reason = Some("User Initiated".to_owned());
    } else {
        move_to(&mut stack, set.deployment.clone());
    }
    if import {
        stack.status = "IMPORT_IN_PROGRESS".to_owned();
    }
    stack.operation = Some(operation);
    let mut batch = Batch::default();
    for sibling in store.change_sets(&stack.id) {
        let mut sibling = ChangeSet::clone(&sibling);
        let executed = sibling.id == set.id;
        sibling.execution_status = if executed { "EXECUTE_COMPLETE" } else { "OBSOLETE" }.to_owned();
        batch = batch.change_set(&scope, sibling);
    }
    begin(&service, &scope, stack, batch).await?;
    Ok(wire::ExecuteChangeSetOutput {})
}
