//! Archives: events of a bus that are kept, and replays of them.

use super::name::{BusName, arn_in};
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_core::collection::Scope;
use slam_cloud_wire::events as wire;

/// An archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    /// The number that its events have.
    pub key: i64,
    /// The name of its bus.
    pub bus: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events it keeps, as it was written; all without one.
    pub pattern: Option<String>,
    /// For how many days it keeps them; 0 for ever.
    pub retention: i64,
    /// When it was made.
    pub created: Timestamp,
}

/// How much an archive has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Events.
    pub events: i64,
    /// Bytes.
    pub bytes: i64,
}

/// An archive's ARN.
pub fn archive_arn(scope: &Scope, name: &str) -> String {
    arn_in(scope, &format!("archive/{name}"))
}

/// A replay's ARN.
pub fn replay_arn(scope: &Scope, name: &str) -> String {
    arn_in(scope, &format!("replay/{name}"))
}

impl Archive {
    /// The bus that its events are of.
    pub fn bus(&self, scope: &Scope) -> BusName {
        BusName { scope: scope.clone(), name: self.bus.clone() }
    }

    /// Its line in a list (recorded: `test_create_list_describe_update_delete_archive`).
    pub fn summary(&self, scope: &Scope, name: &str, amount: Amount) -> wire::Archive {
        wire::Archive {
            archive_name: Some(name.to_owned()),
            event_source_arn: Some(self.bus(scope).arn()),
            state: Some("ENABLED".to_owned()),
            state_reason: None,
            retention_days: Some(self.retention),
            size_bytes: Some(amount.bytes),
            event_count: Some(amount.events),
            creation_time: Some(self.created),
        }
    }
}

/// A replay's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It has not begun.
    Starting,
    /// It goes on.
    Running,
    /// Somebody wants it to end.
    Cancelling,
    /// All is replayed.
    Completed,
    /// It was ended.
    Cancelled,
    /// It cannot go on.
    Failed,
}

impl State {
    /// As it is told.
    pub fn told(self) -> &'static str {
        match self {
            Self::Starting => "STARTING",
            Self::Running => "RUNNING",
            Self::Cancelling => "CANCELLING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }

    /// Whether it has not ended.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Cancelling)
    }
}

/// A replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// What it is for.
    pub description: Option<String>,
    /// The archive's name.
    pub archive: String,
    /// The bus's name.
    pub bus: String,
    /// The ARNs of the rules that get the events, where not all do.
    pub rules: Option<Vec<String>>,
    /// Events from here on are replayed.
    pub from: Timestamp,
    /// To before here.
    pub until: Timestamp,
    /// How far it is.
    pub state: State,
    /// Why it failed.
    pub reason: Option<String>,
    /// The time of the last event that was replayed.
    pub last: Option<Timestamp>,
    /// When it was asked for.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

impl Replay {
    /// Its line in a list.
    pub fn summary(&self, scope: &Scope, name: &str) -> wire::Replay {
        wire::Replay {
            replay_name: Some(name.to_owned()),
            event_source_arn: Some(archive_arn(scope, &self.archive)),
            state: Some(self.state.told().to_owned()),
            state_reason: self.reason.clone(),
            event_start_time: Some(self.from),
            event_end_time: Some(self.until),
            event_last_replayed_time: self.last,
            replay_start_time: Some(self.started),
            replay_end_time: self.ended,
        }
    }
}
