//! Attributes of subscriptions.

use super::confirm::owned;
use crate::SnsService;
use crate::error::no_such_subscription;
use crate::model::name::{FIFO, Reference, subscription_id};
use crate::model::subscription::Subscription;
use crate::model::subscription_attributes::{self, Place};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

fn find(service: &SnsService, context: &Context, arn: &str) -> AwsResult<(Scope, String, Arc<Subscription>)> {
    let id = subscription_id(context, arn)?;
    let (scope, subscription) = service.topics.subscription(id).ok_or_else(no_such_subscription)?;
    owned(context, &scope, &subscription)?;
    Ok((scope, id.to_owned(), subscription))
}

/// GetSubscriptionAttributes.
pub async fn get(
    service: Arc<SnsService>,
    context: Context,
    input: wire::GetSubscriptionAttributes,
) -> AwsResult<wire::GetSubscriptionAttributesResponse> {
    let (scope, id, subscription) = find(&service, &context, &input.subscription_arn)?;
    let reference = Reference { scope, name: subscription.topic.clone() };
    let topic = service.topics.find(&reference);
    let delivery = topic.as_ref().and_then(|topic| topic.settings.delivery.as_ref());
    let told = subscription_attributes::told(&reference, &id, &subscription, delivery);
    Ok(wire::GetSubscriptionAttributesResponse { attributes: Some(told) })
}

/// SetSubscriptionAttributes. None is an empty one, which takes the attribute away.
pub async fn set(
    service: Arc<SnsService>,
    context: Context,
    input: wire::SetSubscriptionAttributes,
) -> AwsResult<wire::SetSubscriptionAttributesOutput> {
    let (scope, id, subscription) = find(&service, &context, &input.subscription_arn)?;
    let topic = Reference { scope: scope.clone(), name: subscription.topic.clone() };
    let value = input.attribute_value.unwrap_or_default();
    let change = |there: &Subscription| {
        let mut changed = there.clone();
        let is_fifo = topic.is_fifo() && there.endpoint.ends_with(FIFO);
        let place = Place { topic: &topic, owner: &there.owner, protocol: Some(there.protocol), is_fifo };
        subscription_attributes::set(&mut changed.settings, &place, &input.attribute_name, &value)?;
        subscription_attributes::check(&changed.settings)?;
        Ok(Some(changed))
    };
    service.topics.change_subscription(&scope, &id, change).await?;
    Ok(wire::SetSubscriptionAttributesOutput {})
}
