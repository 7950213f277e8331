//! Log groups.

use super::resource_policy::ResourcePolicy;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Context;
use slam_cloud_wire::logs;
use std::collections::BTreeMap;

/// The retentions that AWS allows, in days (API reference, PutRetentionPolicy).
pub const RETENTIONS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Milliseconds of a day.
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// A log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What streams and events refer to: a group created again under the same name has another key.
    pub key: i64,
    /// Its name.
    pub name: String,
    /// Milliseconds since 1970.
    pub creation_time: i64,
    /// How long events are kept; `None` for ever.
    pub retention_in_days: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Which services may write to it.
    #[serde(default)]
    pub policy: Option<ResourcePolicy>,
}

impl Group {
    /// The moment before which events have expired.
    pub fn expired_before(&self, now: i64) -> i64 {
        self.retention_in_days.map_or(i64::MIN, |days| now - days * DAY)
    }

    /// Its ARN, without the `:*` of the older form.
    pub fn arn(&self, context: &Context) -> String {
        context.arn("logs", format!("log-group:{}", self.name))
    }

    /// As DescribeLogGroups answers it.
    pub fn description(&self, context: &Context, stored_bytes: i64) -> logs::LogGroup {
        let arn = self.arn(context);
        logs::LogGroup {
            log_group_name: Some(self.name.clone()),
            creation_time: Some(self.creation_time),
            retention_in_days: self.retention_in_days,
            metric_filter_count: Some(0),
            arn: Some(format!("{arn}:*")),
            log_group_arn: Some(arn),
            stored_bytes: Some(stored_bytes),
            log_group_class: Some("STANDARD".into()),
            deletion_protection_enabled: Some(false),
            ..Default::default()
        }
    }
}
