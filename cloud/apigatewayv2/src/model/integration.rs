//! What stands behind a route.

use super::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a route is answered: HTTP APIs have proxies alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntegrationType {
    /// A Lambda function, or an action of another service where there is a subtype.
    #[serde(rename = "AWS_PROXY")]
    AwsProxy,
    /// An HTTP server.
    #[serde(rename = "HTTP_PROXY")]
    HttpProxy,
}

impl IntegrationType {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AwsProxy => "AWS_PROXY",
            Self::HttpProxy => "HTTP_PROXY",
        }
    }
}

/// How events look that functions are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadFormat {
    /// As REST APIs have it.
    #[serde(rename = "1.0")]
    One,
    /// That of HTTP APIs.
    #[serde(rename = "2.0")]
    Two,
}

impl PayloadFormat {
    /// The format that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "1.0" => Some(Self::One),
            "2.0" => Some(Self::Two),
            _ => None,
        }
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "1.0",
            Self::Two => "2.0",
        }
    }
}

/// What answers a route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Integration {
    /// Seven letters and digits.
    pub id: String,
    /// How.
    pub kind: IntegrationType,
    /// `SQS-SendMessage`: the action of a service.
    pub subtype: Option<String>,
    /// The verb towards an HTTP server; `POST` for Lambda.
    pub method: Option<String>,
    /// The backend.
    pub uri: Option<String>,
    /// The role as which it is called; without one, the function's policy must allow it.
    pub credentials_arn: Option<String>,
    /// The owner's words.
    pub description: Option<String>,
    /// The events that a function is given.
    pub payload_format: PayloadFormat,
    /// `append:header.x` to where the value comes from; with a subtype, the action's parameters.
    pub request_parameters: Option<Texts>,
    /// The same of answers, by the backend's status.
    pub response_parameters: Option<BTreeMap<String, Texts>>,
    /// How long the backend may take.
    pub timeout_in_millis: i64,
    /// Whether CreateApi made it.
    pub managed: bool,
}
