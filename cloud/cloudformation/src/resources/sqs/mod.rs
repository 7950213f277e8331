//! SQS.

mod policies;
mod queue;

use super::types::Service;
use policies::{QueueInlinePolicy, QueuePolicy};
use queue::Queue;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["QueueDoesNotExist"],
    types: &[
        (include_str!("../../../schemas/AWS-SQS-Queue.json"), &Queue),
        (include_str!("../../../schemas/AWS-SQS-QueueInlinePolicy.json"), &QueueInlinePolicy),
        (include_str!("../../../schemas/AWS-SQS-QueuePolicy.json"), &QueuePolicy),
    ],
};
