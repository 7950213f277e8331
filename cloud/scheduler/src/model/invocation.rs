//! A call of a target that is under way.

use super::due::Due;
use super::target::Target;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;

/// An invocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// The schedule's group.
    pub group: String,
    /// The schedule's name.
    pub name: String,
    /// When the schedule was made, which tells it from another one of its name.
    pub created: Timestamp,
    /// Which of its times this is; stored under another name, as jobs have a due time of their own.
    #[serde(rename = "invocation")]
    pub due: Due,
    /// What is called: what the schedule said then.
    pub target: Target,
    /// The attempts that failed.
    pub retries: u32,
    /// Why it is given up, while its dead-letter queue is not told yet.
    #[serde(default)]
    pub given_up: Option<GivenUp>,
}

/// Why an invocation is given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenUp {
    /// The code of the target's last error.
    pub code: String,
    /// Its text.
    pub message: String,
    /// Which part of the retry policy was used up, if it was tried again.
    pub exhausted: Option<String>,
}
