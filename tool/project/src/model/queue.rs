//! SQS queues.

use super::TopicTrigger;

/// The longest that a message may be hidden or delayed, and kept, in seconds.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
pub const MAX_VISIBILITY: u32 = 43_200;

/// A queue, made once per stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Its name, without the stage.
    pub name: String,
    /// Whether messages of a group are delivered once and in order.
    pub fifo: bool,
    /// How often a message is tried again before it goes to the dead-letter queue; `None`: there is none.
    pub retries: Option<u32>,
    /// For how many seconds new messages are held back.
    pub delay: Option<u32>,
    /// For how many seconds a message that was received is hidden, as slam.yaml says; see
    /// [`Project::visibility`](crate::Project::visibility).
    pub visibility: Option<u32>,
    /// For how many seconds messages are kept.
    pub keep: Option<u32>,
    /// Whether messages of one body are one message, in a FIFO queue.
    pub content_deduplication: bool,
    /// Whether throughput is counted by group, in a FIFO queue.
    pub high_throughput: bool,
    /// The topics whose messages it gets.
    pub topics: Vec<TopicTrigger>,
}

impl Queue {
    /// The name that the queue has in a stage.
    #[must_use]
    pub fn name_in(&self, stage: &str) -> String {
        format!("{stage}-{}{}", self.name, self.end())
    }

    /// The name of its dead-letter queue in a stage. That of a FIFO queue is one, too.
    #[must_use]
    pub fn dead_name_in(&self, stage: &str) -> String {
        format!("{stage}-{}-dead{}", self.name, self.end())
    }

    fn end(&self) -> &'static str {
        if self.fifo { ".fifo" } else { "" }
    }
}
