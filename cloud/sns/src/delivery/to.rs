//! Whom something is delivered to, and what it comes to.

use crate::SnsService;
use crate::model::delivery_policy::{Effective, MANAGED, Retries};
use crate::model::name::Reference;
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;
use slam_cloud_core::{AwsError, Context};
use slam_cloud_kit::delivery::is_transient;
use std::sync::Arc;
use std::time::Duration;

/// Whom the policies of queues and functions must let in.
pub const PRINCIPAL: &str = "sns.amazonaws.com";
/// Why a subscriber has not taken a message.
#[derive(Debug)]
pub struct Failure {
    /// What it is told to whoever reads the logs.
    pub error: AwsError,
    /// Whether it may take it later.
    pub is_transient: bool,
}

/// Who refuses is not asked again (Developer Guide, "Amazon SNS dead-letter queues": client-side errors).
impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Self { is_transient: is_transient(&error), error }
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
        let settings = service.topics.find(&topic).filter(|topic| topic.id == subscription.topic_id);
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
        let mut context = Context::of_service(Arc::clone(&self.topic.scope.account), region, PRINCIPAL);
        context.source_arn = Some(self.topic.arn().into());
        context.trace = publication.trace.as_deref().map(Into::into);
        context
    }

    /// The pauses before it is tried again.
    pub fn retries(&self) -> Retries {
        if self.is_server() { self.policy.retries() } else { MANAGED }
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
