//! What is deployed, read back from the stack: slam keeps no state of its own.

use crate::Session;
use crate::error::{StackError, while_doing};
use crate::identity::{Identity, OtherProject};
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

/// One resource of the stack, for telling what is about to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// Logical id.
    pub logical_id: String,
    /// `AWS::DynamoDB::Table`
    pub resource_type: String,
    /// The physical id.
    pub physical_id: String,
    /// `CREATE_COMPLETE` …
    pub status: String,
}

/// Describes the stack; `None` when there is none. One that is another project's is refused, whatever is meant to be done.
pub async fn describe(session: &Session<'_>) -> Result<Option<DeployedStack>, StackError> {
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
        refuse_others(session, stack)?;
    }
    Ok(found)
}

/// Refuses a stack that is another project's.
fn refuse_others(session: &Session<'_>, stack: &DeployedStack) -> Result<(), StackError> {
    let theirs = Identity::from_tags(&stack.tags);
    let ours = Identity::of(session.project);
    let hint = match (&theirs.id, &ours.id) {
        (Some(id), Some(_)) if theirs.id != ours.id => format!(
            "give this project another `name`; if it is the same project, its id in slam.yaml must be `id: {id}`"
        ),
        (Some(id), None) => format!(
            "if it is the same project, add `id: {id}` to slam.yaml; if it is not, give this project another `name`"
        ),
        (None, _) if !session.take_over && !ours.is_same(&theirs) => {
            "give this project another `name`; if it is the same project, `slam deploy --take-over` makes the stack its own"
                .to_owned()
        }
        _ => return Ok(()),
    };
    let what = format!("the stack {}", session.stack);
    Err(StackError::OtherProject(Box::new(OtherProject { what, theirs, ours, hint })))
}

/// A time of the SDK's.
pub fn timestamp(time: &slam_aws::cloudformation::primitives::DateTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// The stack, which must exist and be at rest in a usable state.
pub async fn require(session: &Session<'_>) -> Result<DeployedStack, StackError> {
    match describe(session).await? {
        Some(stack) if stack.status != "REVIEW_IN_PROGRESS" => Ok(stack),
        _ => Err(StackError::NotDeployed(session.stack.to_owned())),
    }
}

/// What a stack has; `stack` is its name or ARN.
pub async fn resources(session: &Session<'_>, stack: &str) -> Result<Vec<StackResource>, StackError> {
    let mut resources = Vec::new();
    let mut token = None;
    loop {
        let page = session
            .clients
            .cloudformation
            .list_stack_resources()
            .stack_name(stack)
            .set_next_token(token)
            .send()
            .await
            .map_err(while_doing!("listing the stack's resources"))?;
        resources.extend(page.stack_resource_summaries().iter().map(|resource| StackResource {
            logical_id: resource.logical_resource_id().unwrap_or_default().to_owned(),
            resource_type: resource.resource_type().unwrap_or_default().to_owned(),
            physical_id: resource.physical_resource_id().unwrap_or_default().to_owned(),
            status: resource.resource_status().map_or(String::new(), |status| status.as_str().to_owned()),
        }));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(resources);
        }
    }
}

/// The template as it was sent.
pub async fn template(session: &Session<'_>) -> Result<String, StackError> {
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
    pub fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Refuses a stage that does not answer yet: it was never published, or is not in the stack.
    pub fn require_stage(&self, stage: &str) -> Result<(), StackError> {
        match self.outputs.contains_key(&slam_template::version_output(stage)) {
            true => Ok(()),
            false => Err(StackError::Template(slam_template::TemplateError::Unpublished(stage.to_owned()))),
        }
    }

    /// An output that every stack of slam has.
    pub fn output(&self, session: &Session<'_>, name: &str) -> Result<&str, StackError> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| StackError::Foreign {
            stack: session.stack.to_owned(),
            missing: format!("the output {name}"),
        })
    }

    /// The ARN of a function of the project; `None` is the project's own.
    pub fn function(&self, session: &Session<'_>, name: Option<&str>) -> Result<&str, StackError> {
        let output = slam_template::function_arn_output(name);
        match name.filter(|_| !self.outputs.contains_key(&output)) {
            Some(name) => Err(StackError::UnknownFunction(name.to_owned())),
            None => self.output(session, &output),
        }
    }
}
