//! Topics come and go.

use super::tags;
use crate::SnsService;
use crate::error::invalid_because;
use crate::model::name::{self, Reference};
use crate::model::topic::{Fifo, LARGE, Settings, Topic};
use crate::model::topic_attributes::{self, Numbers};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// The topics of an account in a region (Developer Guide, "Amazon SNS endpoints and quotas").
const STANDARD: usize = 100_000;
const FIFO: usize = 1_000;

/// CreateTopic.
pub async fn create(
    service: Arc<SnsService>,
    context: Context,
    input: wire::CreateTopic,
) -> AwsResult<wire::CreateTopicResponse> {
    let reference = Reference::here(&context, input.name);
    let mut given = input.attributes.unwrap_or_default();
    let fifo = given.remove("FifoTopic").map(|value| topic_attributes::boolean("FifoTopic", &value)).transpose()?;
    let is_fifo = fifo.unwrap_or(false);
    name::check(&reference.name, is_fifo)?;
    let is_tagged = input.tags.as_ref().is_some_and(|tags| !tags.is_empty());
    let mut topic = Topic {
        id: uuid::Uuid::new_v4().to_string(),
        settings: Settings { fifo: is_fifo.then(Fifo::default), ..Settings::default() },
        policy: None,
        tags: tags::checked(input.tags.unwrap_or_default())?,
        deleted: 0,
    };
    for (name, value) in &given {
        topic_attributes::set(&mut topic, name, value)?;
    }
    if let Some(policy) = &topic.policy {
        service.cloud.check_policy(policy)?;
    }
    // Recorded: `test_create_topic_different_attrs`, `test_create_duplicate_topic_with_more_tags`.
    let (asked, tags) = (topic_attributes::told(&reference, &topic, Numbers::default()), topic.tags.clone());
    let same = |existing: &Topic| {
        let ours = topic_attributes::told(&reference, existing, Numbers::default());
        if given.keys().any(|name| ours.get(name) != asked.get(name)) {
            return Err(invalid_because("Attributes", "Topic already exists with different attributes"));
        }
        if is_tagged && existing.tags != tags {
            return Err(invalid_because("Tags", "Topic already exists with different tags"));
        }
        Ok(())
    };
    if service.topics.find(&reference).is_none() {
        let kind = |(_, topic): &(String, Arc<Topic>)| topic.is_fifo() == is_fifo;
        let count = service.topics.list(&reference.scope).iter().filter(|topic| kind(topic)).count();
        if count >= if is_fifo { FIFO } else { STANDARD } {
            return Err(AwsError::new("TopicLimitExceeded", 403, "Topic limit exceeded"));
        }
    }
    service.topics.create(&reference, topic, same).await?;
    Ok(wire::CreateTopicResponse { topic_arn: Some(reference.arn()) })
}

/// DeleteTopic, which need not be there (recorded: `test_delete_topic_idempotency`, `test_delete_non_existent_topic`).
pub async fn delete(
    service: Arc<SnsService>,
    context: Context,
    input: wire::DeleteTopic,
) -> AwsResult<wire::DeleteTopicOutput> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    service.topics.remove(&reference, service.now()).await?;
    Ok(wire::DeleteTopicOutput {})
}

/// What a topic demands of its subscriptions for messages larger than usual (API reference, CreateTopic: `MaximumMessageSize`).
///
/// # Errors
/// When one of them cannot get such.
pub fn check_size(topic: &Topic, count: usize, mut others: impl Iterator<Item = bool>) -> AwsResult<()> {
    /// The most subscriptions.
    const MOST: usize = 100;
    if topic.largest() <= LARGE {
        return Ok(());
    }
    if count > MOST {
        return Err(invalid_because("MaximumMessageSize", "more than 256 KiB need 100 subscriptions or fewer"));
    }
    if others.any(|is_other| is_other) {
        let reason = "more than 256 KiB go to subscriptions of Amazon SQS, Amazon Data Firehose and AWS Lambda alone";
        return Err(invalid_because("MaximumMessageSize", reason));
    }
    Ok(())
}
