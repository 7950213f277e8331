//! Reading the resources of stacks.

use super::describe::page;
use super::shapes;
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::{Resource, Stack};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

fn known(service: &CloudFormation, context: &Context, name: &str, lead: &str) -> AwsResult<Arc<Stack>> {
    let found = service.engine.store.find(&Scope::regional(context), name);
    found.ok_or_else(|| invalid(format!("{lead} does not exist")))
}

/// The resources that a caller sees: not those that were never begun, nor those that a living stack has lost.
fn visible(service: &CloudFormation, stack: &Stack) -> Vec<Arc<Resource>> {
    let resources = service.engine.store.resources(&stack.id);
    resources.into_values().filter(|resource| !resource.status.is_empty()).collect()
}

/// DescribeStackResource
pub async fn describe_one(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DescribeStackResource,
) -> AwsResult<wire::DescribeStackResourceOutput> {
    let (name, id) = (&input.stack_name, &input.logical_resource_id);
    let stack = known(&service, &context, name, &format!("Stack '{name}'"))?;
    let resource = service
        .engine
        .store
        .resource(&stack.id, id)
        .ok_or_else(|| invalid(format!("Resource {id} does not exist for stack {}", stack.name)))?;
    let detail = shapes::resource_detail(&stack, &resource);
    Ok(wire::DescribeStackResourceOutput { stack_resource_detail: Some(detail) })
}

/// DescribeStackResources
pub async fn describe(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DescribeStackResources,
) -> AwsResult<wire::DescribeStackResourcesOutput> {
    let store = &service.engine.store;
    let stack = match (&input.stack_name, &input.physical_resource_id) {
        (Some(name), None) => known(&service, &context, name, &format!("Stack with id {name}"))?,
        (None, Some(physical)) => {
            let stacks = store.stacks(&Scope::regional(&context));
            let owns = |stack: &Arc<Stack>| {
                store.resources(&stack.id).values().any(|resource| resource.physical_id() == Some(physical))
            };
            let owner = stacks.into_iter().filter(|stack| !stack.is_deleted()).find(owns);
            owner.ok_or_else(|| invalid(format!("Stack for {physical} does not exist")))?
        }
        (Some(_), Some(_)) => {
            return Err(invalid("You must specify either a StackName or a PhysicalResourceId, not both."));
        }
        (None, None) => return Err(invalid("You must specify either a StackName or a PhysicalResourceId.")),
    };
    let mut resources = visible(&service, &stack);
    if let Some(id) = &input.logical_resource_id {
        resources.retain(|resource| resource.logical_id == *id);
    }
    // The operation is not paged: AWS answers the first hundred.
    let resources = resources.iter().take(100).map(|resource| shapes::resource(&stack, resource)).collect();
    Ok(wire::DescribeStackResourcesOutput { stack_resources: Some(resources) })
}

/// ListStackResources
pub async fn list(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ListStackResources,
) -> AwsResult<wire::ListStackResourcesOutput> {
    let name = &input.stack_name;
    let stack = known(&service, &context, name, &format!("Stack with id {name}"))?;
    let (resources, next_token) = page(visible(&service, &stack), input.next_token.as_ref())?;
    let summaries = resources.iter().map(|resource| shapes::resource_summary(resource)).collect();
    Ok(wire::ListStackResourcesOutput { stack_resource_summaries: Some(summaries), next_token })
}
