//! `queues`, `topics` and `buckets`.

use super::key;
use super::sources::SUBSCRIPTION;
use crate::language::Key;
use crate::language::Shape::{Flag, Integer, OneOrMany, Section, Text};

pub const QUEUE: &[Key] = &[
    key(
        "on",
        OneOrMany(&Section(SUBSCRIPTION)),
        "The topics whose messages it gets, once the stage answers: one, or a list of them.",
    ),
    key("fifo", Flag, "Whether messages of a group are delivered once and in order.").or("`false`"),
    key(
        "retries",
        Integer { min: 0, max: 999 },
        "How often a message is tried again before it goes to the queue's dead-letter queue, `<stage>-<queue>-dead`, which keeps \
         it for 14 days.",
    )
    .or("there is none: a message is tried until it expires"),
    key("delay", Text, "How long new messages are held back, up to `15m`.").or("`0s`"),
    key("visibility", Text, "How long a message that was received is hidden from others, up to `12h`.")
        .or("six times the timeout of the function that takes the messages, and its `window`; without one `30s`"),
    key("keep", Text, "How long messages are kept, from `60s` to `14d`.").or("`4d`"),
    key(
        "content_deduplication",
        Flag,
        "Whether messages of the same body, within five minutes, are one message: for `fifo`, so that no deduplication id is needed.",
    )
    .or("`false`"),
    key(
        "high_throughput",
        Flag,
        "Whether duplicates are looked for, and throughput is counted, by group: for `fifo`.",
    )
    .or("`false`"),
];

pub const TOPIC: &[Key] = &[
    key("fifo", Flag, "Whether messages of a group are delivered once and in order: to queues alone.").or("`false`"),
    key(
        "content_deduplication",
        Flag,
        "Whether messages of the same body, within five minutes, are one message: for `fifo`.",
    )
    .or("`false`"),
];

pub const BUCKET: &[Key] = &[
    key("versioned", Flag, "Whether what is overwritten or deleted is kept as a version.").or("`false`"),
    key("cors", Section(CORS), "Which pages of other origins may use the bucket.").or("none"),
    key("lifecycle", OneOrMany(&Section(LIFECYCLE)), "What becomes of objects with time: one rule, or a list.")
        .or("they stay"),
];

const CORS: &[Key] = &[
    key("origins", OneOrMany(&Text), "The origins, such as `https://example.com`, or `*`.").or("required"),
    key("methods", OneOrMany(&Text), "The methods of their requests.").or("`[GET, PUT, POST, DELETE, HEAD]`"),
    key("headers", OneOrMany(&Text), "The headers that requests may have.").or("`*`"),
    key("expose", OneOrMany(&Text), "The headers of answers that a page may read.").or("`ETag`"),
    key("max_age", Text, "For how long a browser may remember this.").or("each asks again"),
];

const LIFECYCLE: &[Key] = &[
    key("prefix", Text, "The objects whose keys begin so.").or("all"),
    key("expire", Text, "When an object is deleted, in days after it was made: `30d`."),
    key("expire_versions", Text, "When a version is deleted, in days after it was replaced."),
    key("abort_uploads", Text, "When an upload in parts is given up, in days after it was begun."),
];
