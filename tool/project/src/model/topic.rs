//! SNS topics.

use super::{Failures, Reference};
use serde_json::Value;

/// A topic, made once per stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its name, without the stage.
    pub name: String,
    /// Whether messages of a group are delivered once and in order, to queues.
    pub fifo: bool,
    /// Whether messages of one body are one message, in a FIFO topic.
    pub content_deduplication: bool,
}

impl Topic {
    /// The name that the topic has in a stage.
    #[must_use]
    pub fn name_in(&self, stage: &str) -> String {
        format!("{stage}-{}{}", self.name, if self.fifo { ".fifo" } else { "" })
    }
}

/// A subscription of a function or a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicTrigger {
    /// The topic.
    pub topic: Reference,
    /// Which messages are delivered; `None`: all.
    pub filter: Option<Value>,
    /// Whether the filter is about the body, and not about attributes.
    pub by_body: bool,
    /// Whether a queue gets the message alone, without SNS's envelope.
    pub raw: bool,
    /// Where messages go that could not be delivered.
    pub failures: Option<Failures>,
}
