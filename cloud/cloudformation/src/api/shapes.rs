//! Stacks, resources, events and changes as the API shows them.

use crate::CloudFormation;
use crate::model::{Change, ChangeSet, Event, Resource, Stack};
use crate::template::Template;
use slam_cloud_wire::cloudformation as wire;

/// Parameters as callers see them: `NoEcho` ones masked.
pub fn parameters(
    service: &CloudFormation,
    stack_id: &str,
    deployment: &crate::model::Deployment,
) -> Vec<wire::Parameter> {
    let text = service.engine.store.template(stack_id, &deployment.template);
    let hidden = text.filter(|text| text.contains("NoEcho")).and_then(|text| Template::parse(&text).ok());
    let mask = |name: &str| {
        let declaration = hidden.as_ref().and_then(|template| template.parameters.get(name));
        declaration.is_some_and(|declaration| declaration.no_echo)
    };
    let parameters = deployment.parameters.iter().map(|(name, value)| wire::Parameter {
        parameter_key: Some(name.clone()),
        parameter_value: Some(if mask(name) { "****".to_owned() } else { value.clone() }),
        resolved_value: deployment
            .resolved
            .get(name)
            .map(|value| if mask(name) { "****".to_owned() } else { value.clone() }),
        ..wire::Parameter::default()
    });
    parameters.collect()
}

/// A list, or nothing where AWS shows nothing.
fn filled<T>(items: Vec<T>) -> Option<Vec<T>> {
    if items.is_empty() { None } else { Some(items) }
}

/// A stack.
pub fn stack(service: &CloudFormation, stack: &Stack) -> wire::Stack {
    let deployment = &stack.deployment;
    let outputs = stack.outputs.iter().map(|output| wire::Output {
        output_key: Some(output.key.clone()),
        output_value: Some(output.value.clone()),
        description: output.description.clone(),
        export_name: output.export.clone(),
    });
    let reviewed = stack.status == "REVIEW_IN_PROGRESS";
    wire::Stack {
        stack_id: Some(stack.id.clone()),
        stack_name: stack.name.clone(),
        change_set_id: deployment.change_set.clone().filter(|_| !reviewed && stack.deleted.is_none()),
        description: deployment.description.clone().filter(|_| !reviewed),
        parameters: if reviewed { None } else { filled(parameters(service, &stack.id, deployment)) },
        creation_time: stack.created,
        deletion_time: stack.deleted,
        last_updated_time: stack.updated,
        rollback_configuration: Some(wire::RollbackConfiguration::default()),
        stack_status: stack.status.clone(),
        stack_status_reason: stack.reason.clone(),
        disable_rollback: Some(stack.disable_rollback),
        notification_ar_ns: Some(deployment.notification_arns.clone()),
        timeout_in_minutes: stack.timeout_in_minutes,
        capabilities: if reviewed { None } else { filled(deployment.capabilities.clone()) },
        outputs: filled(outputs.collect()),
        role_arn: deployment.role_arn.clone(),
        tags: Some(if reviewed { Vec::new() } else { tags(deployment) }),
        enable_termination_protection: Some(stack.termination_protection).filter(|_| !stack.is_deleted()),
        drift_information: Some(wire::StackDriftInformation {
            stack_drift_status: "NOT_CHECKED".to_owned(),
            ..wire::StackDriftInformation::default()
        }),
        parent_id: stack.parent.clone(),
        root_id: stack.root.clone(),
        retain_except_on_create: stack.retain_except_on_create,
        deletion_mode: stack.deletion_mode.clone(),
        ..wire::Stack::default()
    }
}

/// A deployment's tags.
pub fn tags(deployment: &crate::model::Deployment) -> Vec<wire::Tag> {
    deployment.tags.iter().map(|tag| wire::Tag { key: tag.key.clone(), value: tag.value.clone() }).collect()
}

/// A stack in a list.
pub fn summary(stack: &Stack) -> wire::StackSummary {
    wire::StackSummary {
        stack_id: Some(stack.id.clone()),
        stack_name: stack.name.clone(),
        template_description: stack.deployment.description.clone().filter(|_| stack.status != "REVIEW_IN_PROGRESS"),
        creation_time: stack.created,
        last_updated_time: stack.updated,
        deletion_time: stack.deleted,
        stack_status: stack.status.clone(),
        stack_status_reason: stack.reason.clone(),
        parent_id: stack.parent.clone(),
        root_id: stack.root.clone(),
        drift_information: Some(wire::StackDriftInformationSummary {
            stack_drift_status: "NOT_CHECKED".to_owned(),
            ..wire::StackDriftInformationSummary::default()
        }),
        ..wire::StackSummary::default()
    }
}

/// An event.
pub fn event(stack: &Stack, event: &Event) -> wire::StackEvent {
    wire::StackEvent {
        stack_id: stack.id.clone(),
        event_id: event.id.clone(),
        stack_name: stack.name.clone(),
        logical_resource_id: Some(event.logical_id.clone()),
        physical_resource_id: Some(event.physical_id.clone()),
        resource_type: Some(event.resource_type.clone()),
        timestamp: event.timestamp,
        resource_status: Some(event.status.clone()),
        resource_status_reason: event.reason.clone(),
        resource_properties: event.properties.clone(),
        client_request_token: event.token.clone(),
        ..wire::StackEvent::default()
    }
}

