//! Rules: which events, or which times, are whose.

use super::name::BusName;
use super::target::Target;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_kit::schedule::Schedule;
use slam_cloud_kit::tags::Tags;
use slam_cloud_wire::events as wire;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The name of its bus.
    pub bus: String,
    /// Which events it is for, as it was written.
    pub pattern: Option<String>,
    /// When it comes by itself, as it was written.
    pub schedule: Option<String>,
    /// Whether it does anything.
    pub enabled: bool,
    /// What it is for.
    pub description: Option<String>,
    /// A role that it was put with, and is told with: what calls targets is their own.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// Who gets the events.
    pub targets: Vec<Target>,
    /// Since when its schedule is what it is: equal steps are counted from then.
    pub since: Timestamp,
    /// When it comes next by itself.
    pub next: Option<Timestamp>,
}

impl Rule {
    /// The next time after a moment that it comes by itself. Rules go by UTC; the first of equal steps is one step after
    /// the rule was made or enabled.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        let schedule = self.schedule.as_deref().filter(|_| self.enabled).and_then(Schedule::of_rule)?;
        schedule.next(moment.max(self.since), self.since, &TimeZone::UTC)
    }

    /// `State`
    pub fn state(&self) -> &'static str {
        if self.enabled { "ENABLED" } else { "DISABLED" }
    }

    /// Its line in a list.
    pub fn summary(&self, bus: &BusName) -> wire::Rule {
        wire::Rule {
            name: Some(self.name.clone()),
            arn: Some(bus.rule_arn(&self.name)),
            event_pattern: self.pattern.clone(),
            state: Some(self.state().to_owned()),
            description: self.description.clone(),
            schedule_expression: self.schedule.clone(),
            role_arn: self.role.clone(),
            managed_by: None,
            event_bus_name: Some(self.bus.clone()),
        }
    }
}
