//! Errors as AWS answers them: a code, an HTTP status and a message, encoded later by the protocol in use.

use std::borrow::Cow;
use std::fmt;

/// The code of a denial, before a protocol writes it.
const ACCESS_DENIED: &str = "AccessDenied";

/// What an operation answers when it fails.
///
/// `code` is AWS's error code (`ResourceNotFoundException`), `status` the HTTP status that AWS uses for it and
/// `members` whatever else the error's shape carries (`Type`, `Reason`, `CancellationReasons` …).
#[derive(Clone, Debug, PartialEq)]
pub struct AwsError {
    /// AWS's error code, without a namespace.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The text, exactly AWS's where it is known.
    pub message: String,
    /// Further members of the error's shape, in JSON form.
    pub members: Vec<(&'static str, serde_json::Value)>,
}

/// What operations return.
pub type AwsResult<T> = Result<T, AwsError>;

impl AwsError {
    /// An error of the given code and HTTP status.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into(), members: Vec::new() }
    }

    /// The caller's mistake with HTTP status 400, the most frequent kind.
    pub fn bad_request(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, 400, message)
    }

    /// A `ValidationException` (400).
    pub fn validation(message: impl Into<String>) -> Self {
        Self::bad_request("ValidationException", message)
    }

    /// Our own fault (500). The message says what went wrong, for whoever reads the report.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self::new("InternalFailure", 500, format!("the embedded cloud failed: {message}"))
    }

    /// What IAM does not allow. Code and status are those of most protocols; the others' codecs write their own.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(ACCESS_DENIED, 403, message)
    }

    /// Whether it is a denial of IAM's.
    pub fn is_access_denied(&self) -> bool {
        self.code == ACCESS_DENIED
    }

    /// AWS has this, the embedded cloud does not: refused by name (501).
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Self::new("NotImplemented", 501, format!("{what} is not supported by the embedded cloud"))
    }

    /// The same error with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// Whether the caller (rather than the service) is at fault.
    pub fn is_client_fault(&self) -> bool {
        self.status < 500
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for AwsError {}

/// What this machine refuses is our fault, too.
impl From<std::io::Error> for AwsError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => crate::store::StoreError::Full.into(),
            _ => Self::internal(error),
        }
    }
}

impl From<crate::store::StoreError> for AwsError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::internal(error)
    }
}
