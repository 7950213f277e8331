//! What follows from the event sources of all functions.

use crate::model::{MAX_VISIBILITY, Queue, StreamView, Table, Trigger};
use crate::project::Project;

impl Project {
    /// For how many seconds a message of a queue is hidden once it was received: as slam.yaml says, else six times the
    /// timeout of the function that takes it, and the time that a batch may wait. `None`: SQS's own.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    #[must_use]
    pub fn visibility(&self, queue: &Queue) -> Option<u32> {
        let needed = self.all_functions().flat_map(|function| {
            function.sources.iter().filter_map(|source| match &source.trigger {
                Trigger::Queue(trigger) if trigger.queue.is_own(&queue.name) => {
                    Some(6 * function.timeout + trigger.batching.window.unwrap_or(0))
                }
                _ => None,
            })
        });
        queue.visibility.or_else(|| needed.max()).map(|seconds| seconds.min(MAX_VISIBILITY))
    }

    /// What the stream of a table tells: as slam.yaml says; where a function takes its changes, it has one in any case.
    #[must_use]
    pub fn stream(&self, table: &Table) -> Option<StreamView> {
        let mut sources = self.all_functions().flat_map(|function| &function.sources);
        let taken = sources.any(|source| match &source.trigger {
            Trigger::Table(trigger) => trigger.table.is_own(&table.name),
            _ => false,
        });
        table.stream.or_else(|| taken.then_some(StreamView::NewAndOld))
    }
}
