//! What an operation answers when it fails: AWS's error, and the headers that S3 sends along with some.

pub mod payload;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use s3s::{S3Error, S3ErrorCode};
use slam_cloud_core::{AwsError, StoreError};
use std::str::FromStr;

/// What operations return.
pub type Answer<T> = Result<T, Fault>;

/// An error and the headers of its answer.
#[derive(Clone, Debug)]
pub struct Fault {
    /// AWS's error; its members become elements of the XML.
    pub error: AwsError,
    headers: Option<Box<HeaderMap>>,
}

/// Carries an error's further elements through s3s, whose errors have none; never leaves this crate.
const MEMBERS: HeaderName = HeaderName::from_static("x-slam-error-members");

impl Fault {
    /// An error of the given code, HTTP status and message.
    pub fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        AwsError::new(code, status, message).into()
    }

    /// `InvalidArgument` (400) with the argument's name and value.
    pub fn invalid_argument(message: impl Into<String>, name: &'static str, value: impl Into<String>) -> Self {
        Self::new("InvalidArgument", 400, message).with("ArgumentName", name).with("ArgumentValue", value.into())
    }

    /// `InvalidRequest` (400).
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new("InvalidRequest", 400, message)
    }

    /// `MalformedXML` (400).
    pub fn malformed_xml() -> Self {
        Self::new("MalformedXML", 400, MALFORMED_XML)
    }

    /// What AWS has and the embedded cloud does not (501).
    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        AwsError::unsupported(what).into()
    }

    /// `MissingContentLength` (411).
    pub fn missing_content_length() -> Self {
        Self::new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
    }

    /// `NoSuchBucket` (404).
    pub fn no_such_bucket(name: &str) -> Self {
        Self::new("NoSuchBucket", 404, "The specified bucket does not exist").with("BucketName", name)
    }

    /// `NoSuchKey` (404).
    pub fn no_such_key(key: &str) -> Self {
        Self::new("NoSuchKey", 404, "The specified key does not exist.").with("Key", key)
    }

    /// `NoSuchVersion` (404).
    pub fn no_such_version(key: &str, version: &str) -> Self {
        let fault = Self::new("NoSuchVersion", 404, "The specified version does not exist.");
        fault.with("Key", key).with("VersionId", version)
    }

    /// `PreconditionFailed` (412).
    pub fn precondition_failed(condition: &'static str) -> Self {
        Self::new("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
            .with("Condition", condition)
    }

    /// `ConditionalRequestConflict` (409)
    pub fn conditional_conflict(condition: &'static str, key: &str) -> Self {
        let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
        Self::new("ConditionalRequestConflict", 409, message).with("Condition", condition).with("Key", key)
    }

    /// `MethodNotAllowed` (405) for a delete marker.
    pub fn is_delete_marker(method: &'static str) -> Self {
        Self::new("MethodNotAllowed", 405, METHOD_NOT_ALLOWED)
            .with("Method", method)
            .with("ResourceType", "DeleteMarker")
    }

    /// `NotImplemented` (501) for a value of a header that AWS itself does not take.
    pub fn header_not_implemented(header: &'static str) -> Self {
        Self::new("NotImplemented", 501, "A header you provided implies functionality that is not implemented")
            .with("Header", header)
    }

    /// The same with one more element.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.error = self.error.with(name, value);
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.get_or_insert_default().insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// What AWS says of a document that does not fit.
pub const MALFORMED_XML: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";
/// What AWS says of a method that does not fit.
pub const METHOD_NOT_ALLOWED: &str = "The specified method is not allowed against this resource.";

impl From<AwsError> for Fault {
    fn from(error: AwsError) -> Self {
        Self { error, headers: None }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        AwsError::from(error).into()
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        AwsError::from(error).into()
    }
}

impl From<Fault> for AwsError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl From<Fault> for S3Error {
    fn from(fault: Fault) -> Self {
        let Fault { error, headers } = fault;
        // S3 has a name of its own for what is our fault.
        let name = if error.code == "InternalFailure" { "InternalError" } else { &*error.code };
        let Ok(code) = S3ErrorCode::from_str(name);
        let mut s3 = S3Error::with_message(code, error.message);
        s3.set_status_code(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let mut headers = headers.map(|headers| *headers).unwrap_or_default();
        if !error.members.is_empty() {
            let xml: String = error.members.iter().map(|(name, value)| element(name, value)).collect();
            let encoded = utf8_percent_encode(&xml, NON_ALPHANUMERIC).to_string();
            if let Ok(value) = HeaderValue::from_str(&encoded) {
                headers.insert(MEMBERS, value);
            }
        }
        s3.set_headers(headers);
        s3
    }
}

/// The elements that an answer's headers carry, which are taken out of them.
pub fn take_members(headers: &mut HeaderMap) -> String {
    let encoded = headers.remove(MEMBERS);
    let decode = |value: HeaderValue| percent_decode(value.as_bytes()).decode_utf8_lossy().into_owned();
    encoded.map(decode).unwrap_or_default()
}

fn element(name: &str, value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("<{name}>{}</{name}>", escape(&text))
}

/// Text as it stands between tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
