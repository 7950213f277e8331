//! Permissions: statements of a queue's policy.

use crate::SqsService;
use crate::model::name::Reference;
use crate::model::policy::{self, Grant};
use crate::model::queue::Queue;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// AddPermission.
pub async fn add(
    service: Arc<SqsService>,
    context: Context,
    input: wire::AddPermission,
) -> AwsResult<wire::AddPermissionOutput> {
    let reference = Reference::of_url(&context, &input.queue_url);
    let grant = Grant { label: &input.label, accounts: &input.aws_account_ids, actions: &input.actions };
    let change = |queue: &mut Queue| {
        grant.check()?;
        queue.policy = Some(grant.added(queue.policy.as_deref(), &reference.arn(), context.partition())?);
        Ok(())
    };
    service.queues.change(&reference, change).await?;
    Ok(wire::AddPermissionOutput {})
}

/// RemovePermission.
pub async fn remove(
    service: Arc<SqsService>,
    context: Context,
    input: wire::RemovePermission,
) -> AwsResult<wire::RemovePermissionOutput> {
    let reference = Reference::of_url(&context, &input.queue_url);
    let change = |queue: &mut Queue| {
        queue.policy = policy::removed(queue.policy.as_deref(), &input.label)?;
        Ok(())
    };
    service.queues.change(&reference, change).await?;
    Ok(wire::RemovePermissionOutput {})
}
