//! `on`: what calls functions, and what queues get of topics.

use super::key;
use crate::language::Shape::{Choice, CloudFormation, Flag, Integer, Map, OneOrMany, Section, Text};
use crate::language::{Key, Shape};

const ON: &[Key] = &[
    key(
        "http",
        Text,
        "A path of the project's API, such as `/images`: it and all below it are answered by the function.",
    ),
    key(
        "queue",
        CloudFormation,
        "Messages of a queue: one of `queues`, or another by its ARN, also `!GetAtt` of one in `resources`.",
    ),
    key(
        "table",
        CloudFormation,
        "Changes of a table's items: one of `tables`, or another table's stream by its ARN. The table has a stream then, \
         of new and old items where it does not say.",
    ),
    key(
        "topic",
        CloudFormation,
        "Messages of a topic: one of `topics` that is not `fifo`, or another by its ARN.",
    ),
    key("bucket", CloudFormation, "What happens to the objects of one of `buckets`."),
    key(
        "event",
        CloudFormation,
        "Events of EventBridge, by a pattern of its language: `{source: [shop], detail-type: [OrderPlaced]}`.",
    ),
    key(
        "schedule",
        Text,
        "Times: `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-12-31T23:59:00)`, as EventBridge Scheduler has them.",
    ),
    key(
        "batch",
        Integer { min: 1, max: 10_000 },
        "The most records of one event, of a queue or a table. More than 10 messages of a queue need a `window`.",
    )
    .or("`10` messages, `100` changes"),
    key("window", Text, "How long a batch may wait for more records, up to `5m`. Not of a FIFO queue.")
        .or("`0s`: a batch goes when there is anything"),
    key(
        "filter",
        CloudFormation,
        "Which records the function gets: a pattern of EventBridge's language, such as `{eventName: [REMOVE]}`, or a list of up \
         to five of which one must match. Messages of a queue that none matches are deleted. Of a topic: one filter policy.",
    )
    .or("all"),
    key("concurrency", Integer { min: 2, max: 1000 }, "The most invocations at once for a queue.")
        .or("as many as the function may have"),
    key(
        "partial",
        Flag,
        "Whether the function reports the records that failed, as `{\"batchItemFailures\": […]}`: the others count as done.",
    )
    .or("`false`: a batch fails as a whole"),
    key(
        "start",
        Choice { now: &["oldest", "latest"], later: &[] },
        "Where in a table's stream the function begins: at the oldest change that it has, or at the next one.",
    )
    .or("`oldest`: no change is missed"),
    key("bisect", Flag, "Whether a batch of changes that fails is halved, to find the one that does.").or("`false`"),
    key("parallel", Integer { min: 1, max: 10 }, "How many batches of a table's shard are processed at once; the order of \
         each item's changes stays.")
        .or("`1`"),
    key(
        "retries",
        Integer { min: 0, max: 10_000 },
        "How often what fails is tried again: a batch of changes up to 10,000 times, the call of a schedule or for an event up to 185.",
    )
    .or("of a table until its changes expire, after a day; else `185`"),
    key("age", Text, "For how long it is tried: changes up to `7d`, the call of a schedule or for an event up to `24h`.")
        .or("of a table until its changes expire; else `24h`"),
    key(
        "failures",
        CloudFormation,
        "Where goes what is given up of a table, a schedule, a topic or an event: `queue <name>`, of a table also \
         `topic <name>` or `bucket <name>`, or an ARN. Another's queue must itself allow SNS and EventBridge to send to it.",
    )
    .or("it is dropped"),
    key("timezone", Text, "The time zone of a schedule, such as `Europe/Dublin`.").or("`UTC`"),
    key("prefix", Text, "How the keys of a bucket's objects begin.").or("all"),
    key("suffix", Text, "How the keys of a bucket's objects end.").or("all"),
    key(
        "events",
        OneOrMany(&Text),
        "What happens to a bucket's objects, in S3's words: `ObjectCreated:Put`, `ObjectRemoved:*`. A bucket tells one function of \
         the same event of the same keys.",
    )
    .or("`ObjectCreated:*`"),
    FILTER_BY,
    key("bus", CloudFormation, "The bus of the events: its name or ARN, or a CloudFormation function that gives one.")
        .or("the account's own"),
    key("template", Text, "What the function gets of an event: text with `<name>` for what a path names."),
    key("paths", Map(&Text), "Parts of an event by the names that stand for them in `template`: `{id: $.detail.id}`."),
    key(
        "input",
        CloudFormation,
        "What a schedule sends, or what the function gets instead of an event, as JSON. `{kwargs: {full: true}}` calls a plain function with `full=True`.",
    )
    .or("what Scheduler sends by itself; the event"),
    key("flexible", Text, "Within which time after its own a schedule may come, from `1m` to `24h`.")
        .or("within its minute"),
    key("stages", OneOrMany(&Text), "The stages that have the event source.").or("all"),
    key("enabled", Flag, "Whether it is switched on.").or("`true`"),
];

pub const SOURCES: Shape = OneOrMany(&Section(ON));

/// What a queue gets.
pub const SUBSCRIPTION: &[Key] = &[
    key("topic", CloudFormation, "One of `topics`, or another by its ARN.").or("required"),
    key("filter", CloudFormation, "Which messages the queue gets: a filter policy of SNS.").or("all"),
    FILTER_BY,
    key("raw", Flag, "Whether the queue gets the message alone, without SNS's envelope.").or("`false`"),
    key("failures", CloudFormation, "Where goes what could not be delivered: `queue <name>`, or a queue's ARN.")
        .or("it is dropped"),
];

const FILTER_BY: Key = key(
    "filter_by",
    Choice { now: &["attributes", "body"], later: &[] },
    "What the filter of a topic's messages is about: their attributes, or their body, which is JSON then.",
)
.or("`attributes`");
