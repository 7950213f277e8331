//! `slam status`: each stage with its version and endpoint, read from the stack alone.

use crate::error::StackError;
use crate::retain::{self, Holding};
use crate::{Session, deployed};
use slam_template::{API_ID_OUTPUT, Template, endpoint_output, version_output};

/// A deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// CloudFormation's word for its state.
    pub stack: String,
    /// The function.
    pub function_arn: Option<String>,
    /// The API, where there is one.
    pub api_id: Option<String>,
    /// The stages.
    pub stages: Vec<StageStatus>,
    /// Tables that left slam.yaml and are still there.
    pub left_behind: Vec<Holding>,
}

/// A deployed stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageStatus {
    /// Its name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Its API's endpoint as the stack gives it.
    pub endpoint: Option<String>,
}

/// Reads the state of a stack.
///
/// # Errors
/// When the stack is missing or was not deployed by slam.
pub async fn status(session: &Session<'_>) -> Result<Status, StackError> {
    let stack = deployed::require(session).await?;
    let template = Template::parse(&deployed::template(session).await?)?;
    let output = |name: &str| stack.outputs.get(name).cloned();
    let left_behind = retain::left_behind(session, &template).await?;
    let stages = template.stages().into_iter().map(|stage| StageStatus {
        version: output(&version_output(&stage.name)).unwrap_or_else(|| "$LATEST".to_owned()),
        endpoint: output(&endpoint_output(&stage.name)),
        name: stage.name,
    });
    Ok(Status {
        function_arn: output(slam_template::FUNCTION_ARN_OUTPUT),
        api_id: output(API_ID_OUTPUT),
        stages: stages.collect(),
        left_behind,
        stack: stack.status,
    })
}
