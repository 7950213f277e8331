//! Queues, as they are kept.

use super::redrive::{Redrive, RedriveAllow};
use serde::{Deserialize, Serialize};
use slam_cloud_kit::tags::Tags;

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// What its receipt handles are known by: no other queue has ever had it.
    pub id: i64,
    /// What its messages are known by. A purge gives it another one.
    pub key: i64,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// When its attributes were last changed.
    pub modified: i64,
    /// When it was last purged, in milliseconds.
    #[serde(default)]
    pub purged: Option<i64>,
    /// Its attributes.
    pub settings: Settings,
    /// When its deduplication got another scope, in milliseconds, and whether it was by group before.
    #[serde(default)]
    pub rescoped: Option<(i64, bool)>,
    /// Its own policy.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The attributes that are set, but for the policy. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// `VisibilityTimeout`
    pub visibility: i64,
    /// `DelaySeconds`
    pub delay: i64,
    /// `MessageRetentionPeriod`
    pub retention: i64,
    /// `ReceiveMessageWaitTimeSeconds`
    pub wait: i64,
    /// `MaximumMessageSize`, in bytes.
    pub largest: i64,
    /// `SqsManagedSseEnabled`. What is stored is not encrypted either way: see docs/embedded-cloud.md.
    pub managed_sse: bool,
    /// `RedrivePolicy`
    #[serde(default)]
    pub redrive: Option<Redrive>,
    /// `RedriveAllowPolicy`
    #[serde(default)]
    pub redrive_allow: Option<RedriveAllow>,
    /// What FIFO queues have beside that.
    #[serde(default)]
    pub fifo: Option<Fifo>,
}

/// The attributes of FIFO queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// `ContentBasedDeduplication`
    pub by_content: bool,
    /// `DeduplicationScope` is `messageGroup`.
    pub by_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`.
    pub limit_per_group: bool,
}

impl Settings {
    /// Those of a new queue (API reference, CreateQueue; recorded: `test_set_queue_attributes_default_values`).
    pub fn new(fifo: bool) -> Self {
        Self {
            visibility: 30,
            delay: 0,
            retention: 345_600,
            wait: 0,
            largest: 1_048_576,
            managed_sse: true,
            redrive: None,
            redrive_allow: None,
            fifo: fifo.then(Fifo::default),
        }
    }
}

/// How long a change of the scope takes, in milliseconds. AWS's takes up to 60 seconds (API reference, SetQueueAttributes), and
/// does not hold at once (recorded: `test_fifo_change_to_high_throughput_after_creation`,
/// `test_fifo_change_to_regular_throughput_after_creation`).
const PROPAGATION: i64 = 60 * 1000;

impl Queue {
    /// Whether messages are known again within their group alone, at a moment in milliseconds.
    pub fn deduplicates_by_group(&self, now: i64) -> bool {
        let is_set = self.settings.fifo.is_some_and(|fifo| fifo.by_group);
        match self.rescoped {
            Some((changed, before)) if now - changed < PROPAGATION => before,
            _ => is_set,
        }
    }

    /// Whether it is a FIFO queue.
    pub fn is_fifo(&self) -> bool {
        self.settings.fifo.is_some()
    }
}
