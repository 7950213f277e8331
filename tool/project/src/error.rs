//! What can be wrong with a slam.yaml, or keep one from being written.

use slam_report::Report;
use std::io;

/// Everything that is wrong with a slam.yaml.
pub type ProjectError = slam_report::Diagnosis;

/// Why there is no new slam.yaml.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error("{0} exists already")]
    Exists(String),
    /// An option was not a good one. The places are those of the file that would have been written.
    #[error("{}", .0.diagnostics.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; "))]
    Options(ProjectError),
    /// The file could not be written.
    #[error("{path} cannot be written: {error}")]
    Write {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
}

impl From<InitError> for Report {
    fn from(error: InitError) -> Self {
        match error {
            InitError::Exists(_) => Self::usage(error, "remove it first to begin anew"),
            InitError::Options(error) => error.into(),
            InitError::Write { .. } => Self::failure(error),
        }
    }
}
