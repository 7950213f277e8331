//! Subscriptions, as they are kept.

use super::endpoint::Protocol;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The name of its topic.
    pub topic: String,
    /// [`super::topic::Topic::id`]
    pub topic_id: String,
    /// The account that subscribed.
    pub owner: String,
    /// Who subscribed.
    pub principal: String,
    /// How it is delivered to.
    pub protocol: Protocol,
    /// Whom for.
    pub endpoint: String,
    /// Its attributes.
    pub settings: Settings,
    /// How far it is.
    pub state: State,
    /// What confirms it; none where nobody needs to.
    #[serde(default)]
    pub token: Option<String>,
    /// When it came into its state, in milliseconds since 1970.
    pub since: i64,
}

/// How far a subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It waits for its confirmation.
    Pending,
    /// It is confirmed.
    Confirmed {
        /// Whether the confirmation was signed.
        signed: bool,
        /// Whether only who signs may end it.
        guarded: bool,
    },
    /// It was ended by somebody else than its owners, and its endpoint may still restore it.
    Ended,
    /// Its topic is gone.
    Orphaned,
}

/// The attributes that are set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// `RawMessageDelivery`
    #[serde(default)]
    pub raw: bool,
    /// `FilterPolicy`
    #[serde(default)]
    pub filter: Option<String>,
    /// `FilterPolicyScope` is `MessageBody`.
    #[serde(default)]
    pub by_body: bool,
    /// `DeliveryPolicy`
    #[serde(default)]
    pub delivery: Option<Map<String, Value>>,
    /// `RedrivePolicy`
    #[serde(default)]
    pub redrive: Option<String>,
    /// The dead-letter queue in it.
    #[serde(default)]
    pub dead_letters: Option<String>,
}

impl Subscription {
    /// Whether it is delivered to.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.state, State::Confirmed { .. })
    }

    /// Whether it is in lists.
    pub fn is_listed(&self) -> bool {
        matches!(self.state, State::Confirmed { .. } | State::Pending)
    }
}
