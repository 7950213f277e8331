//! What can go wrong with a stack, in words for the person who typed the command.

use crate::failure::{Failure, lines};
use crate::identity::OtherProject;
use slam_aws::ServiceError;
use slam_report::{Kind, Report};
use slam_template::TemplateError;

/// A failed command on a stack.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A service refused a call or could not be reached.
    #[error("{doing}: {error}")]
    Service {
        /// What slam was about to do: "creating the change set".
        doing: &'static str,
        /// What the service answered.
        error: ServiceError,
    },
    /// The stack does not exist.
    #[error("{0} is not deployed")]
    NotDeployed(String),
    /// Another change of the stack is under way.
    #[error("another deployment of {stack} runs{} ({status})", since(*begun))]
    Busy {
        /// The stack's name.
        stack: String,
        /// Its status.
        status: String,
        /// When it began.
        begun: Option<jiff::Timestamp>,
    },
    /// Another change of the stack came in between, and has ended.
    #[error("another deployment has changed {0} meanwhile")]
    Overtaken(String),
    /// The stack is stuck after a failure that only a person can resolve.
    #[error("the stack {stack} is in the state {status}, in which it cannot be changed")]
    Stuck {
        /// The stack's name.
        stack: String,
        /// Its status.
        status: String,
    },
    /// CloudFormation tried and went back.
    #[error("{summary}{}", lines(failures))]
    Failed {
        /// What became of the stack.
        summary: String,
        /// The resources that failed, in their order.
        failures: Vec<Failure>,
    },
    /// What a cloud answers does not fit what it was told to do.
    #[error("{endpoint} does not answer as AWS does: {call} was expected to give {expected}, and gave {found}")]
    Unverified {
        /// Who answered.
        endpoint: String,
        /// What was asked: "CloudFormation's DescribeStacks".
        call: &'static str,
        /// What should have been the answer.
        expected: String,
        /// What it was.
        found: String,
    },
    /// A package that cannot be taken to another stack.
    #[error("the package {key} cannot be promoted: {why}")]
    Package {
        /// Its key.
        key: String,
        /// Why not.
        why: String,
    },
    /// The change set was refused as a whole.
    #[error("CloudFormation refused the template: {0}")]
    Refused(String),
    /// A version that was never published or is gone.
    #[error("version {version} does not exist: published are {}", if known.is_empty() { "none".into() } else { known.join(", ") })]
    UnknownVersion {
        /// What was asked for.
        version: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The template has a function or layer that was never deployed, and its package was left out.
    #[error("the code cannot be left as it is: the stack has no package for {parameter} yet")]
    NoPackage {
        /// The template's parameter.
        parameter: String,
    },
    /// No function of this name.
    #[error("the stack has no function `{0}`")]
    UnknownFunction(String),
    /// No usage plan of this name.
    #[error("{stage} has no plan `{plan}`: there are {}", if known.is_empty() { "none".into() } else { known.join(", ") })]
    UnknownPlan {
        /// The stage.
        stage: String,
        /// What was asked for.
        plan: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A usage plan that the stack's template has, and the stack has not.
    #[error("the stack has lost the plan `{0}`")]
    LostPlan(String),
    /// No API key of this id.
    #[error("{stage} has no key with the id {id}")]
    UnknownKey {
        /// The stage.
        stage: String,
        /// What was asked for.
        id: String,
    },
    /// The template could not be made.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A file of the project could not be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The deployed stack lacks what every stack of slam has.
    #[error("the stack {stack} was not deployed by slam: {missing} is missing")]
    Foreign {
        /// The stack's name.
        stack: String,
        /// What is missing.
        missing: String,
    },
    /// A stack or table that is another project's.
    #[error(transparent)]
    OtherProject(Box<OtherProject>),
    /// A table of a name that is needed, which no project of slam's made.
    #[error("the table {table} exists already, and no project of slam's has made it")]
    ForeignTable {
        /// Its name.
        table: String,
    },
    /// A table that is to be deleted and is in slam.yaml.
    #[error("the data of `{0}` cannot be deleted: slam.yaml has that table")]
    StillWanted(String),
    /// A change set would replace resources that hold data.
    #[error("CloudFormation would make these anew, without what is in them: {}. Nothing was changed", .0.join(", "))]
    WouldReplace(Vec<String>),
    /// Messages were not moved back, or not all of them.
    #[error("moving the messages ended as {status} after {moved}{why}")]
    NotRedriven {
        /// What SQS says of the task.
        status: String,
        /// How many were moved.
        moved: u64,
        /// Why, where SQS says.
        why: String,
    },
    /// It took longer than any deployment should.
    #[error("the stack {0} is still being changed after an hour; it goes on by itself: `slam status` shows how")]
    Timeout(String),
}

impl StackError {
    /// What the person can do next, where slam knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotDeployed(_) => Some("`slam deploy` deploys it".into()),
            Self::OtherProject(other) => Some(other.hint.clone()),
            Self::ForeignTable { .. } => Some(
                "give the table or its stage another name in slam.yaml; a table that is in nobody's use can be deleted: \
                 `aws dynamodb delete-table`"
                    .into(),
            ),
            Self::StillWanted(name) => {
                Some(format!("take `{name}` out of slam.yaml; the deployment that does so can delete its data, and the next one make it anew"))
            }
            Self::WouldReplace(_) => Some("leave what they are made with as it was, or give them other names".into()),
            Self::NoPackage { .. } => Some("`slam deploy` without --no-lambda builds and deploys all packages".into()),
            Self::UnknownPlan { .. } => Some("`http.keys` in slam.yaml has the plans, and `slam deploy` brings them to the stack".into()),
            Self::LostPlan(_) => Some("its last deployment did not make it: `slam deploy` does".into()),
            Self::UnknownKey { .. } => Some("`slam keys list` shows the ids".into()),
            Self::UnknownFunction(_) => Some("`slam deploy` brings the functions of slam.yaml to the stack".into()),
            Self::Busy { .. } => Some("with `--wait` slam waits for its end; `slam status` shows how far it is".into()),
            Self::Overtaken(_) => Some("look at `slam status`, then try again; `--wait` tries again by itself".into()),
            Self::Stuck { .. } => Some("`slam delete` removes it; then deploy again".into()),
            Self::Template(TemplateError::Unpublished(stage)) => {
                Some(format!("`slam publish {stage}` gives it what the development stage runs"))
            }
            Self::Template(TemplateError::NotInStack(_) | TemplateError::NewAuthorizer { .. }) => {
                Some("`slam deploy` brings it there, and this publishes to it then".into())
            }
            Self::Unverified { .. } => {
                Some("look at the stack with this cloud's own tools before you rely on what is there".into())
            }
            Self::Package { .. } => Some("`slam deploy` puts it there anew; then publish again".into()),
            Self::Service { error, .. } if error.code.is_none() => {
                Some("is the endpoint right and reachable? `slam cloud status` tells of the embedded cloud".into())
            }
            Self::Service { error, .. } => match error.code.as_deref() {
                Some("ExpiredToken" | "ExpiredTokenException") => Some("sign in to AWS again".into()),
                Some("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch") => {
                    Some("the access key does not belong to this cloud; `slam env` prints the embedded cloud's".into())
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<StackError> for Report {
    fn from(error: StackError) -> Self {
        match error {
            // What a stage lacks is told with what brings it there; all else is slam.yaml's.
            StackError::Template(cause)
                if !matches!(cause, TemplateError::Unpublished(_) | TemplateError::NotInStack(_)) =>
            {
                cause.into()
            }
            StackError::NotDeployed(_) => Self::of(Kind::NotDeployed, &error).hint(error.hint()),
            error => Self::failure(&error).hint(error.hint()),
        }
    }
}

/// " since 12:04:31", in this machine's time.
fn since(begun: Option<jiff::Timestamp>) -> String {
    let zoned = begun.map(|begun| begun.to_zoned_datetime(jiff::tz::TimeZone::system()));
    zoned.map_or(String::new(), |zoned| format!(" since {}", zoned.strftime("%H:%M:%S")))
}

/// Turns what a service answered into ours, saying what slam was doing.
pub(crate) fn service(doing: &'static str) -> impl Fn(ServiceError) -> StackError {
    move |error| StackError::Service { doing, error }
}

/// The same for an SDK's error.
macro_rules! while_doing {
    ($doing:literal) => {
        |error| $crate::error::StackError::Service { doing: $doing, error: slam_aws::service_error(&error) }
    };
}
pub(crate) use while_doing;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_errors_mean_and_what_to_do() {
        let service = |code: Option<&str>| StackError::Service {
            doing: "looking for the stack",
            error: ServiceError { code: code.map(str::to_owned), message: "no".to_owned() },
        };
        for (error, kind, message, hint) in [
            (StackError::NotDeployed("tasks".into()), Kind::NotDeployed, "tasks is not deployed", "`slam deploy` dep"),
            (service(Some("ExpiredToken")), Kind::Failure, "looking for the stack: ExpiredToken: no", "sign in to AWS"),
            (service(None), Kind::Failure, "looking for the stack: no", "is the endpoint right"),
            (service(Some("Throttling")), Kind::Failure, "looking for the stack: Throttling: no", ""),
            // What is wrong in slam.yaml is the person's; what a stage lacks is brought by a command.
            (TemplateError::Clash("A".into()).into(), Kind::Usage, "two things in slam.yaml", ""),
            (TemplateError::Unpublished("prod".into()).into(), Kind::Failure, "nothing is pub", "`slam publish prod`"),
        ] {
            let report = Report::from(error);
            assert_eq!(report.kind, kind, "{report}");
            assert!(report.to_string().starts_with(message), "{report}");
            assert_eq!(report.hint.is_some(), !hint.is_empty(), "{report}");
            assert!(report.hint.unwrap_or_default().starts_with(hint), "{hint}");
        }
    }
}
