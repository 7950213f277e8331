//! Permissions: statements of a topic's policy.

use crate::SnsService;
use crate::model::name::Reference;
use crate::model::policy::{self, Grant};
use crate::model::topic::Topic;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// AddPermission.
pub async fn add(
    service: Arc<SnsService>,
    context: Context,
    input: wire::AddPermission,
) -> AwsResult<wire::AddPermissionOutput> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let arn = reference.arn();
    let grant = Grant { label: &input.label, accounts: &input.aws_account_id, actions: &input.action_name };
    let change = |topic: &mut Topic| {
        let policy = topic.policy(&arn, &reference.scope.account);
        topic.policy = Some(grant.added(&policy, &arn, context.partition())?);
        Ok(())
    };
    service.topics.change(&reference, change).await?;
    Ok(wire::AddPermissionOutput {})
}

/// RemovePermission.
pub async fn remove(
    service: Arc<SnsService>,
    context: Context,
    input: wire::RemovePermission,
) -> AwsResult<wire::RemovePermissionOutput> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let change = |topic: &mut Topic| {
        let policy = topic.policy(&reference.arn(), &reference.scope.account);
        topic.policy = Some(policy::removed(&policy, &input.label)?);
        Ok(())
    };
    service.topics.change(&reference, change).await?;
    Ok(wire::RemovePermissionOutput {})
}
