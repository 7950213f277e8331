//! What is kept of a message until everybody has it.

use super::attribute::Attributes;
use super::endpoint::Protocol;
use super::name::Reference;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slam_cloud_core::Timestamp;
use slam_cloud_core::collection::Scope;
use slam_cloud_kit::sequence;
use std::borrow::Cow;

/// A message, or what a subscription is told of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// `MessageId`
    pub id: String,
    /// Its topic's account, region and name.
    pub topic: (String, String, String),
    /// What it is.
    pub kind: Kind,
    /// Its text, or a JSON object of texts by protocol.
    pub text: String,
    /// Whether it is that.
    #[serde(default)]
    pub structured: bool,
    /// Its subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// Its attributes.
    #[serde(default)]
    pub attributes: Attributes,
    /// When it was published, in milliseconds since 1970.
    pub sent: i64,
    /// How it is signed; none of a FIFO topic is (recorded: `test_message_to_fifo_sqs`).
    #[serde(default)]
    pub signature: Option<u8>,
    /// Its group.
    #[serde(default)]
    pub group: Option<String>,
    /// By what it is known again.
    #[serde(default)]
    pub deduplication: Option<String>,
    /// Its number in a FIFO topic.
    #[serde(default)]
    pub number: Option<i64>,
    /// The trace that it belongs to.
    #[serde(default)]
    pub trace: Option<String>,
}

/// What a publication is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A message.
    Notification,
    /// A new subscription is to be confirmed.
    Confirmation {
        /// By this.
        token: String,
    },
    /// A subscription was ended, and can be restored.
    Farewell {
        /// By this.
        token: String,
    },
}

impl Kind {
    /// Its `Type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::Confirmation { .. } => "SubscriptionConfirmation",
            Self::Farewell { .. } => "UnsubscribeConfirmation",
        }
    }

    /// The token in it.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Notification => None,
            Self::Confirmation { token } | Self::Farewell { token } => Some(token),
        }
    }
}

impl Publication {
    /// Its topic.
    pub fn topic(&self) -> Reference {
        let (account, region, name) = &self.topic;
        Reference {
            scope: Scope { account: account.as_str().into(), region: region.as_str().into() },
            name: name.clone(),
        }
    }

    /// Its text for a protocol (recorded: `test_message_structure_json_to_sqs`).
    pub fn text_for(&self, protocol: Protocol) -> Cow<'_, str> {
        if !self.structured {
            return Cow::Borrowed(&self.text);
        }
        let texts: Map<String, Value> = serde_json::from_str(&self.text).unwrap_or_default();
        let text = |name: &str| texts.get(name).and_then(Value::as_str);
        Cow::Owned(text(protocol.name()).or_else(|| text("default")).unwrap_or_default().to_owned())
    }

    /// `Timestamp`: with milliseconds.
    pub fn timestamp(&self) -> String {
        let moment = Timestamp::from_millisecond(self.sent).unwrap_or(Timestamp::UNIX_EPOCH);
        format!("{moment:.3}")
    }

    /// `SequenceNumber`
    pub fn sequence_number(&self) -> Option<String> {
        self.number.map(sequence::told)
    }
}
