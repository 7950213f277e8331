//! Stages, and what is in front of them.

use super::{ApiSettings, Secret};
use indexmap::IndexMap;

/// A stage: an alias of the function, a stage of the API and a set of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name, also the alias's.
    pub name: String,
    /// Its own environment variables.
    pub environment: IndexMap<String, String>,
    /// Its own variables whose values are kept elsewhere.
    pub secrets: IndexMap<String, Secret>,
    /// Where it lives.
    pub target: Target,
    /// The region, if one was given.
    pub region: Option<String>,
    /// The profile of AWS credentials, if one was given.
    pub profile: Option<String>,
    /// What API Gateway logs of it.
    pub api_logs: ApiLogs,
    /// What its API does with requests.
    pub settings: ApiSettings,
}

/// Where a stage lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The embedded cloud.
    Local,
    /// An account of AWS.
    Aws,
}

/// How the application is reached over HTTP: an API passes every request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http {
    /// Whether answers go out as the application makes them, rather than when they are complete.
    pub stream: bool,
    /// The fewest bytes of an answer that are compressed; `None`: none is.
    pub gzip: Option<u32>,
}

/// What API Gateway logs of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiLogs {
    /// Nothing.
    None,
    /// A line for each request.
    Access,
    /// That, and how each request was executed.
    Full,
}

/// The function's logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logs {
    /// How many days they are kept; `None`: for good.
    pub retention_days: Option<u32>,
    /// Whether the adapter writes a line about each request to a web application.
    pub requests: bool,
}

impl Default for Logs {
    fn default() -> Self {
        Self { retention_days: None, requests: true }
    }
}
