//! One delivery: to the subscriber, or to its dead-letter queue.

use super::{feedback, function, queue, server};
use crate::SnsService;
use crate::model::delivery_policy::{Effective, MANAGED};
use crate::model::endpoint::Protocol;
use crate::model::envelope::{Envelope, Sender};
use crate::model::name::Reference;
use crate::model::publication::{Kind, Publication};
use crate::model::subscription::{State, Subscription};
use crate::model::topic::Topic;
use crate::publications::Delivery;
use slam_cloud_core::{AwsError, AwsResult, Context, Principal};
use std::sync::Arc;
use std::time::Duration;

/// Whom the policies of queues and functions must let in.
pub const PRINCIPAL: &str = "sns.amazonaws.com";
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

/// Why a subscriber has not taken a message.
#[derive(Debug)]
pub struct Failure {
    /// What it is told to whoever reads the logs.
    pub error: AwsError,
    /// Whether it may take it later.
    pub is_transient: bool,
}

/// Whether the same may go well later: who refuses is not asked again (Developer Guide, "Amazon SNS dead-letter queues": client-side
/// errors).
impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        let is_transient =
            (error.status >= 500 && error.status != 501) || error.status == 429 || error.code.contains("Throttl");
        Self { error, is_transient }
    }
}

/// Whom something is delivered to.
pub struct To {
    /// The ARN of the subscription.
    pub arn: String,
    /// It.
    pub subscription: Arc<Subscription>,
    /// Its topic.
    pub topic: Reference,
    /// The topic as it is, if it is still there.
    pub settings: Option<Arc<Topic>>,
    policy: Effective,
}

impl To {
    /// A subscription by its id.
    pub fn find(service: &SnsService, id: &str) -> Option<Self> {
        let (scope, subscription) = service.topics.subscription(id)?;
        let topic = Reference { scope, name: subscription.topic.clone() };
        let settings = service.topics.find(&topic);
        let of_topic = settings.as_ref().and_then(|topic| topic.settings.delivery.as_ref());
        let policy = Effective::of(of_topic, subscription.settings.delivery.as_ref());
        Some(Self { arn: topic.subscription(id), subscription, topic, settings, policy })
    }

    /// Whether it is a server.
    pub fn is_server(&self) -> bool {
        self.subscription.protocol.is_http()
    }

    /// `headerContentType`
    pub fn content_type(&self) -> &str {
        self.policy.content_type()
    }

    /// How long is waited after so many deliveries, where a server wants only so many in a second.
    pub fn pace(&self, count: usize) -> Option<Duration> {
        let rate = self.policy.throttle().filter(|_| self.is_server())?;
        Some(Duration::from_secs_f64(count as f64 / rate as f64))
    }

    /// The context in which SNS delivers to the region of an ARN, for the topic.
    pub fn context(&self, region: &str, publication: &Publication) -> Context {
        let principal = Principal::Service { name: PRINCIPAL.to_owned() };
        let mut context = Context::new(Arc::clone(&self.topic.scope.account), region, principal);
        context.source_arn = Some(self.topic.arn().into());
        context.trace = publication.trace.as_deref().map(Into::into);
        context
    }

    /// Delivers once.
    pub async fn attempt(&self, service: &SnsService, publication: &Publication, delivery: &Delivery) -> Made {
        let is_wanted = match publication.kind {
            Kind::Notification => self.subscription.is_confirmed(),
            Kind::Confirmation { .. } => self.subscription.state == State::Pending,
            Kind::Farewell { .. } => self.subscription.state == State::Ended,
        };
        if !is_wanted {
            return Made::Over;
        }
        if delivery.given_up {
            return self.bury(service, publication, delivery).await;
        }
        let begun = service.now();
        let result = self.send(service, publication).await;
        feedback::tell(service, self, publication, begun, &result).await;
        let Err(failure) = result else { return Made::Over };
        let retries = if self.is_server() { self.policy.retries() } else { MANAGED };
        match retries.pause(delivery.retries).filter(|_| failure.is_transient) {
            Some(pause) => Made::Again(pause),
            None => {
                let (subscription, error) = (&self.arn, &failure.error);
                tracing::warn!(%subscription, message = publication.id, %error, "a delivery is given up");
                let has_queue = self.subscription.settings.dead_letters.is_some();
                if has_queue && publication.kind == Kind::Notification { Made::GivenUp } else { Made::Over }
            }
        }
    }

    async fn send(&self, service: &SnsService, publication: &Publication) -> Result<Answer, Failure> {
        let (protocol, is_raw) = (self.subscription.protocol, self.subscription.settings.raw);
        let is_raw = is_raw && publication.kind == Kind::Notification && protocol != Protocol::Lambda;
        let letter = self.letter(service, publication, is_raw).await?;
        match protocol {
            Protocol::Sqs => queue::send(service, self, &self.subscription.endpoint, publication, letter).await,
            Protocol::Lambda => function::invoke(service, self, publication, letter).await,
            Protocol::Http | Protocol::Https => {
                server::post(&service.deliveries.outside, self, publication, letter).await
            }
        }
    }

    /// What the subscriber is sent.
    async fn letter(&self, service: &SnsService, publication: &Publication, is_raw: bool) -> AwsResult<Letter> {
        let protocol = self.subscription.protocol;
        if is_raw {
            let body = publication.text_for(protocol).into_owned();
            return Ok(Letter { body, is_raw });
        }
        let certificate = match publication.signature {
            Some(_) => Some(service.signing.certificate_url().await?),
            None => None,
        };
        let endpoint = service.cloud.settings().endpoint();
        let sender = Sender { endpoint: &endpoint, certificate: certificate.as_deref(), subscription: &self.arn };
        let envelope = Envelope::new(publication, protocol, &sender);
        let signature = match publication.signature {
            Some(version) => Some(service.signing.sign(version, envelope.signed()).await?),
            None => None,
        };
        let body = match protocol {
            Protocol::Lambda => envelope.event(&self.arn, signature.as_deref()),
            _ => envelope.json(signature.as_deref()),
        };
        Ok(Letter { body, is_raw })
    }

    /// Sends to the dead-letter queue what the subscriber would have got (recorded: `test_redrive_policy_sqs_queue_subscription`).
    async fn bury(&self, service: &SnsService, publication: &Publication, delivery: &Delivery) -> Made {
        let Some(dead_letters) = &self.subscription.settings.dead_letters else { return Made::Over };
        let is_raw = self.subscription.settings.raw && self.subscription.protocol != Protocol::Lambda;
        let sent = async {
            let letter = self.letter(service, publication, is_raw).await?;
            queue::send(service, self, dead_letters, publication, letter).await
        };
        match sent.await {
            Ok(_) => Made::Over,
            Err(failure) if failure.is_transient && delivery.retries < DEAD_LETTERS.0 => Made::Again(DEAD_LETTERS.1),
            Err(failure) => {
                let (subscription, error) = (&self.arn, &failure.error);
                tracing::warn!(%subscription, message = publication.id, %error, "a dead letter is not taken");
                Made::Over
            }
        }
    }
}

/// What a subscriber is sent.
pub struct Letter {
    /// Its body.
    pub body: String,
    /// Whether it is the message alone.
    pub is_raw: bool,
}

/// What a subscriber answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What the log of deliveries says of it, in JSON.
    pub told: String,
}
