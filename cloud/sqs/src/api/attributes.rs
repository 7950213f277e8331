//! Attributes of queues.

use super::found::find;
use crate::SqsService;
use crate::messages::Place;
use crate::model::attributes::{self, Given};
use crate::model::name::{Reference, is_fifo};
use crate::model::queue::Queue;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sets the attributes of a request, and checks what they demand of each other and of other queues.
///
/// # Errors
/// What is wrong.
pub fn apply(service: &SqsService, reference: &Reference, queue: &mut Queue, given: &Given) -> AwsResult<()> {
    // Recorded: `test_sse_kms_and_sqs_are_mutually_exclusive`. There is no KMS here, so the key is refused by name either way.
    for (name, value) in given {
        attributes::set(queue, name, value)?;
    }
    attributes::check(queue)?;
    if let Some(policy) = queue.policy.as_ref().filter(|_| given.contains_key("Policy")) {
        service.cloud.check_policy(policy)?;
    }
    if given.contains_key("RedrivePolicy") {
        check_redrive(service, reference, queue)?;
    }
    Ok(())
}

/// Whether the dead letters of a queue can go where they shall (API reference, SetQueueAttributes: `RedrivePolicy`).
fn check_redrive(service: &SqsService, reference: &Reference, queue: &Queue) -> AwsResult<()> {
    let Some(redrive) = &queue.settings.redrive else { return Ok(()) };
    let Some(target) = Reference::of_arn(&redrive.target) else {
        return Err(redrive.refused("Invalid value for deadLetterTargetArn."));
    };
    if target.scope.account != reference.scope.account {
        return Err(redrive.refused("Dead-letter target owner should be same as the source."));
    }
    if target.scope.region != reference.scope.region {
        return Err(redrive.refused("Dead-letter target must be in same region as the source."));
    }
    let Some(dead) = service.queues.find(&target) else {
        return Err(redrive.refused("Dead letter target does not exist."));
    };
    if dead.is_fifo() != is_fifo(&reference.name) {
        return Err(redrive.refused("Dead-letter queue must be same type of queue as the source."));
    }
    match &dead.settings.redrive_allow {
        Some(policy) if !policy.admits(&reference.arn()) => {
            Err(redrive
                .refused("Queue does not have permission to use the dead-letter queue: see its RedriveAllowPolicy."))
        }
        _ => Ok(()),
    }
}

/// SetQueueAttributes.
pub async fn set(
    service: Arc<SqsService>,
    context: Context,
    input: wire::SetQueueAttributes,
) -> AwsResult<wire::SetQueueAttributesOutput> {
    let (reference, before, _) = find(&service, &context, &input.queue_url)?;
    let now = service.now();
    let change = |queue: &mut Queue| {
        let by_group = queue.deduplicates_by_group(now);
        apply(&service, &reference, queue, &input.attributes)?;
        if queue.settings.fifo.is_some_and(|fifo| fifo.by_group != by_group) {
            queue.rescoped = Some((now, by_group));
        }
        queue.modified = now / 1000;
        Ok(())
    };
    let queue = service.queues.change(&reference, change).await?;
    if queue.is_fifo() && queue.settings.delay != before.settings.delay {
        // That of a FIFO queue holds for the messages that are there, too (API reference, Developer Guide, "Amazon SQS delay
        // queues").
        service.messages.delay_again(Place::from(&*queue), queue.settings.delay * 1000).await?;
    }
    // What waits may have other reasons to go on, or to end.
    service.messages.waiting().wake_all(queue.key);
    Ok(wire::SetQueueAttributesOutput {})
}

/// GetQueueAttributes.
pub async fn get(
    service: Arc<SqsService>,
    context: Context,
    input: wire::GetQueueAttributes,
) -> AwsResult<wire::GetQueueAttributesResult> {
    let (reference, queue, place) = find(&service, &context, &input.queue_url)?;
    let names = input.attribute_names.unwrap_or_default();
    attributes::check_names(&names)?;
    let is_asked = |name: &str| names.iter().any(|asked| asked == "All" || asked == name);
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let set = attributes::told(&reference.scope, &reference.name, &queue);
    told.extend(set.into_iter().filter(|(name, _)| is_asked(name)).map(|(name, value)| (name.to_owned(), value)));
    if attributes::counted(Default::default()).iter().any(|(name, _)| is_asked(name)) {
        let numbers = service.messages.numbers(place, queue.settings.retention * 1000).await?;
        let counted = attributes::counted(numbers).into_iter();
        told.extend(counted.filter(|(name, _)| is_asked(name)).map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(wire::GetQueueAttributesResult { attributes: (!told.is_empty()).then_some(told) })
}
