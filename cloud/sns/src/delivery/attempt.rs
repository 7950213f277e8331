//! One delivery: to the subscriber, or to its dead-letter queue.

use super::to::{Answer, Failure, Letter, To};
use super::{feedback, function, queue, server, watch};
use crate::SnsService;
use crate::model::endpoint::Protocol;
use crate::model::envelope::{Envelope, Sender};
use crate::model::publication::{Kind, Publication};
use crate::model::subscription::State;
use crate::publications::Delivery;
use slam_cloud_core::{AwsError, AwsResult};
use std::time::Duration;

/// How often, and after what pause, a dead-letter queue is tried again that is not there for a moment.
const DEAD_LETTERS: (i64, Duration) = (50, Duration::from_secs(20));

/// What became of an attempt.
pub enum Made {
    /// Nothing is left to do.
    Over,
    /// It is tried again after a pause.
    Again(Duration),
    /// It goes to the dead-letter queue.
    GivenUp,
}

/// Delivers once.
pub async fn attempt(service: &SnsService, to: &To, publication: &Publication, delivery: &Delivery) -> Made {
    let is_wanted = match publication.kind {
        Kind::Notification => to.subscription.is_confirmed(),
        Kind::Confirmation { .. } => to.subscription.state == State::Pending,
        Kind::Farewell { .. } => to.subscription.state == State::Ended,
    };
    if !is_wanted {
        return Made::Over;
    }
    if delivery.given_up {
        return bury(service, to, publication, delivery).await;
    }
    let begun = service.now();
    let result = send(service, to, publication).await;
    feedback::tell(service, to, publication, begun, &result).await;
    let failure = result.err();
    let pause = failure.as_ref().filter(|failure| failure.is_transient);
    let pause = pause.and_then(|_| to.retries().pause(delivery.retries));
    watch::tell(service, to, publication, &to.subscription.endpoint, failure.as_ref(), pause.is_some());
    let Some(failure) = failure else { return Made::Over };
    match pause {
        Some(pause) => Made::Again(pause),
        None => {
            let (subscription, error) = (&to.arn, &failure.error);
            tracing::warn!(%subscription, message = publication.id, %error, "a delivery is given up");
            let has_queue = to.subscription.settings.dead_letters.is_some();
            if has_queue && publication.kind == Kind::Notification { Made::GivenUp } else { Made::Over }
        }
    }
}

async fn send(service: &SnsService, to: &To, publication: &Publication) -> Result<Answer, Failure> {
    let (protocol, is_raw) = (to.subscription.protocol, to.subscription.settings.raw);
    let is_raw = is_raw && publication.kind == Kind::Notification && protocol != Protocol::Lambda;
    let letter = letter(service, to, publication, is_raw).await?;
    match protocol {
        Protocol::Sqs => queue::send(service, to, &to.subscription.endpoint, publication, letter).await,
        Protocol::Lambda => function::invoke(service, to, publication, letter).await,
        Protocol::Http | Protocol::Https => server::post(&service.deliveries.outside, to, publication, letter).await,
        Protocol::Email | Protocol::EmailJson => {
            Err(out_of_reach("the embedded cloud sends no mail, so that nobody can confirm this subscription"))
        }
        Protocol::Sms => Err(out_of_reach(
            "the account is in the SMS sandbox, where only verified phone numbers get messages, and none is verified",
        )),
    }
}

/// Nothing reaches a mailbox or a phone, and trying again changes nothing.
fn out_of_reach(why: &str) -> Failure {
    AwsError::bad_request("EndpointUnreachable", why).into()
}

/// What the subscriber is sent.
async fn letter(service: &SnsService, to: &To, publication: &Publication, is_raw: bool) -> AwsResult<Letter> {
    let protocol = to.subscription.protocol;
    if is_raw {
        let body = publication.text_for(protocol).into_owned();
        return Ok(Letter { body, is_raw });
    }
    let certificate = match publication.signature {
        Some(_) => Some(service.signing.certificate_url().await?),
        None => None,
    };
    let endpoint = service.cloud.settings().endpoint();
    let sender = Sender { endpoint: &endpoint, certificate: certificate.as_deref(), subscription: &to.arn };
    let envelope = Envelope::new(publication, protocol, &sender);
    let signature = match publication.signature {
        Some(version) => Some(service.signing.sign(version, envelope.signed()).await?),
        None => None,
    };
    let body = match protocol {
        Protocol::Lambda => envelope.event(&to.arn, signature.as_deref()),
        _ => envelope.json(signature.as_deref()),
    };
    Ok(Letter { body, is_raw })
}

/// Sends to the dead-letter queue what the subscriber would have got (recorded: `test_redrive_policy_sqs_queue_subscription`).
async fn bury(service: &SnsService, to: &To, publication: &Publication, delivery: &Delivery) -> Made {
    let Some(dead_letters) = &to.subscription.settings.dead_letters else { return Made::Over };
    let is_raw = to.subscription.settings.raw && to.subscription.protocol != Protocol::Lambda;
    let sent = async {
        let letter = letter(service, to, publication, is_raw).await?;
        queue::send(service, to, dead_letters, publication, letter).await
    };
    let failure: Option<Failure> = sent.await.err();
    let is_again = failure.as_ref().is_some_and(|it| it.is_transient) && delivery.retries < DEAD_LETTERS.0;
    watch::tell(service, to, publication, dead_letters, failure.as_ref(), is_again);
    let Some(failure) = failure else { return Made::Over };
    if is_again {
        return Made::Again(DEAD_LETTERS.1);
    }
    let (subscription, error) = (&to.arn, &failure.error);
    tracing::warn!(%subscription, message = publication.id, %error, "a dead letter is not taken");
    Made::Over
}