/// A resource.
pub fn resource(stack: &Stack, resource: &Resource) -> wire::StackResource {
    wire::StackResource {
        stack_name: Some(stack.name.clone()),
        stack_id: Some(stack.id.clone()),
        logical_resource_id: resource.logical_id.clone(),
        physical_resource_id: resource.physical_id().map(str::to_owned),
        resource_type: resource.resource_type.clone(),
        timestamp: resource.updated,
        resource_status: resource.status.clone(),
        resource_status_reason: resource.reason.clone(),
        drift_information: Some(wire::StackResourceDriftInformation {
            stack_resource_drift_status: "NOT_CHECKED".to_owned(),
            ..wire::StackResourceDriftInformation::default()
        }),
        ..wire::StackResource::default()
    }
}

/// A resource with everything.
pub fn resource_detail(stack: &Stack, resource: &Resource) -> wire::StackResourceDetail {
    let metadata = resource.metadata.as_ref().map_or_else(|| "{}".to_owned(), ToString::to_string);
    wire::StackResourceDetail {
        stack_name: Some(stack.name.clone()),
        stack_id: Some(stack.id.clone()),
        logical_resource_id: resource.logical_id.clone(),
        physical_resource_id: resource.physical_id().map(str::to_owned),
        resource_type: resource.resource_type.clone(),
        last_updated_timestamp: resource.updated,
        resource_status: resource.status.clone(),
        resource_status_reason: resource.reason.clone(),
        metadata: Some(metadata),
        drift_information: Some(wire::StackResourceDriftInformation {
            stack_resource_drift_status: "NOT_CHECKED".to_owned(),
            ..wire::StackResourceDriftInformation::default()
        }),
        ..wire::StackResourceDetail::default()
    }
}

/// A resource in a list.
pub fn resource_summary(resource: &Resource) -> wire::StackResourceSummary {
    wire::StackResourceSummary {
        logical_resource_id: resource.logical_id.clone(),
        physical_resource_id: resource.physical_id().map(str::to_owned),
        resource_type: resource.resource_type.clone(),
        last_updated_timestamp: resource.updated,
        resource_status: resource.status.clone(),
        resource_status_reason: resource.reason.clone(),
        drift_information: Some(wire::StackResourceDriftInformationSummary {
            stack_resource_drift_status: "NOT_CHECKED".to_owned(),
            ..wire::StackResourceDriftInformationSummary::default()
        }),
        ..wire::StackResourceSummary::default()
    }
}

/// A change set in a list.
pub fn change_set_summary(set: &ChangeSet) -> wire::ChangeSetSummary {
    wire::ChangeSetSummary {
        stack_id: Some(set.stack_id.clone()),
        stack_name: Some(set.stack_name.clone()),
        change_set_id: Some(set.id.clone()),
        change_set_name: Some(set.name.clone()),
        execution_status: Some(set.execution_status.clone()),
        status: Some(set.status.clone()),
        status_reason: set.reason.clone(),
        creation_time: Some(set.created),
        description: set.description.clone(),
        include_nested_stacks: Some(false),
        import_existing_resources: set.imports_existing.then_some(true),
        ..wire::ChangeSetSummary::default()
    }
}

/// A change of a resource, with its values if they were asked for.
pub fn change(change: &Change, values: bool) -> wire::Change {
    let details = change.details.iter().filter(|detail| values || !detail.with_values_only);
    let details = details.map(|detail| wire::ResourceChangeDetail {
        target: Some(wire::ResourceTargetDefinition {
            attribute: Some(detail.attribute.clone()),
            name: detail.name.clone(),
            requires_recreation: Some(detail.recreation.clone()),
            path: Some(detail.path.clone()).filter(|_| values),
            before_value: detail.before.clone().filter(|_| values),
            after_value: detail.after.clone().filter(|_| values),
            attribute_change_type: Some(detail.kind.clone()).filter(|_| values),
            ..wire::ResourceTargetDefinition::default()
        }),
        evaluation: Some(detail.evaluation.clone()),
        change_source: Some(detail.source.clone()),
        causing_entity: detail.causing_entity.clone(),
    });
    wire::Change {
        r#type: Some("Resource".to_owned()),
        resource_change: Some(wire::ResourceChange {
            policy_action: change.policy_action.clone(),
            action: Some(change.action.clone()),
            logical_resource_id: Some(change.logical_id.clone()),
            physical_resource_id: change.physical_id.clone(),
            resource_type: Some(change.resource_type.clone()),
            replacement: change.replacement.clone(),
            scope: Some(change.scope.clone()),
            details: Some(details.collect()),
            before_context: change.before.clone().filter(|_| values),
            after_context: change.after.clone().filter(|_| values),
            ..wire::ResourceChange::default()
        }),
        ..wire::Change::default()
    }
}
