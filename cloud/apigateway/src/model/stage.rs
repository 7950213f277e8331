//! A named place where a deployment is on the air.

use super::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stage: `/prod` of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    /// The API it belongs to.
    pub api_id: String,
    /// The first segment of its URLs.
    pub name: String,
    /// What it serves.
    pub deployment_id: String,
    /// The owner's words.
    pub description: Option<String>,
    /// Which version of the API's documentation it publishes.
    #[serde(default)]
    pub documentation_version: Option<String>,
    /// Stored; a cache cluster itself is refused.
    pub cache_cluster_size: Option<String>,
    /// What `${stageVariables.x}` stands for.
    pub variables: Texts,
    /// By `resource/VERB`, `*/*` for all.
    pub method_settings: BTreeMap<String, MethodSetting>,
    /// Where each request is noted.
    pub access_log: Option<AccessLogSettings>,
    /// Whether requests are sampled, which their trace headers tell; there is no X-Ray to send traces to.
    pub tracing_enabled: bool,
    /// The owner's tags.
    pub tags: Texts,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub last_updated: i64,
}

impl Stage {
    /// A stage with nothing set.
    pub fn new(api_id: &str, name: &str, deployment_id: &str) -> Self {
        Self {
            api_id: api_id.to_owned(),
            name: name.to_owned(),
            deployment_id: deployment_id.to_owned(),
            description: None,
            documentation_version: None,
            cache_cluster_size: None,
            variables: Texts::new(),
            method_settings: BTreeMap::new(),
            access_log: None,
            tracing_enabled: false,
            tags: Texts::new(),
            created: super::now(),
            last_updated: super::now(),
        }
    }

    /// The settings of a method: its own, else those of all.
    pub fn setting(&self, resource_path: &str, http_method: &str) -> Option<&MethodSetting> {
        if self.method_settings.is_empty() {
            return None;
        }
        let resource = resource_path.trim_start_matches('/');
        self.method_settings.get(&format!("{resource}/{http_method}")).or_else(|| self.method_settings.get("*/*"))
    }
}

/// A stage's access log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLogSettings {
    /// A log group's ARN.
    pub destination_arn: Option<String>,
    /// A line with `$context` variables.
    pub format: Option<String>,
}

/// What execution logs tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoggingLevel {
    /// Nothing.
    #[serde(rename = "OFF")]
    Off,
    /// What failed.
    #[serde(rename = "ERROR")]
    Error,
    /// Everything.
    #[serde(rename = "INFO")]
    Info,
}

impl LoggingLevel {
    /// The level that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "OFF" => Self::Off,
            "ERROR" => Self::Error,
            "INFO" => Self::Info,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Error => "ERROR",
            Self::Info => "INFO",
        }
    }
}

/// A method's settings on a stage, with AWS's defaults from the moment that one of them is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodSetting {
    /// Stored: there are no CloudWatch metrics.
    pub metrics_enabled: bool,
    /// What execution logs tell; absent until it is set.
    pub logging_level: Option<LoggingLevel>,
    /// Whether execution logs tell bodies and headers.
    pub data_trace_enabled: bool,
    /// How many requests may come at once.
    pub throttling_burst_limit: i64,
    /// How many requests a second are answered in the long run.
    pub throttling_rate_limit: f64,
    /// Without a cache cluster it has no effect, as on AWS.
    pub caching_enabled: bool,
    /// As [`Self::caching_enabled`].
    pub cache_ttl_in_seconds: i64,
    /// As [`Self::caching_enabled`].
    pub cache_data_encrypted: bool,
    /// As [`Self::caching_enabled`].
    pub require_authorization_for_cache_control: bool,
    /// As [`Self::caching_enabled`].
    pub unauthorized_cache_control_header_strategy: String,
}

impl MethodSetting {
    /// The account's burst limit, which stands where a stage sets none.
    pub const BURST: i64 = 5000;
    /// The account's rate limit, which stands where a stage sets none.
    pub const RATE: f64 = 10_000.0;

    /// Whether it limits requests more than the account is limited.
    pub fn throttles(&self) -> bool {
        self.throttling_burst_limit < Self::BURST || self.throttling_rate_limit < Self::RATE
    }
}

impl Default for MethodSetting {
    fn default() -> Self {
        Self {
            metrics_enabled: false,
            logging_level: None,
            data_trace_enabled: false,
            throttling_burst_limit: Self::BURST,
            throttling_rate_limit: Self::RATE,
            caching_enabled: true,
            cache_ttl_in_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_header_strategy: "SUCCEED_WITH_RESPONSE_HEADER".into(),
        }
    }
}
