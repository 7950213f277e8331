//! Schedules.

use super::due::Due;
use super::settings::Settings;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{Context, Timestamp};
use slam_cloud_wire::scheduler as wire;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its group's name.
    pub group: String,
    /// Its own.
    pub name: String,
    /// All that an update replaces.
    pub settings: Settings,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
    /// The token of the request that made it, and of the last one that changed it.
    pub tokens: [Option<String>; 2],
    /// When it comes next.
    pub next: Option<Due>,
}

impl Schedule {
    /// What it is stored by. No name has a slash.
    pub fn id(&self) -> String {
        id(&self.group, &self.name)
    }

    /// When it comes next after a moment.
    pub fn after(&self, moment: Timestamp) -> Option<Due> {
        let time = self.settings.next(moment, self.created)?;
        self.settings.enabled.then(|| Due::new(time, self.settings.window))
    }

    /// As it is told.
    pub fn description(&self, context: &Context) -> wire::GetScheduleOutput {
        let settings = &self.settings;
        wire::GetScheduleOutput {
            arn: Some(arn(context, &self.group, &self.name)),
            group_name: Some(self.group.clone()),
            name: Some(self.name.clone()),
            schedule_expression: Some(settings.expression.clone()),
            start_date: settings.start,
            end_date: settings.end,
            description: settings.description.clone(),
            schedule_expression_timezone: Some(settings.zone.clone()),
            state: Some(settings.state().to_owned()),
            creation_date: Some(self.created),
            last_modification_date: Some(self.changed),
            kms_key_arn: None,
            target: Some(settings.target.told()),
            flexible_time_window: Some(settings.flexible_window()),
            action_after_completion: Some(settings.action_after_completion().to_owned()),
        }
    }

    /// Its line in a list.
    pub fn summary(&self, context: &Context) -> wire::ScheduleSummary {
        wire::ScheduleSummary {
            arn: Some(arn(context, &self.group, &self.name)),
            name: Some(self.name.clone()),
            group_name: Some(self.group.clone()),
            state: Some(self.settings.state().to_owned()),
            creation_date: Some(self.created),
            last_modification_date: Some(self.changed),
            target: Some(wire::TargetSummary { arn: self.settings.target.arn.clone() }),
        }
    }
}

/// What a schedule is stored by.
pub fn id(group: &str, name: &str) -> String {
    format!("{group}/{name}")
}

/// A schedule's ARN.
pub fn arn(context: &Context, group: &str, name: &str) -> String {
    context.arn("scheduler", format!("schedule/{group}/{name}"))
}
