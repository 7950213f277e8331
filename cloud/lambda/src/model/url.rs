//! Function URLs: HTTP endpoints of functions and aliases.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::lambda as wire;

/// Whose callers are nobody in particular.
const OPEN: &str = "NONE";
/// How answers are handed on where nothing else is asked for.
const BUFFERED: &str = "BUFFERED";
const STREAMED: &str = "RESPONSE_STREAM";

/// A function URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrl {
    /// The first label of its host, which nobody else has.
    pub id: String,
    /// `NONE` or `AWS_IAM`.
    pub auth_type: String,
    /// What browsers are told of pages of other origins, where it is configured.
    pub cors: Option<Cors>,
    /// `BUFFERED` or `RESPONSE_STREAM`, if either was asked for.
    pub invoke_mode: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Its own port on this machine.
    #[serde(default)]
    pub port: Option<u16>,
}

/// The CORS configuration of a function URL.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cors {
    /// Whether browsers may send cookies and the like.
    pub allow_credentials: Option<bool>,
    /// Headers that they may send.
    pub allow_headers: Option<Vec<String>>,
    /// Methods that they may use.
    pub allow_methods: Option<Vec<String>>,
    /// Whose pages may call.
    pub allow_origins: Option<Vec<String>>,
    /// Headers of answers that pages may read.
    pub expose_headers: Option<Vec<String>>,
    /// For how many seconds the answer to a preflight holds.
    pub max_age: Option<i64>,
}

impl FunctionUrl {
    /// Whether callers must prove who they are.
    pub fn asks_iam(&self) -> bool {
        self.auth_type != OPEN
    }

    /// Whether the answer goes to the client as it comes.
    pub fn streams(&self) -> bool {
        self.invoke_mode.as_deref() == Some(STREAMED)
    }

    /// The URL as it is read. What nobody asked for is told then, and not in the answers to changes (recorded:
    /// `test_url_config_lifecycle`).
    pub fn shown(&self, arn: String, address: String) -> wire::FunctionUrlConfig {
        wire::FunctionUrlConfig {
            function_url: address,
            function_arn: arn,
            creation_time: moment(self.created),
            last_modified_time: moment(self.modified),
            cors: self.cors.clone().map(Into::into),
            auth_type: self.auth_type.clone(),
            invoke_mode: Some(self.invoke_mode.clone().unwrap_or_else(|| BUFFERED.to_owned())),
        }
    }
}

/// `2022-04-06T17:25:30.123Z`: "in ISO-8601 format (YYYY-MM-DDThh:mm:ss.sTZD)".
fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl From<Cors> for wire::Cors {
    fn from(cors: Cors) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age,
        }
    }
}

impl From<wire::Cors> for Cors {
    fn from(cors: wire::Cors) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age,
        }
    }
}
