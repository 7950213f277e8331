//! What Lambda itself reads for a function: queues, and streams of tables.

use super::super::duration;
use super::{Reader, pattern, reference};
use crate::model::{Batching, QueueTrigger, Reference, Start, TableTrigger, Trigger};
use crate::yaml::Node;

/// Lambda's bounds. <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
const MAX_WINDOW: u32 = 300;
const MAX_BATCH_WITHOUT_WINDOW: u32 = 10;
const MAX_AGE: u32 = 604_800;

impl Reader<'_, '_> {
    pub(super) fn queue(&mut self) -> Option<Trigger> {
        let batching = self.batching();
        let concurrency = self.number("concurrency");
        let node = self.entry.get("queue")?;
        let queue = reference::read(self.reading, node, reference::QUEUE)?;
        self.check_queue(&queue, &batching);
        if matches!(queue, Reference::Arn(_)) {
            self.check_shared(node, "queue", "messages");
        }
        Some(Trigger::Queue(QueueTrigger { queue, batching, concurrency }))
    }

    pub(super) fn table(&mut self) -> Option<Trigger> {
        let batching = self.batching();
        let start = if self.text("start").as_deref() == Some("latest") { Start::Latest } else { Start::Oldest };
        let age = duration::of(self.reading, self.entry, "age", 60..=MAX_AGE);
        let failures = reference::stream_failures(self.reading, self.entry);
        let table = reference::read(self.reading, self.entry.get("table")?, reference::TABLE)?;
        Some(Trigger::Table(TableTrigger {
            table,
            batching,
            start,
            bisect: self.flag("bisect"),
            parallel: self.number("parallel"),
            retries: self.number("retries"),
            age,
            failures,
        }))
    }

    fn batching(&mut self) -> Batching {
        Batching {
            batch: self.number("batch"),
            window: duration::of(self.reading, self.entry, "window", 0..=MAX_WINDOW),
            filters: pattern::filters(self.reading, self.entry),
            partial: self.flag("partial"),
        }
    }

    /// What Lambda refuses of a queue.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    fn check_queue(&mut self, queue: &Reference, batching: &Batching) {
        let fifo = reference::is_fifo(self.reading, queue, "queues");
        let at = |key: &str| self.entry.get(key);
        let many = batching.batch.filter(|batch| *batch > MAX_BATCH_WITHOUT_WINDOW);
        if let Some(node) = at("window").filter(|_| fifo) {
            self.reading
                .error(node, "messages of a FIFO queue do not wait for a batch to fill")
                .hints
                .push("remove `window`".to_owned());
        } else if let (Some(node), Some(_)) = (at("batch"), many.filter(|_| fifo)) {
            self.reading.error(node, format!("a FIFO queue gives at most {MAX_BATCH_WITHOUT_WINDOW} messages at once"));
        } else if let (Some(node), Some(batch)) = (at("batch"), many)
            && batching.window.unwrap_or(0) == 0
        {
            self.reading
                .error(
                    node,
                    format!("{batch} messages do not come at once: Lambda must be told how long to wait for them"),
                )
                .hints
                .push("add a `window` of `1s` or more".to_owned());
        }
    }

    /// A message that one stage took is gone for the others.
    fn check_shared(&mut self, node: &Node, what: &str, things: &str) {
        let all = super::super::stage_names::names(self.reading);
        let stages = if self.stages.is_empty() { all } else { self.stages.clone() };
        if let [first, _, ..] = &stages[..] {
            self.reading
                .error(
                    node,
                    format!("{} would take each other's {things}: they share this {what}", stages.join(" and ")),
                )
                .hints
                .push(format!("say which stage takes them: `stages: [{first}]`"));
        }
    }
}
