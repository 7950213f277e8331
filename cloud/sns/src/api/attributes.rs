//! Attributes of topics.

use super::topics::check_size;
use crate::SnsService;
use crate::model::name::Reference;
use crate::model::topic::Topic;
use crate::model::topic_attributes;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// GetTopicAttributes.
pub async fn get(
    service: Arc<SnsService>,
    context: Context,
    input: wire::GetTopicAttributes,
) -> AwsResult<wire::GetTopicAttributesResponse> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let topic = service.topics.get(&reference)?;
    let told = topic_attributes::told(&reference, &topic, service.topics.numbers(&reference, &topic));
    Ok(wire::GetTopicAttributesResponse { attributes: Some(told) })
}

/// SetTopicAttributes. None is an empty one, which takes the attribute away.
pub async fn set(
    service: Arc<SnsService>,
    context: Context,
    input: wire::SetTopicAttributes,
) -> AwsResult<wire::SetTopicAttributesOutput> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let (name, value) = (&input.attribute_name, input.attribute_value.unwrap_or_default());
    let there = service.topics.get(&reference)?;
    let subscribers = service.topics.subscribers(&reference, &there);
    let change = |topic: &mut Topic| {
        topic_attributes::set(topic, name, &value)?;
        if name == "Policy" {
            topic.policy.as_ref().map_or(Ok(()), |policy| service.cloud.check_policy(policy))?;
        }
        let others = subscribers.iter().map(|subscriber| !subscriber.subscription.protocol.is_managed());
        check_size(topic, subscribers.len(), others)
    };
    service.topics.change(&reference, change).await?;
    Ok(wire::SetTopicAttributesOutput {})
}
