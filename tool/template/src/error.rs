//! Why there is no template.

use slam_project::ProjectError;
use slam_report::{Kind, Report};

/// Why a template could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Something in slam.yaml, shown at its place.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// No such stage.
    #[error("there is no stage `{stage}`; there are: {known}")]
    UnknownStage {
        /// The stage asked for.
        stage: String,
        /// Those that are.
        known: String,
    },
    /// A stage that nothing was published to.
    #[error("nothing is published to {0} yet")]
    Unpublished(String),
    /// A stage of slam.yaml that came after the last deployment.
    #[error("{0} is new in slam.yaml: the stack does not have it yet")]
    NotInStack(String),
    /// A function that decides who may call a stage, and came after the last deployment.
    #[error("{function}, which decides who may call {stage}, is new in slam.yaml: the stack does not have it yet")]
    NewAuthorizer {
        /// The function.
        function: String,
        /// The stage.
        stage: String,
    },
    /// No such version.
    #[error("the stack has no version `{0}`")]
    UnknownVersion(String),
    /// A stage that was at no other version before.
    #[error("the stage `{0}` has no version to go back to")]
    NothingBefore(String),
    /// More of something than CloudFormation takes.
    #[error("the template has {found} {what}, and CloudFormation takes {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        limit: usize,
    },
    /// Names in slam.yaml that become one in the template.
    #[error(
        "two things in slam.yaml would both be `{0}` in the stack: give one of these stages, functions or paths another name"
    )]
    Clash(String),
    /// A deployed template that is not one of slam's.
    #[error("the deployed template is not one of slam's: {0}")]
    NotOurs(String),
}

impl From<TemplateError> for Report {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Project(error) => error.into(),
            error => Self::of(Kind::Usage, error),
        }
    }
}
