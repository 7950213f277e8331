//! `slam publish`: a stage gets an immutable version.

use crate::apply::{Target, apply};
use crate::error::{StackError, while_doing};
use crate::packages::{bucket_of, deployed_keys, parameters, release};
use crate::{Session, change, deployed, verify};
use slam_project::Project;
use slam_template::{StageTarget, Template};
use std::collections::HashSet;

/// Versions that a stage keeps beside the one it is at, to go back to.
const KEEP: usize = 10;

/// What a stage is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// What another stage runs: its version, or a new version of the newest code.
    Stage(&'a str),
    /// A version that was published before.
    Version(&'a str),
}

/// Gives `stage` what `source` has. `Ok(false)`: it has it already.
///
/// What is published is what is *deployed*, not what slam.yaml says meanwhile: what was tried out on the development
/// stage is what the other stage gets.
///
/// # Errors
/// When the stack, stage or version is missing, or the cloud refuses or fails.
pub async fn publish(
    session: &Session<'_>,
    project: &Project,
    stage: &str,
    source: Source<'_>,
    wait: bool,
) -> Result<bool, StackError> {
    change::in_turn(session, wait, async || attempt(session, project, stage, source).await).await
}

async fn attempt(
    session: &Session<'_>,
    project: &Project,
    stage: &str,
    source: Source<'_>,
) -> Result<bool, StackError> {
    let stack = deployed::require(session).await?;
    if stack.is_busy() {
        return Err(change::busy(session, &stack).await);
    }
    let mut template = Template::parse(&deployed::template(session).await?)?;
    let keys = deployed_keys(&stack);
    let target = match source {
        Source::Version(number) => {
            let versions = version_numbers(session).await?;
            let Some((_, logical_id)) = versions.iter().find(|(known, _)| known == number) else {
                return Err(StackError::UnknownVersion {
                    version: number.to_owned(),
                    known: versions.into_iter().map(|(number, _)| number).collect(),
                });
            };
            StageTarget::Published(template.published_with(logical_id))
        }
        Source::Stage(other) => template.stage(other)?.target,
    };
    template.open(project, stage)?;
    match target {
        published @ StageTarget::Published(_) => template.point(stage, &published)?,
        StageTarget::Latest => {
            template.publish(stage, &release(&keys))?;
        }
    }
    template.prune(KEEP);
    let bucket = bucket_of(project, &stack, session)?;
    let parameters = parameters(&template, &bucket, &keys);
    let target = Target { create: false, announce: true, bucket: Some(&bucket) };
    let changed = apply(session, project, &template, &parameters, target).await?;
    verify::stage(session, &template, stage).await?;
    Ok(changed)
}

/// The versions of the project's own function by their numbers, with the logical ids of their resources.
async fn version_numbers(session: &Session<'_>) -> Result<Vec<(String, String)>, StackError> {
    let own = Template::parse(&deployed::template(session).await?)?;
    let own: HashSet<String> = own.versions_of(slam_template::FUNCTION).collect();
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
            if own.contains(resource.logical_resource_id().unwrap_or_default())
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
