//! What a request says of a schedule, checked: all that an update replaces.

use super::target::Target;
use crate::error::invalid_expression;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Timestamp};
use slam_cloud_kit::schedule::Schedule as Expression;
use slam_cloud_wire::scheduler as wire;

/// The settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// When it comes.
    pub expression: String,
    /// By the clocks of which zone.
    pub zone: String,
    /// From when on.
    pub start: Option<Timestamp>,
    /// Until when.
    pub end: Option<Timestamp>,
    /// For people.
    pub description: Option<String>,
    /// Whether it comes at all.
    pub enabled: bool,
    /// The flexible window in minutes.
    pub window: Option<i64>,
    /// Whether it is deleted after its last invocation.
    pub delete: bool,
    /// What it calls.
    pub target: Target,
}

impl Settings {
    /// Reads them from an update, which says all that a creation does; what is left out has its default.
    ///
    /// # Errors
    /// What is wrong with them, and what the cloud does not have, by name.
    pub fn read(cloud: &Cloud, context: &Context, asked: wire::UpdateSchedule) -> AwsResult<Self> {
        // Recorded: `test_create_schedule_with_valid_cron_expressions`.
        let expression = Expression::of_scheduler(&asked.schedule_expression)
            .ok_or_else(|| invalid_expression(&asked.schedule_expression))?;
        let zone = asked.schedule_expression_timezone.unwrap_or_else(|| "UTC".to_owned());
        // Names of zones have their capitals.
        if TimeZone::get(&zone).ok().and_then(|zone| zone.iana_name().map(str::to_owned)).as_ref() != Some(&zone) {
            return Err(AwsError::validation(format!("Invalid Schedule Expression Timezone {zone}.")));
        }
        let comes_again = !matches!(expression, Expression::At(_));
        if let (true, Some(start), Some(end)) = (comes_again, asked.start_date, asked.end_date)
            && start >= end
        {
            return Err(AwsError::validation("The StartDate must be before the EndDate."));
        }
        Ok(Self {
            expression: asked.schedule_expression,
            zone,
            start: asked.start_date,
            end: asked.end_date,
            description: asked.description,
            enabled: asked.state.as_deref() != Some("DISABLED"),
            window: window(&asked.flexible_time_window)?,
            delete: asked.action_after_completion.as_deref() == Some("DELETE"),
            target: Target::read(cloud, context, asked.target)?,
        })
    }

    /// `State`
    pub fn state(&self) -> &'static str {
        if self.enabled { "ENABLED" } else { "DISABLED" }
    }

    /// `FlexibleTimeWindow`
    pub fn flexible_window(&self) -> wire::FlexibleTimeWindow {
        let mode = if self.window.is_some() { "FLEXIBLE" } else { "OFF" };
        wire::FlexibleTimeWindow { mode: mode.to_owned(), maximum_window_in_minutes: self.window }
    }

    /// `ActionAfterCompletion`
    pub fn action_after_completion(&self) -> &'static str {
        if self.delete { "DELETE" } else { "NONE" }
    }
}

fn window(window: &wire::FlexibleTimeWindow) -> AwsResult<Option<i64>> {
    match (&*window.mode, window.maximum_window_in_minutes) {
        ("FLEXIBLE", None) => {
            Err(AwsError::validation("MaximumWindowInMinutes must be provided when Flexible Time Window is FLEXIBLE."))
        }
        ("FLEXIBLE", minutes) => Ok(minutes),
        (_, Some(_)) => {
            Err(AwsError::validation("MaximumWindowInMinutes must not be provided when Flexible Time Window is OFF."))
        }
        (_, None) => Ok(None),
    }
}
