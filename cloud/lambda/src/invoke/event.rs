//! An event that waits for its function.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;

/// An asynchronous invocation that is not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingEvent {
    /// The request id, the same for each attempt.
    pub id: String,
    /// The function's name.
    pub function: String,
    /// As it was named.
    pub qualifier: Option<String>,
    /// The event: JSON.
    pub payload: String,
    /// The client context: JSON.
    pub client_context: Option<String>,
    /// The X-Ray trace header.
    pub trace: String,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// Attempts in which the function ran.
    pub attempts: u32,
    /// Attempts in which it was not let run.
    pub throttled: u32,
}
