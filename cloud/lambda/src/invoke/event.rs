//! An event that waits for its function, or for somebody to be told what became of it.

use crate::pool::environment::Execution;
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
    /// How it ended, while somebody is still to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// Why an event's invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// The function answered.
    Success,
    /// It failed as often as it may.
    RetriesExhausted,
    /// The event became too old.
    EventAgeExceeded,
    /// Nothing of the function may run.
    ZeroReservedConcurrency,
    /// It would have been one too many of a loop. AWS does not say which word it has for that.
    RecursiveInvocation,
}

/// The end of an invocation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub condition: Condition,
    /// What the last attempt answered, if the function ran.
    pub response: Option<Response>,
    /// What was said instead, if it did not: a status and a message.
    pub refusal: Option<(u16, String)>,
    /// Who is still to be told.
    pub receivers: Vec<Receiver>,
    /// How often one of them could not be.
    #[serde(default)]
    pub troubles: u32,
}

/// What a function answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Response {
    /// The version that ran.
    pub version: String,
    /// Whether it failed.
    pub failed: bool,
    /// The answer, or the error document: JSON.
    pub payload: String,
}

impl From<&Execution> for Response {
    fn from(execution: &Execution) -> Self {
        let payload = String::from_utf8_lossy(&execution.payload).into_owned();
        Self { version: execution.version.clone(), failed: execution.failed, payload }
    }
}

/// Who is told of an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receiver {
    /// A destination, by its ARN: it gets the record of the invocation.
    Destination(String),
    /// A dead-letter queue or topic, by its ARN: it gets the event.
    DeadLetters(String),
}
