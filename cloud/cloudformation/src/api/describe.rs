//! Reading stacks and their events.

use super::shapes;
use crate::CloudFormation;
use crate::error::invalid;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

/// How many items a page has.
const PAGE: usize = 100;

/// One page of a list, and the token of the next.
pub(super) fn page<T>(items: Vec<T>, token: Option<&String>) -> AwsResult<(Vec<T>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => token.parse::<usize>().map_err(|_| invalid("NextToken is not one that was given out"))?,
    };
    let page = paging::by_position(items, start, PAGE);
    Ok((page.items, page.next.map(|next| next.to_string())))
}

/// DescribeStacks
pub async fn stacks(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DescribeStacks,
) -> AwsResult<wire::DescribeStacksOutput> {
    let scope = Scope::regional(&context);
    let store = &service.engine.store;
    let found = match &input.stack_name {
        Some(name) => {
            let stack = store.find(&scope, name);
            vec![stack.ok_or_else(|| invalid(format!("Stack with id {name} does not exist")))?]
        }
        None => store.stacks(&scope).into_iter().filter(|stack| !stack.is_deleted()).collect(),
    };
    let (found, next_token) = page(found, input.next_token.as_ref())?;
    let stacks = found.iter().map(|stack| shapes::stack(&service, stack)).collect();
    Ok(wire::DescribeStacksOutput { stacks: Some(stacks), next_token })
}

/// ListStacks
pub async fn list(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ListStacks,
) -> AwsResult<wire::ListStacksOutput> {
    let wanted = input.stack_status_filter.unwrap_or_default();
    let mut stacks = service.engine.store.stacks(&Scope::regional(&context));
    stacks.retain(|stack| wanted.is_empty() || wanted.contains(&stack.status));
    let (stacks, next_token) = page(stacks, input.next_token.as_ref())?;
    let summaries = stacks.iter().map(|stack| shapes::summary(stack)).collect();
    Ok(wire::ListStacksOutput { stack_summaries: Some(summaries), next_token })
}

/// DescribeStackEvents
pub async fn events(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::DescribeStackEvents,
) -> AwsResult<wire::DescribeStackEventsOutput> {
    let store = &service.engine.store;
    let name = &input.stack_name;
    let stack = store.find(&Scope::regional(&context), name);
    let stack = stack.ok_or_else(|| invalid(format!("Stack [{name}] does not exist")))?;
    let mut events = store.events(&stack.id);
    // New events arrive at the head, so a page begins at an event and not at a number.
    if let Some(first) = &input.next_token {
        let place = events.iter().position(|event| event.id == *first);
        events.drain(..place.ok_or_else(|| invalid("NextToken is not one that was given out"))?);
    }
    let next_token = events.get(PAGE).map(|event| event.id.clone());
    let events = events.iter().take(PAGE).map(|event| shapes::event(&stack, event)).collect();
    Ok(wire::DescribeStackEventsOutput { stack_events: Some(events), next_token })
}

/// DescribeAccountLimits
pub async fn limits(
    _: Arc<CloudFormation>,
    _: Context,
    _: wire::DescribeAccountLimits,
) -> AwsResult<wire::DescribeAccountLimitsOutput> {
    let limit = |name: &str, value| wire::AccountLimit { name: Some(name.to_owned()), value: Some(value) };
    let limits =
        vec![limit("StackLimit", 2000), limit("StackOutputsLimit", 200), limit("ConcurrentResourcesLimit", 2500)];
    Ok(wire::DescribeAccountLimitsOutput { account_limits: Some(limits), next_token: None })
}
