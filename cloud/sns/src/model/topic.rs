//! Topics, as they are kept.

use super::policy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slam_cloud_kit::tags::Tags;
use std::collections::BTreeMap;

/// What `MaximumMessageSize` is where it is not set, and what only some subscriptions take more than (API reference, CreateTopic).
pub const LARGE: i64 = 262_144;

/// A topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// What its subscriptions are known by: no other topic has ever had it, of the same name neither.
    pub id: String,
    /// Its attributes.
    pub settings: Settings,
    /// Its own policy; none for the one that each topic has at first.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// `SubscriptionsDeleted`
    #[serde(default)]
    pub deleted: i64,
}

/// The attributes that are set, but for the policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// `DisplayName`
    #[serde(default)]
    pub display_name: String,
    /// `DeliveryPolicy`
    #[serde(default)]
    pub delivery: Option<Map<String, Value>>,
    /// `MaximumMessageSize`, in bytes.
    #[serde(default)]
    pub largest: Option<i64>,
    /// `SignatureVersion`, where it was set.
    #[serde(default)]
    pub signature: Option<u8>,
    /// `TracingConfig`, where it was set.
    #[serde(default)]
    pub tracing: Option<String>,
    /// `HTTPSuccessFeedbackRoleArn` and the like, by their names.
    #[serde(default)]
    pub feedback: BTreeMap<String, String>,
    /// What FIFO topics have beside that.
    #[serde(default)]
    pub fifo: Option<Fifo>,
}

/// The attributes of FIFO topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// `ContentBasedDeduplication`
    pub by_content: bool,
    /// `FifoThroughputScope`, where it was set: whether it is `MessageGroup`.
    #[serde(default)]
    pub by_group: Option<bool>,
}

impl Topic {
    /// Whether it is a FIFO topic.
    pub fn is_fifo(&self) -> bool {
        self.settings.fifo.is_some()
    }

    /// The policy that decides who may use it.
    pub fn policy(&self, arn: &str, account: &str) -> String {
        self.policy.clone().unwrap_or_else(|| policy::default(arn, account))
    }

    /// The largest message with its attributes, in bytes.
    pub fn largest(&self) -> i64 {
        self.settings.largest.unwrap_or(LARGE)
    }
}
