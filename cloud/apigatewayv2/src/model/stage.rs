//! Where an API is on the air.

use super::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stage: `/dev` of an API, or `$default` at its root.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    /// The API it belongs to.
    pub api_id: String,
    /// The first segment of its URLs, or `$default`.
    pub name: String,
    /// What it serves; nothing yet, perhaps.
    pub deployment_id: Option<String>,
    /// The owner's words.
    pub description: Option<String>,
    /// Whether each change of the API is deployed here at once.
    pub auto_deploy: bool,
    /// What came of the last time.
    pub last_deployment_status_message: Option<String>,
    /// What `${stageVariables.x}` stands for.
    pub variables: Texts,
    /// Of routes that have none of their own.
    pub default_route_settings: RouteSettings,
    /// By route key.
    pub route_settings: BTreeMap<String, RouteSettings>,
    /// Where each request is noted.
    pub access_log: Option<AccessLog>,
    /// The owner's tags.
    pub tags: Texts,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub last_updated: i64,
    /// Whether CreateApi made it.
    pub managed: bool,
}

impl Stage {
    /// Of a stage at the root of the API's URLs.
    pub const DEFAULT: &str = "$default";
}

/// How the requests of a route are limited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteSettings {
    /// Stored: nobody keeps metrics here.
    pub detailed_metrics_enabled: Option<bool>,
    /// How many requests may come at once.
    pub throttling_burst_limit: Option<i64>,
    /// How many requests a second are answered in the long run.
    pub throttling_rate_limit: Option<f64>,
}

/// A stage's access log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// A log group's ARN.
    pub destination_arn: Option<String>,
    /// A line with `$context` variables.
    pub format: Option<String>,
}
