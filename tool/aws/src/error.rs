//! What a service answers instead, taken out of the SDK's types.

use crate::{DisplayErrorContext, s3};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::fmt;

/// What a service answered, or why it could not be asked: code and message apart, as people and programs want them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// AWS's error code; `None` when no answer came.
    pub code: Option<String>,
    /// AWS's message, or what went wrong on the way.
    pub message: String,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(formatter, "{code}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for ServiceError {}

/// Takes an SDK's error apart.
pub fn service_error<E, R>(error: &s3::error::SdkError<E, R>) -> ServiceError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: fmt::Debug,
{
    match error.as_service_error() {
        Some(answer) => ServiceError {
            code: answer.code().map(str::to_owned),
            message: answer.message().map_or_else(|| DisplayErrorContext(answer).to_string(), str::to_owned),
        },
        None => ServiceError { code: None, message: innermost(error) },
    }
}

/// The outermost text ("dispatch failure") says nothing; the innermost says what happened.
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
