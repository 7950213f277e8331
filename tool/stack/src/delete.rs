//! `slam delete`: the stack and everything it made.

use crate::error::{StackError, while_doing};
use crate::{Session, bucket, change, deployed};
use std::collections::HashSet;

/// What a deletion took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Resources that the stack had.
    pub resources: usize,
    /// Resources that were kept because the template says so: logical and physical ids.
    pub kept: Vec<(String, String)>,
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

/// Everything in the stack.
///
/// # Errors
/// When the stack is missing or cannot be read.
pub async fn resources(session: &Session<'_>) -> Result<Vec<StackResource>, StackError> {
    let stack = match deployed::describe(session).await? {
        Some(stack) => stack,
        None => return Err(StackError::NotDeployed(session.stack.to_owned())),
    };
    list(session, &stack.id).await
}

async fn list(session: &Session<'_>, stack: &str) -> Result<Vec<StackResource>, StackError> {
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

/// Deletes the stack; its own buckets are emptied first, which CloudFormation cannot do.
///
/// # Errors
/// When something cannot be deleted; what is left is named.
pub async fn delete(session: &Session<'_>) -> Result<Deleted, StackError> {
    let before = resources(session).await?;
    let stack = deployed::describe(session).await?.ok_or_else(|| StackError::NotDeployed(session.stack.to_owned()))?;
    for resource in before.iter().filter(|resource| resource.resource_type == "AWS::S3::Bucket") {
        if !resource.physical_id.is_empty() {
            bucket::empty(session, &resource.physical_id).await?;
        }
    }
    if let Some(bucket) = stack.parameters.get(slam_template::CODE_BUCKET_PARAMETER)
        && bucket::exists(session, bucket).await?
    {
        // A bucket that is not the stack's own loses only what slam put there.
        bucket::prune(session, bucket, &format!("{}/", session.stack), &[]).await?;
    }
    let seen = if stack.status == "REVIEW_IN_PROGRESS" { HashSet::new() } else { change::event_ids(session).await? };
    session
        .clients
        .cloudformation
        .delete_stack()
        .stack_name(&stack.id)
        .send()
        .await
        .map_err(while_doing!("deleting the stack"))?;
    change::follow(session, &stack.id, seen).await?;
    let kept = list(session, &stack.id)
        .await?
        .into_iter()
        .filter(|resource| resource.status != "DELETE_COMPLETE")
        .map(|resource| (resource.logical_id, resource.physical_id))
        .collect();
    Ok(Deleted { resources: before.len(), kept })
}
