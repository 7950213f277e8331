//! SNS topics.

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
