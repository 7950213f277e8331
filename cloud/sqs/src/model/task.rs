//! Tasks that move messages out of a dead-letter queue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use slam_cloud_wire::sqs as wire;

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The ARN of the queue whose messages it moves.
    pub source: String,
    /// The ARN of the queue that takes them; without one, each goes back where it came from.
    pub destination: Option<String>,
    /// How many it moves in a second.
    pub rate: Option<i64>,
    /// How many were there when it began.
    pub to_move: i64,
    /// How many it has moved.
    pub moved: i64,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
    /// How it stands.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<String>,
}

/// How a task stands, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It moves messages.
    Running,
    /// It has moved them all.
    Completed,
    /// It was asked to end.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// What a task's handle says, as AWS's do (asserted on AWS: `test_basic_move_task_workflow`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskHandle {
    /// The task's id.
    pub task_id: String,
    /// The ARN of the queue whose messages it moves.
    pub source_arn: String,
}

impl TaskHandle {
    /// Reads a handle; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64.decode(text).ok()?).ok()
    }
}

impl std::fmt::Display for TaskHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| std::fmt::Error)?;
        formatter.write_str(&BASE64.encode(json))
    }
}

impl Task {
    /// Whether it has not ended.
    pub fn is_active(&self) -> bool {
        self.status == Status::Running
    }

    /// Its handle.
    pub fn handle(&self) -> String {
        TaskHandle { task_id: self.id.clone(), source_arn: self.source.clone() }.to_string()
    }

    /// As ListMessageMoveTasks answers it: with its handle as long as it runs (recorded: `test_move_task_cancel`).
    pub fn told(&self) -> wire::ListMessageMoveTasksResultEntry {
        wire::ListMessageMoveTasksResultEntry {
            task_handle: self.is_active().then(|| self.handle()),
            status: Some(self.status.text().to_owned()),
            source_arn: Some(self.source.clone()),
            destination_arn: self.destination.clone(),
            max_number_of_messages_per_second: self.rate,
            approximate_number_of_messages_moved: Some(self.moved),
            approximate_number_of_messages_to_move: Some(self.to_move),
            failure_reason: self.failure.clone(),
            started_timestamp: Some(self.started),
        }
    }
}
