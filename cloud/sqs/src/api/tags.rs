//! Tags of queues.

use crate::SqsService;
use crate::error::invalid;
use crate::model::name::Reference;
use crate::model::queue::Queue;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::tags::{self, Tags, remove};
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Checks tags by AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn check(tags: &Tags) -> AwsResult<()> {
    tags::check(tags, &OWN).map_err(|refused| invalid(refused.to_string()))
}

/// TagQueue.
pub async fn tag(service: Arc<SqsService>, context: Context, input: wire::TagQueue) -> AwsResult<wire::TagQueueOutput> {
    let change = |queue: &mut Queue| {
        queue.tags.extend(input.tags);
        check(&queue.tags)
    };
    service.queues.change(&Reference::of_url(&context, &input.queue_url), change).await?;
    Ok(wire::TagQueueOutput {})
}

/// UntagQueue.
pub async fn untag(
    service: Arc<SqsService>,
    context: Context,
    input: wire::UntagQueue,
) -> AwsResult<wire::UntagQueueOutput> {
    let change = |queue: &mut Queue| {
        remove(&mut queue.tags, &input.tag_keys);
        Ok(())
    };
    service.queues.change(&Reference::of_url(&context, &input.queue_url), change).await?;
    Ok(wire::UntagQueueOutput {})
}

/// ListQueueTags (recorded: `test_tag_untag_queue`).
pub async fn list(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ListQueueTags,
) -> AwsResult<wire::ListQueueTagsResult> {
    let queue = service.queues.get(&Reference::of_url(&context, &input.queue_url))?;
    Ok(wire::ListQueueTagsResult { tags: (!queue.tags.is_empty()).then(|| queue.tags.clone()) })
}
