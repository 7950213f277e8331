//! `slam deploy`: a project's package and template become, or change, its stack.

use crate::change::{self, INLINE_TEMPLATE, Request};
use crate::deployed::{self, DeployedStack};
use crate::error::{StackError, while_doing};
use crate::progress::{Event, Silent};
use crate::{Session, bucket, delete};
use slam_project::Project;
use slam_template::{CODE_BUCKET_PARAMETER, CODE_KEY_PARAMETER, Inputs, PACKAGE_BUCKET_OUTPUT, Template};
use std::collections::HashSet;
use std::path::Path;

/// What to deploy.
#[derive(Clone, Copy, Debug)]
pub struct Deploy<'a> {
    /// The stages that live in this stack.
    pub stages: &'a [&'a str],
    /// The stage that gets the new code; the development stage when left out.
    pub stage: Option<&'a str>,
    /// The package; `None` leaves the code as it is (`--no-lambda`).
    pub package: Option<&'a PackageFile<'a>>,
}

/// A package on disk.
#[derive(Clone, Copy, Debug)]
pub struct PackageFile<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// The hash of its bytes, in hexadecimal.
    pub sha256: &'a str,
}

/// Deploys. `Ok(false)`: everything was as it should be already.
///
/// # Errors
/// When the template cannot be made, or the cloud refuses or fails; a first deployment that fails leaves nothing.
pub async fn deploy(session: &Session<'_>, project: &Project, what: &Deploy<'_>) -> Result<bool, StackError> {
    let stack = usable(session).await?;
    let is_first = stack.is_none();
    let result = match stack {
        Some(stack) => update(session, project, what, stack).await,
        None => create(session, project, what).await,
    };
    if result.is_err() && is_first {
        // Nothing was deployed before, so nothing shall remain; the failure above is what the person must hear of.
        let silent = Session { progress: &Silent, ..*session };
        if deployed::describe(session).await?.is_some() {
            let _ = delete::delete(&silent).await;
        }
    }
    result
}

/// The stack if it can be changed. One that never came into being is removed, for it cannot.
async fn usable(session: &Session<'_>) -> Result<Option<DeployedStack>, StackError> {
    let Some(stack) = deployed::describe(session).await? else { return Ok(None) };
    match stack.status.as_str() {
        "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => {
            delete::delete(&Session { progress: &Silent, ..*session }).await?;
            Ok(None)
        }
        status if status.ends_with("_IN_PROGRESS") || status == "UPDATE_ROLLBACK_FAILED" => {
            Err(StackError::Busy { stack: session.stack.to_owned(), status: status.to_owned() })
        }
        _ => Ok(Some(stack)),
    }
}

async fn create(session: &Session<'_>, project: &Project, what: &Deploy<'_>) -> Result<bool, StackError> {
    if what.package.is_none() {
        return Err(StackError::NotDeployed(session.stack.to_owned()));
    }
    let create_bucket = match &project.package.bucket {
        Some(bucket) => !bucket::exists(session, bucket).await?,
        None => true,
    };
    let inputs = inputs(what, create_bucket, None);
    if create_bucket {
        let bootstrap = slam_template::bootstrap(project, &inputs)?;
        apply(session, project, &bootstrap, &[], Target { create: true, announce: false, bucket: None }).await?;
        let stack = deployed::require(session).await?;
        return update(session, project, what, stack).await;
    }
    let template = slam_template::render(project, &inputs)?;
    let bucket = project.package.bucket.clone().unwrap_or_default();
    let key = upload(session, project, &bucket, what).await?.unwrap_or_default();
    let parameters = parameters(&template, &bucket, key);
    apply(session, project, &template, &parameters, Target { create: true, announce: true, bucket: Some(&bucket) })
        .await
}

async fn update(
    session: &Session<'_>,
    project: &Project,
    what: &Deploy<'_>,
    stack: DeployedStack,
) -> Result<bool, StackError> {
    let before = Template::parse(&deployed::template(session).await?)?;
    let bucket = bucket_of(project, &stack, session)?;
    let previous_key = stack.parameters.get(CODE_KEY_PARAMETER).cloned();
    let key = match upload(session, project, &bucket, what).await? {
        Some(key) => key,
        None => previous_key.clone().ok_or_else(|| StackError::NotDeployed(session.stack.to_owned()))?,
    };
    let template = slam_template::render(project, &inputs(what, false, Some(&before)))?;
    let parameters = parameters(&template, &bucket, key.clone());
    let target = Target { create: false, announce: true, bucket: Some(&bucket) };
    let changed = apply(session, project, &template, &parameters, target).await?;
    if changed {
        // The package before stays: going back to it must work even from outside, by CloudFormation's own rollback.
        let versions = template.versions().into_iter().map(|version| version.code_key);
        let keep: Vec<String> = versions.chain([key]).chain(previous_key).collect();
        bucket::prune(session, &bucket, &prefix(project), &keep).await?;
    }
    Ok(changed)
}

