//! Why a body cannot be taken.

use super::Fault;
use std::fmt;

/// Why a body cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// The client went away.
    Broken,
    /// The encoding is not what it should be.
    Malformed(&'static str),
    /// A chunk's signature is not the one we calculate.
    Signature,
    /// The hash is not the one that was signed.
    Hash {
        /// What was signed.
        expected: String,
        /// What came.
        computed: String,
    },
    /// Fewer or more bytes came than were announced.
    Length,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", Fault::from(self.clone()).error)
    }
}

impl std::error::Error for PayloadError {}

impl From<PayloadError> for Fault {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Broken | PayloadError::Length => Fault::new(
                "IncompleteBody",
                400,
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            PayloadError::Malformed(what) => {
                Fault::invalid_request(format!("The aws-chunked body is malformed: {what}"))
            }
            PayloadError::Signature => Fault::new(
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.",
            ),
            PayloadError::Hash { expected, computed } => Fault::new(
                "XAmzContentSHA256Mismatch",
                400,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )
            .with("ClientComputedContentSHA256", expected)
            .with("S3ComputedContentSHA256", computed),
        }
    }
}
