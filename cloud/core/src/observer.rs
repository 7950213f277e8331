//! Who is told of what happens at the door.

use crate::access::Denial;
use crate::context::Context;
use crate::error::AwsError;
use std::time::Duration;

/// A call that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The service's name: `dynamodb`.
    pub service: &'static str,
    /// The operation's name: `PutItem`.
    pub operation: &'static str,
    /// What it was refused with or failed with.
    pub error: Option<&'a AwsError>,
    /// How long it took, with the decision whether it may be made.
    pub took: Duration,
}

/// Events that were handed over to whoever wanted them, or an attempt at it.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The ARN of where they come from: a queue, a topic, a rule, a function whose result they are.
    pub source: &'a str,
    /// The ARN of who gets them, or a URL.
    pub target: &'a str,
    /// How many: the records of a batch.
    pub events: usize,
    /// The id under which the target knows it: of the invocation, of the message.
    pub id: Option<&'a str>,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of an attempt at a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The target took them; a function that was waited for has done its work.
    Delivered,
    /// It is tried again.
    Failed {
        /// What the target answered.
        why: &'a str,
    },
    /// It is not tried again; what a dead-letter queue or a destination gets is a delivery of its own.
    GivenUp {
        /// What the target answered, or which limit was reached.
        why: &'a str,
    },
}

/// Is told of calls, denials and deliveries, on the caller's task: must not block.
pub trait Observer: Send + Sync + 'static {
    /// Called once for each call, from the wire or from inside, when it was answered.
    fn called(&self, _context: &Context, _call: &Call<'_>) {}

    /// Called once for each permission that was refused.
    fn denied(&self, _context: &Context, _denial: &Denial) {}

    /// Called once for each attempt to deliver events. Of the context, account and region count.
    fn delivered(&self, _context: &Context, _delivery: &Delivery<'_>) {}
}
