//! Subscriptions are confirmed, and end.

use super::subscribe::{tell, token};
use crate::SnsService;
use crate::delivery::wake;
use crate::error::{denied, invalid, no_such_topic};
use crate::model::name::{Reference, subscription_id};
use crate::model::publication::Kind;
use crate::model::subscription::{State, Subscription};
use crate::model::topic::Topic;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// ConfirmSubscription.
pub async fn confirm(
    service: Arc<SnsService>,
    context: Context,
    input: wire::ConfirmSubscription,
) -> AwsResult<wire::ConfirmSubscriptionResponse> {
    let guarded = input.authenticate_on_unsubscribe.is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let region = context.region.to_string();
    by_token(&service, &input.topic_arn, &input.token, Some(&region), State::Confirmed { signed: true, guarded }).await
}

/// Confirms the subscription of a token. The topic beside it must be one of the region, which one does not matter, and the token is
/// good for more than once (recorded: `test_subscribe_external_http_endpoint`).
///
/// # Errors
/// When one of them is none.
pub async fn by_token(
    service: &SnsService,
    topic_arn: &str,
    token: &str,
    region: Option<&str>,
    confirmed: State,
) -> AwsResult<wire::ConfirmSubscriptionResponse> {
    let topic = Reference::read(topic_arn).ok_or_else(|| invalid("Topic"))?;
    let is_here = |other: &str| *topic.scope.region == *other;
    if !region.is_none_or(is_here) {
        return Err(invalid("Topic"));
    }
    let (scope, id) = service.topics.by_token(token).ok_or_else(|| invalid("Token"))?;
    if !is_here(&scope.region) {
        return Err(invalid("Topic"));
    }
    let mut name = String::new();
    let now = service.now();
    let change = |there: &Subscription| {
        name.clone_from(&there.topic);
        match there.state {
            State::Confirmed { .. } => Ok(Some(there.clone())),
            State::Pending | State::Ended => Ok(Some(Subscription { state: confirmed, since: now, ..there.clone() })),
            State::Orphaned => Err(no_such_topic()),
        }
    };
    service.topics.change_subscription(&scope, &id, change).await?;
    let arn = Reference { scope, name }.subscription(&id);
    Ok(wire::ConfirmSubscriptionResponse { subscription_arn: Some(arn) })
}

/// Unsubscribe, by the owner of the subscription or of the topic. What is not there is gone (recorded: `test_unsubscribe_idempotency`,
/// `test_unsubscribe_from_non_existing_subscription`).
pub async fn unsubscribe(
    service: Arc<SnsService>,
    context: Context,
    input: wire::Unsubscribe,
) -> AwsResult<wire::UnsubscribeOutput> {
    let id = subscription_id(&context, &input.subscription_arn)?;
    let Some((scope, subscription)) = service.topics.subscription(id) else { return Ok(wire::UnsubscribeOutput {}) };
    owned(&context, &scope, &subscription)?;
    end(&service, &scope, id, &subscription, false).await?;
    Ok(wire::UnsubscribeOutput {})
}

/// Refuses who owns neither the subscription nor its topic.
///
/// # Errors
/// The denial.
pub fn owned(context: &Context, scope: &Scope, subscription: &Subscription) -> AwsResult<()> {
    if *subscription.owner == *context.account || scope.account == context.account {
        return Ok(());
    }
    Err(denied(format!("User: {} is not the owner of the subscription or of its topic", context.principal.arn())))
}

/// Ends a subscription; where somebody else than an owner does, its server is told, and can restore it (recorded:
/// `test_subscribe_external_http_endpoint`).
///
/// # Errors
/// When the store fails.
pub async fn end(
    service: &Arc<SnsService>,
    scope: &Scope,
    id: &str,
    subscription: &Subscription,
    by_stranger: bool,
) -> AwsResult<()> {
    let reference = Reference { scope: scope.clone(), name: subscription.topic.clone() };
    let topic = service.topics.find(&reference).filter(|topic| topic.id == subscription.topic_id);
    if let (true, true, Some(topic)) = (by_stranger, subscription.protocol.is_http(), &topic) {
        let (token, now) = (token()?, service.now());
        let ended = |there: &Subscription| {
            let state = State::Ended;
            Ok(Some(Subscription { state, token: Some(token.clone()), since: now, ..there.clone() }))
        };
        service.topics.change_subscription(scope, id, ended).await?;
        tell(service, &reference, topic, id, Kind::Farewell { token }).await?;
    } else {
        service.topics.change_subscription(scope, id, |_| Ok(None)).await.or_else(|error| match error.status {
            // Somebody else was faster.
            404 => Ok(()),
            _ => Err(error),
        })?;
        // What was still to be delivered to it is not.
        wake(service, id);
    }
    if topic.is_some() {
        let count = |topic: &mut Topic| {
            topic.deleted += 1;
            Ok(())
        };
        service.topics.change(&reference, count).await.map(drop).or_else(|error| match error.status {
            404 => Ok(()),
            _ => Err(error),
        })?;
    }
    Ok(())
}
