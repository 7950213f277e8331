//! Topics and subscriptions in pages.

use crate::SnsService;
use crate::error::invalid_because;
use crate::model::name::Reference;
use crate::model::subscription::{State, Subscription};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// The most of a page (API reference, ListTopics, ListSubscriptions).
const PAGE: usize = 100;

/// A page of what is sorted by its key, and the token of the next.
fn page<T>(items: impl IntoIterator<Item = (String, T)>, token: Option<&str>) -> AwsResult<(Vec<T>, Option<String>)> {
    let wrong = || invalid_because("NextToken", "The token is not valid");
    let token = token.filter(|token| !token.is_empty());
    let after = token.map(|token| paging::key_of(token).ok_or_else(wrong)).transpose()?;
    let page = paging::by_key(items, after.as_deref(), PAGE);
    Ok((page.items, page.next.as_deref().map(paging::token)))
}

fn told(topic: &Reference, id: &str, it: &Subscription) -> wire::Subscription {
    // Recorded: `test_sns_topic_update_attributes` of CloudFormation's.
    let arn = if it.state == State::Pending { "PendingConfirmation".to_owned() } else { topic.subscription(id) };
    wire::Subscription {
        subscription_arn: Some(arn),
        owner: Some(it.owner.clone()),
        protocol: Some(it.protocol.name().to_owned()),
        endpoint: Some(it.endpoint.clone()),
        topic_arn: Some(topic.arn()),
    }
}

/// ListTopics.
pub async fn topics(
    service: Arc<SnsService>,
    context: Context,
    input: wire::ListTopics,
) -> AwsResult<wire::ListTopicsResponse> {
    let names = service.topics.list(&Scope::regional(&context)).into_iter().map(|(name, _)| (name.clone(), name));
    let (names, next_token) = page(names, input.next_token.as_deref())?;
    let topics = names.into_iter().map(|name| wire::Topic { topic_arn: Some(Reference::here(&context, name).arn()) });
    Ok(wire::ListTopicsResponse { topics: Some(topics.collect()), next_token })
}

/// ListSubscriptions: those of the caller's account, whosever the topic.
pub async fn subscriptions(
    service: Arc<SnsService>,
    context: Context,
    input: wire::ListSubscriptions,
) -> AwsResult<wire::ListSubscriptionsResponse> {
    let mut owned: Vec<_> =
        service.topics.owned(&Scope::regional(&context)).into_iter().map(|(scope, id, it)| (id, (scope, it))).collect();
    owned.sort_by(|(one, _), (other, _)| one.cmp(other));
    let owned = owned.into_iter().map(|(id, (scope, it))| {
        let topic = Reference { scope, name: it.topic.clone() };
        let told = told(&topic, &id, &it);
        (id, told)
    });
    let (subscriptions, next_token) = page(owned, input.next_token.as_deref())?;
    Ok(wire::ListSubscriptionsResponse { subscriptions: Some(subscriptions), next_token })
}

/// ListSubscriptionsByTopic (recorded: `test_getting_subscriptions_by_topic`).
pub async fn subscriptions_by_topic(
    service: Arc<SnsService>,
    context: Context,
    input: wire::ListSubscriptionsByTopic,
) -> AwsResult<wire::ListSubscriptionsByTopicResponse> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let topic = service.topics.get(&reference)?;
    let all = service.topics.subscribers(&reference, &topic);
    let all = all.iter().map(|it| (it.id.clone(), told(&it.topic, &it.id, &it.subscription)));
    let (subscriptions, next_token) = page(all, input.next_token.as_deref())?;
    Ok(wire::ListSubscriptionsByTopicResponse { subscriptions: Some(subscriptions), next_token })
}
