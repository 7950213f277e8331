//! What a runtime says when it fails.

use bytes::Bytes;

/// An error as a runtime posts it.
#[derive(Clone, Debug)]
pub struct RuntimeError {
    /// The document with `errorType`, `errorMessage` and `stackTrace`.
    pub body: Bytes,
    /// The type, as the runtime's header says it.
    pub kind: Option<String>,
    /// Whether the runtime could not start, rather than an event not be handled.
    pub init: bool,
}
