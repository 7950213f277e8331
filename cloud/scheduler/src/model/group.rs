//! Groups of schedules.

use serde::{Deserialize, Serialize};
use slam_cloud_core::{Context, Timestamp};
use slam_cloud_kit::tags::Tags;
use slam_cloud_wire::scheduler as wire;

/// The group of schedules that name none. Everybody has it.
pub const DEFAULT: &str = "default";

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
    /// Whether it is being deleted, with its schedules.
    pub deleting: bool,
    /// Its tags.
    pub tags: Tags,
    /// The token of the request that made it.
    pub token: Option<String>,
}

impl Group {
    /// A new one.
    pub fn new(name: &str, now: Timestamp) -> Self {
        Self { name: name.to_owned(), created: now, changed: now, deleting: false, tags: Tags::new(), token: None }
    }

    /// The default group, as it is until somebody tags it: as old as any time is.
    pub fn by_default() -> Self {
        Self::new(DEFAULT, Timestamp::UNIX_EPOCH)
    }

    /// Its line in a list.
    pub fn summary(&self, context: &Context) -> wire::ScheduleGroupSummary {
        wire::ScheduleGroupSummary {
            arn: Some(arn(context, &self.name)),
            name: Some(self.name.clone()),
            state: Some(if self.deleting { "DELETING" } else { "ACTIVE" }.to_owned()),
            creation_date: Some(self.created),
            last_modification_date: Some(self.changed),
        }
    }
}

/// A group's ARN.
pub fn arn(context: &Context, name: &str) -> String {
    context.arn("scheduler", format!("schedule-group/{name}"))
}

/// The group that a request names, or means.
pub fn of(name: Option<&str>) -> &str {
    name.unwrap_or(DEFAULT)
}
