//! What calls a function, beside requests: event sources.

use indexmap::IndexMap;
use serde_json::Value;

/// An event source of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSource {
    /// What it is.
    pub trigger: Trigger,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The stages that have it; empty: all.
    pub stages: Vec<String>,
}

impl EventSource {
    /// Whether a stage has it.
    #[must_use]
    pub fn is_in(&self, stage: &str) -> bool {
        self.stages.is_empty() || self.stages.iter().any(|name| name == stage)
    }
}

/// What an event source is.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Messages of a queue.
    Queue(QueueTrigger),
    /// Changes of a table's items.
    Table(TableTrigger),
    /// Times.
    Schedule(ScheduleTrigger),
    /// Messages of a topic.
    Topic(TopicTrigger),
    /// What happens to a bucket's objects.
    Bucket(BucketTrigger),
    /// Events of EventBridge.
    Event(EventTrigger),
}

/// A resource of the project, or another one.
#[derive(Clone, Debug, PartialEq)]
pub enum Reference {
    /// One of the project's, by its name in slam.yaml.
    Own(String),
    /// Any, by an ARN or a CloudFormation function that gives one.
    Arn(Value),
}

impl Reference {
    /// Whether it is the project's resource of this name.
    #[must_use]
    pub fn is_own(&self, name: &str) -> bool {
        matches!(self, Self::Own(own) if own == name)
    }
}

/// What becomes of events that could not be delivered.
#[derive(Clone, Debug, PartialEq)]
pub enum Failures {
    /// They go to a queue.
    Queue(Reference),
    /// They are published to a topic.
    Topic(Reference),
    /// They become objects of a bucket.
    Bucket(Reference),
}

/// How records are taken together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batching {
    /// The most records of an event.
    pub batch: Option<u32>,
    /// How many seconds a batch may wait for more.
    pub window: Option<u32>,
    /// What is passed on: whatever one of these patterns of EventBridge's language matches. Empty: everything.
    pub filters: Vec<Value>,
    /// Whether the function reports the records that failed.
    pub partial: bool,
}

/// Messages of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueTrigger {
    /// The queue.
    pub queue: Reference,
    /// How messages are taken together.
    pub batching: Batching,
    /// The most invocations at once.
    pub concurrency: Option<u32>,
}

/// Changes of a table's items, by its stream.
#[derive(Clone, Debug, PartialEq)]
pub struct TableTrigger {
    /// The table, or a stream.
    pub table: Reference,
    /// How changes are taken together.
    pub batching: Batching,
    /// Where in the stream it begins.
    pub start: Start,
    /// Whether a batch that fails is halved.
    pub bisect: bool,
    /// How many batches of a shard are processed at once.
    pub parallel: Option<u32>,
    /// How often a batch that fails is tried again; `None`: until its records expire.
    pub retries: Option<u32>,
    /// For how many seconds a record is tried.
    pub age: Option<u32>,
    /// Where records go that are given up.
    pub failures: Option<Failures>,
}

/// Where in a stream a mapping begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the oldest change that the stream has.
    Oldest,
    /// At the first change after it was made.
    Latest,
}

/// Times at which a function is called.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleTrigger {
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub expression: String,
    /// The time zone of the expression.
    pub timezone: Option<String>,
    /// The event; `None`: EventBridge Scheduler's own.
    pub input: Option<Value>,
    /// Within how many minutes after its time it may come.
    pub flexible: Option<u32>,
    /// How often a call that fails is tried again.
    pub retries: Option<u32>,
    /// For how many seconds a call is tried.
    pub age: Option<u32>,
    /// Where calls go that are given up.
    pub failures: Option<Failures>,
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

/// What happens to a bucket's objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketTrigger {
    /// The bucket, one of the project's.
    pub bucket: String,
    /// How keys begin.
    pub prefix: Option<String>,
    /// How keys end.
    pub suffix: Option<String>,
    /// What happens, in S3's words: `s3:ObjectCreated:*`.
    pub events: Vec<String>,
}

/// Events of EventBridge.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTrigger {
    /// What events must be like.
    pub pattern: Value,
    /// The bus, by its name or ARN; `None`: the account's own.
    pub bus: Option<Value>,
    /// What the function gets; `None`: the event.
    pub input: Option<EventInput>,
    /// How often a call that fails is tried again.
    pub retries: Option<u32>,
    /// For how many seconds a call is tried.
    pub age: Option<u32>,
    /// Where events go that are given up.
    pub failures: Option<Failures>,
}

/// What a function gets instead of the event.
#[derive(Clone, Debug, PartialEq)]
pub enum EventInput {
    /// This.
    Constant(Value),
    /// A text made of parts of the event.
    Template {
        /// The parts, by the names that stand for them in the text.
        paths: IndexMap<String, String>,
        /// The text, with `<name>` for a part.
        template: String,
    },
}