fn inputs<'a>(what: &'a Deploy<'_>, create_bucket: bool, deployed: Option<&'a Template>) -> Inputs<'a> {
    Inputs { stages: what.stages.to_vec(), create_bucket, deployed, deploy_stage: what.stage }
}

/// Where the packages of a project lie within their bucket.
pub(crate) fn prefix(project: &Project) -> String {
    format!("{}/", project.name)
}

/// The bucket of the packages: the stack's own, else the one that slam.yaml names.
pub(crate) fn bucket_of(project: &Project, stack: &DeployedStack, session: &Session<'_>) -> Result<String, StackError> {
    match (stack.outputs.get(PACKAGE_BUCKET_OUTPUT), &project.package.bucket) {
        (Some(bucket), _) => Ok(bucket.clone()),
        (None, Some(bucket)) => Ok(bucket.clone()),
        (None, None) => stack.output(session, PACKAGE_BUCKET_OUTPUT).map(str::to_owned),
    }
}

/// Sends the package unless it is there already; its key carries its hash. `None` when there is no new package.
async fn upload(
    session: &Session<'_>,
    project: &Project,
    bucket: &str,
    what: &Deploy<'_>,
) -> Result<Option<String>, StackError> {
    let Some(package) = what.package else { return Ok(None) };
    let key = format!("{}{}.zip", prefix(project), package.sha256);
    if bucket::has(session, bucket, &key).await? {
        session.progress.event(&Event::PackageUnchanged);
    } else {
        bucket::upload(session, bucket, &key, package.path).await?;
    }
    Ok(Some(key))
}

pub(crate) fn parameters(template: &Template, bucket: &str, key: String) -> Vec<(String, String)> {
    let values = [(CODE_BUCKET_PARAMETER, bucket.to_owned()), (CODE_KEY_PARAMETER, key)];
    let wanted = values.into_iter().filter(|(name, _)| template.has_parameter(name));
    wanted.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where and how a template is applied.
pub(crate) struct Target<'a> {
    /// The stack does not exist yet.
    pub create: bool,
    /// The changes are told.
    pub announce: bool,
    /// Where a template lies that is too long for its request.
    pub bucket: Option<&'a str>,
}

pub(crate) async fn apply(
    session: &Session<'_>,
    project: &Project,
    template: &Template,
    parameters: &[(String, String)],
    target: Target<'_>,
) -> Result<bool, StackError> {
    let text = template.to_json();
    let tags: Vec<_> = project.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let template_url = match target.bucket {
        Some(bucket) if text.len() > INLINE_TEMPLATE => {
            let key = format!("{}template.json", prefix(project));
            bucket::put_text(session, bucket, &key, &text).await?;
            Some(format!("https://{bucket}.s3.amazonaws.com/{key}"))
        }
        _ => None,
    };
    let request = Request {
        template: &text,
        template_url,
        parameters,
        tags: &tags,
        resources: template.resource_count(),
        create: target.create,
        announce: target.announce,
    };
    change::apply(session, &request).await
}

/// The versions of the function by their numbers, with the logical ids of their resources.
pub(crate) async fn version_numbers(session: &Session<'_>) -> Result<Vec<(String, String)>, StackError> {
    let mut seen = HashSet::new();
    let mut versions = Vec::new();
    let mut token = None;
    loop {
        let page = session
            .clients
            .cloudformation
            .list_stack_resources()
            .stack_name(session.stack)
            .set_next_token(token)
            .send()
            .await
            .map_err(while_doing!("listing the published versions"))?;
        for resource in page.stack_resource_summaries() {
            let physical = resource.physical_resource_id().unwrap_or_default();
            if resource.resource_type() == Some("AWS::Lambda::Version")
                && let Some((_, number)) = physical.rsplit_once(':')
                && seen.insert(number.to_owned())
            {
                versions.push((number.to_owned(), resource.logical_resource_id().unwrap_or_default().to_owned()));
            }
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(versions);
        }
    }
}
