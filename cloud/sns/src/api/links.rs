//! Confirmations and ends by the links that subscribers get, which have no signature.

use super::confirm::{by_token, end};
use crate::SnsService;
use crate::error::{denied, invalid};
use crate::model::name::Reference;
use crate::model::subscription::State;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// ConfirmSubscription.
///
/// # Errors
/// When the token or the topic is none.
pub async fn confirm(
    service: &SnsService,
    topic_arn: &str,
    token: &str,
) -> AwsResult<wire::ConfirmSubscriptionResponse> {
    by_token(service, topic_arn, token, None, State::Confirmed { signed: false, guarded: false }).await
}

/// Unsubscribe, of what was not confirmed with `AuthenticateOnUnsubscribe`.
///
/// # Errors
/// For what is no subscription, and for one that only its owners may end.
pub async fn unsubscribe(service: &Arc<SnsService>, arn: &str) -> AwsResult<wire::UnsubscribeOutput> {
    let (topic, id) = arn.rsplit_once(':').ok_or_else(|| invalid("SubscriptionArn"))?;
    Reference::read(topic).ok_or_else(|| invalid("SubscriptionArn"))?;
    let Some((scope, subscription)) = service.topics.subscription(id) else { return Ok(wire::UnsubscribeOutput {}) };
    match subscription.state {
        State::Confirmed { guarded: true, .. } if subscription.protocol.is_http() => {
            Err(denied("The subscription was confirmed with AuthenticateOnUnsubscribe; only its owners may end it"))
        }
        State::Confirmed { .. } | State::Pending => {
            end(service, &scope, id, &subscription, true).await?;
            Ok(wire::UnsubscribeOutput {})
        }
        State::Ended | State::Orphaned => Ok(wire::UnsubscribeOutput {}),
    }
}
