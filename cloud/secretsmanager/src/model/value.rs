//! The value of a version: what must not be told to whoever did not ask for it.

use crate::error::invalid_parameter;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use slam_cloud_core::AwsResult;
use std::fmt;

/// A text, or bytes (in base64). There is no KMS here, so it lies in the cloud's data as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretValue {
    /// `SecretString`
    String(String),
    /// `SecretBinary`
    Binary(String),
}

impl SecretValue {
    /// Reads it from a request, which may have none.
    ///
    /// # Errors
    /// When there are both (AWS's text: <https://github.com/aws/aws-sdk-java/issues/1556>).
    pub fn read(string: Option<String>, binary: Option<Bytes>) -> AwsResult<Option<Self>> {
        match (string, binary) {
            (Some(_), Some(_)) => Err(invalid_parameter(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            )),
            (Some(text), None) => Ok(Some(Self::String(text))),
            (None, Some(bytes)) => Ok(Some(Self::Binary(STANDARD.encode(bytes)))),
            (None, None) => Ok(None),
        }
    }

    /// The text, if it is one.
    pub fn string(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Binary(_) => None,
        }
    }

    /// The bytes, if it is not a text.
    pub fn binary(&self) -> Option<Bytes> {
        match self {
            Self::String(_) => None,
            Self::Binary(text) => STANDARD.decode(text).ok().map(Bytes::from),
        }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}
