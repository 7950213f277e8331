//! `slam status`: each stage with what it runs, read from the stack and its functions alone.

use crate::data::Holding;
use crate::deployed::DeployedStack;
use crate::error::{StackError, service, while_doing};
use crate::failure::Failure;
use crate::{Session, change, deployed, retain};
use jiff::Timestamp;
use slam_template::{API_ID_OUTPUT, DeployedRoute, StageTarget, Template, endpoint_output, version_output};

/// A deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// CloudFormation's word for its state.
    pub stack: String,
    /// When it was made or last changed, or when that was tried.
    pub changed: Option<Timestamp>,
    /// The function.
    pub function_arn: Option<String>,
    /// The API, where there is one.
    pub api_id: Option<String>,
    /// The functions of the project, its own first.
    pub functions: Vec<FunctionStatus>,
    /// The paths of the API, and which function answers each and all below it.
    pub routes: Vec<DeployedRoute>,
    /// The stages.
    pub stages: Vec<StageStatus>,
    /// Tables that left slam.yaml and are still there.
    pub left_behind: Vec<Holding>,
    /// The last deployment, when it failed.
    pub failed: Option<FailedDeployment>,
}

/// A deployed function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionStatus {
    /// Its name in slam.yaml; `None` is the project's own.
    pub name: Option<String>,
    /// Its runtime.
    pub runtime: String,
    /// Its memory in MB.
    pub memory: u64,
}

/// A deployed stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageStatus {
    /// Its name.
    pub name: String,
    /// `$LATEST` or a number; `None` when nothing was published to it yet.
    pub version: Option<String>,
    /// When its code was deployed or published, as far as that is known.
    pub deployed: Option<Timestamp>,
    /// Its API's endpoint as the stack gives it.
    pub endpoint: Option<String>,
}

/// A deployment that CloudFormation took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDeployment {
    /// When it began.
    pub at: Option<Timestamp>,
    /// What failed.
    pub failures: Vec<Failure>,
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
    let mut stages = Vec::new();
    let failed = failed(session, &stack).await?;
    let failed_at = failed.as_ref().and_then(|failed| failed.at);
    for name in template.declared_stages() {
        let mut stage = stage(session, &stack, &template, name).await?;
        // A rollback touches what it brings back: when that was deployed, nobody knows any more.
        stage.deployed = stage.deployed.filter(|at| failed_at.is_none_or(|failed| *at < failed));
        stages.push(stage);
    }
    Ok(Status {
        changed: stack.changed,
        function_arn: output(slam_template::FUNCTION_ARN_OUTPUT),
        api_id: output(API_ID_OUTPUT),
        functions: functions(&template),
        routes: template.routes(),
        stages,
        failed,
        left_behind,
        stack: stack.status,
    })
}

/// Whether the stack is there at all.
///
/// # Errors
/// When the cloud cannot be asked.
pub async fn exists(session: &Session<'_>) -> Result<bool, StackError> {
    Ok(deployed::describe(session).await?.is_some_and(|stack| stack.status != "REVIEW_IN_PROGRESS"))
}

/// What becomes of a stack that nobody waits for any more: CloudFormation's word, `None` when it cannot be had.
pub async fn progress(session: &Session<'_>) -> Option<String> {
    deployed::describe(session).await.ok()?.map(|stack| stack.status)
}

async fn stage(
    session: &Session<'_>,
    stack: &DeployedStack,
    template: &Template,
    name: String,
) -> Result<StageStatus, StackError> {
    let arn = stack.outputs.get(slam_template::FUNCTION_ARN_OUTPUT);
    // A stack that is made at this moment, or was only begun, has functions in its template and none to ask.
    let (true, Some(arn)) = (template.is_open(&name) && !stack.is_busy(), arn) else {
        let version = stack.outputs.get(&version_output(&name)).cloned();
        return Ok(StageStatus { name, version, deployed: None, endpoint: None });
    };
    let function = session.clients.function_configuration(arn, &name).await;
    let function = function.map_err(service("asking what a stage runs"))?;
    let published = matches!(template.stage(&name)?.target, StageTarget::Published(_));
    Ok(StageStatus {
        version: function["Version"].as_str().map(str::to_owned),
        deployed: match published {
            true => moved(session, stack, &name).await?,
            false => function["LastModified"].as_str().and_then(|text| text.parse().ok()),
        },
        endpoint: stack.outputs.get(&endpoint_output(&name)).cloned(),
        name,
    })
}

/// When a stage was pointed to what it is at. What is there may be older.
async fn moved(session: &Session<'_>, stack: &DeployedStack, stage: &str) -> Result<Option<Timestamp>, StackError> {
    let alias = slam_template::alias_id(stage, None);
    let call = session.clients.cloudformation.describe_stack_resource().stack_name(&stack.id);
    let found = call.logical_resource_id(alias).send().await.map_err(while_doing!("asking when a stage was moved"))?;
    let changed = found.stack_resource_detail().and_then(|resource| resource.last_updated_timestamp());
    Ok(changed.and_then(deployed::timestamp))
}

fn functions(template: &Template) -> Vec<FunctionStatus> {
    let of = |(id, name): (String, Option<String>)| {
        let properties = &template.resources().get(&id)?["Properties"];
        Some(FunctionStatus {
            name,
            runtime: properties["Runtime"].as_str().unwrap_or_default().to_owned(),
            memory: properties["MemorySize"].as_u64().unwrap_or(128),
        })
    };
    template.functions().into_iter().filter_map(of).collect()
}

/// The last deployment, if it was taken back: when, and what failed. Events tell it, the newest first.
async fn failed(session: &Session<'_>, stack: &DeployedStack) -> Result<Option<FailedDeployment>, StackError> {
    if !stack.status.contains("ROLLBACK") && !stack.status.ends_with("_FAILED") {
        return Ok(None);
    }
    let mut failed = FailedDeployment { at: None, failures: Vec::new() };
    for event in change::newest_events(session, &stack.id).await? {
        let status = event.resource_status().map_or("", |status| status.as_str());
        if event.physical_resource_id() == event.stack_id() {
            if matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS") {
                failed.at = event.timestamp().and_then(deployed::timestamp);
                break;
            }
            continue;
        }
        let logical_id = event.logical_resource_id().unwrap_or_default();
        failed.failures.extend(Failure::of_event(logical_id, status, event.resource_status_reason()));
    }
    failed.failures.reverse();
    Ok(Some(failed))
}
