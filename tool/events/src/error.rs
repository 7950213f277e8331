//! Why there is no event.

/// Why there is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// No service of that name sends samples.
    #[error("there are no sample events of `{source_name}`")]
    UnknownSource {
        /// The name that was asked for.
        source_name: String,
        /// The name that may have been meant.
        near: Option<String>,
    },
    /// The service has no such sample.
    #[error("there is no sample event `{event}` of `{source_name}`")]
    UnknownEvent {
        /// The service.
        source_name: String,
        /// The name that was asked for.
        event: String,
        /// The name that may have been meant.
        near: Option<String>,
    },
    /// The event does not take the argument.
    #[error("the event does not take the argument `{name}`")]
    UnknownArgument {
        /// The argument's name.
        name: String,
        /// Those that it takes.
        known: Vec<String>,
    },
    /// An argument that stands for JSON is none.
    #[error("the argument `{name}` is not valid JSON: {reason}")]
    NoJson {
        /// The argument's name.
        name: String,
        /// What the parser says.
        reason: String,
    },
}
