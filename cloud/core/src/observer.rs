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

/// Is told of calls and denials, on the caller's task: must not block.
pub trait Observer: Send + Sync + 'static {
    /// Called once for each call, from the wire or from inside, when it was answered.
    fn called(&self, _context: &Context, _call: &Call<'_>) {}

    /// Called once for each permission that was refused.
    fn denied(&self, _context: &Context, _denial: &Denial) {}
}
