//! What stands behind a method.

use super::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a method is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntegrationType {
    /// A Lambda function, its input and output mapped by templates; or an object in S3.
    #[serde(rename = "AWS")]
    Aws,
    /// A Lambda function that is given the request as an event and answers the response.
    #[serde(rename = "AWS_PROXY")]
    AwsProxy,
    /// An HTTP server, its requests and responses mapped by templates.
    #[serde(rename = "HTTP")]
    Http,
    /// An HTTP server, its requests and responses passed through.
    #[serde(rename = "HTTP_PROXY")]
    HttpProxy,
    /// Templates alone.
    #[serde(rename = "MOCK")]
    Mock,
}

impl IntegrationType {
    /// The type that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "AWS" => Self::Aws,
            "AWS_PROXY" => Self::AwsProxy,
            "HTTP" => Self::Http,
            "HTTP_PROXY" => Self::HttpProxy,
            "MOCK" => Self::Mock,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::AwsProxy => "AWS_PROXY",
            Self::Http => "HTTP",
            Self::HttpProxy => "HTTP_PROXY",
            Self::Mock => "MOCK",
        }
    }
}

/// What happens to a body for which there is no template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PassthroughBehavior {
    /// It passes when no template has its content type.
    #[default]
    #[serde(rename = "WHEN_NO_MATCH")]
    WhenNoMatch,
    /// It passes when there are no templates at all.
    #[serde(rename = "WHEN_NO_TEMPLATES")]
    WhenNoTemplates,
    /// It does not pass: 415.
    #[serde(rename = "NEVER")]
    Never,
}

impl PassthroughBehavior {
    /// The behaviour that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "WHEN_NO_MATCH" => Self::WhenNoMatch,
            "WHEN_NO_TEMPLATES" => Self::WhenNoTemplates,
            "NEVER" => Self::Never,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::WhenNoMatch => "WHEN_NO_MATCH",
            Self::WhenNoTemplates => "WHEN_NO_TEMPLATES",
            Self::Never => "NEVER",
        }
    }
}

/// When a backend's answer goes on to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseTransferMode {
    /// When it is complete.
    #[default]
    #[serde(rename = "BUFFERED")]
    Buffered,
    /// As it comes.
    #[serde(rename = "STREAM")]
    Stream,
}

impl ResponseTransferMode {
    /// The mode that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "BUFFERED" => Self::Buffered,
            "STREAM" => Self::Stream,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buffered => "BUFFERED",
            Self::Stream => "STREAM",
        }
    }
}

/// What answers a method.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Integration {
    /// How.
    pub kind: IntegrationType,
    /// The verb towards the backend; `POST` for Lambda.
    pub http_method: Option<String>,
    /// The backend.
    pub uri: Option<String>,
    /// The role as which it is called; without one, the function's policy must allow it.
    pub credentials: Option<String>,
    /// `integration.request.header.x`: where the value comes from.
    pub request_parameters: Option<Texts>,
    /// Content type: template.
    pub request_templates: Option<Texts>,
    /// What happens to a body without a template.
    pub passthrough_behavior: PassthroughBehavior,
    /// `CONVERT_TO_BINARY` or `CONVERT_TO_TEXT`.
    pub content_handling: Option<String>,
    /// How long the backend may take.
    pub timeout_in_millis: i64,
    /// When its answer goes on to the client.
    #[serde(default)]
    pub response_transfer_mode: ResponseTransferMode,
    /// The resource's id unless it was given.
    pub cache_namespace: String,
    /// Stored; there is no cache.
    pub cache_key_parameters: Vec<String>,
    /// By status code.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// How a backend's answer becomes a method's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IntegrationResponse {
    /// The method response's status.
    pub status_code: String,
    /// A regular expression over the backend's status or the function's error message; the default has none.
    pub selection_pattern: Option<String>,
    /// `method.response.header.x`: where the value comes from.
    pub response_parameters: Option<Texts>,
    /// Content type: template.
    pub response_templates: Option<Texts>,
    /// `CONVERT_TO_BINARY` or `CONVERT_TO_TEXT`.
    pub content_handling: Option<String>,
}
