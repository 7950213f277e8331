//! What is deployed, read back from the stack: slam keeps no state of its own.

use crate::error::{StackError, while_doing};
use crate::{Session, identity};
use std::collections::BTreeMap;

/// A stack as CloudFormation describes it.
#[derive(Clone, Debug, Default)]
pub struct DeployedStack {
    /// The stack's ARN, by which it is found even after its deletion.
    pub id: String,
    /// `CREATE_COMPLETE` …
    pub status: String,
    /// Parameters with their values.
    pub parameters: BTreeMap<String, String>,
    /// Outputs with their values.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was made or last changed.
    pub changed: Option<jiff::Timestamp>,
}

/// Describes the stack; `None` when there is none. One that is another project's is refused, whatever is meant to be done.
pub(crate) async fn describe(session: &Session<'_>) -> Result<Option<DeployedStack>, StackError> {
    let answer = session.clients.cloudformation.describe_stacks().stack_name(session.stack).send().await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let error = slam_aws::service_error(&error);
            let missing = error.code.as_deref() == Some("ValidationError") && error.message.contains("does not exist");
            return if missing { Ok(None) } else { Err(StackError::Service { doing: "looking for the stack", error }) };
        }
    };
    let found = answer.stacks().first().map(|stack| DeployedStack {
        id: stack.stack_id().unwrap_or_default().to_owned(),
        status: stack.stack_status().map_or(String::new(), |status| status.as_str().to_owned()),
        parameters: stack
            .parameters()
            .iter()
            .filter_map(|parameter| {
                Some((parameter.parameter_key()?.to_owned(), parameter.parameter_value()?.to_owned()))
            })
            .collect(),
        outputs: stack
            .outputs()
            .iter()
            .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
            .collect(),
        tags: stack.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect(),
        changed: stack.last_updated_time().or(stack.creation_time()).and_then(timestamp),
    });
    if let Some(stack) = found.as_ref().filter(|stack| stack.status != "REVIEW_IN_PROGRESS") {
        identity::check(session, stack)?;
    }
    Ok(found)
}

/// A time of the SDK's.
pub(crate) fn timestamp(time: &slam_aws::cloudformation::primitives::DateTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// The stack, which must exist and be at rest in a usable state.
pub(crate) async fn require(session: &Session<'_>) -> Result<DeployedStack, StackError> {
    match describe(session).await? {
        Some(stack) if stack.status != "REVIEW_IN_PROGRESS" => Ok(stack),
        _ => Err(StackError::NotDeployed(session.stack.to_owned())),
    }
}

/// The template as it was sent.
pub(crate) async fn template(session: &Session<'_>) -> Result<String, StackError> {
    let answer = session
        .clients
        .cloudformation
        .get_template()
        .stack_name(session.stack)
        .send()
        .await
        .map_err(while_doing!("reading the deployed template"))?;
    Ok(answer.template_body().unwrap_or_default().to_owned())
}

impl DeployedStack {
    /// Whether a change of it is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Refuses a stage that does not answer yet: it was never published, or is not in the stack.
    pub(crate) fn require_stage(&self, stage: &str) -> Result<(), StackError> {
        match self.outputs.contains_key(&slam_template::version_output(stage)) {
            true => Ok(()),
            false => Err(StackError::Template(slam_template::TemplateError::Unpublished(stage.to_owned()))),
        }
    }

    /// An output that every stack of slam has.
    pub(crate) fn output(&self, session: &Session<'_>, name: &str) -> Result<&str, StackError> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| StackError::Foreign {
            stack: session.stack.to_owned(),
            missing: format!("the output {name}"),
        })
    }

    /// The ARN of a function of the project; `None` is the project's own.
    pub(crate) fn function(&self, session: &Session<'_>, name: Option<&str>) -> Result<&str, StackError> {
        let output = slam_template::function_arn_output(name);
        match name.filter(|_| !self.outputs.contains_key(&output)) {
            Some(name) => Err(StackError::UnknownFunction(name.to_owned())),
            None => self.output(session, &output),
        }
    }
}
