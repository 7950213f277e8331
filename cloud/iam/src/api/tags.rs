//! Tags of roles, users and managed policies.

use super::check_arn;
use super::paging::{Page, page};
use crate::Iam;
use crate::error;
use crate::model::{ManagedPolicy, Role, Tags, User};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tags on one entity.
const LIMIT: usize = 50;

/// The tags after a request to add some; values of present keys are replaced, keys know no case.
pub(super) fn merged(context: &Context, present: &Tags, added: Vec<wire::Tag>) -> AwsResult<Tags> {
    let mut keys = BTreeSet::new();
    for tag in &added {
        if !keys.insert(tag.key.to_lowercase()) {
            return Err(error::invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        // CloudFormation marks what it makes; nobody else may use that prefix.
        if tag.key.to_lowercase().starts_with("aws:") && context.called_via.is_none() {
            return Err(error::invalid_input("Tag keys starting with 'aws:' are reserved for system use"));
        }
    }
    let mut tags = present.clone();
    for tag in added {
        match tags.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(&tag.key)) {
            Some(present) => *present = (tag.key, tag.value),
            None => tags.push((tag.key, tag.value)),
        }
    }
    if tags.iter().filter(|(key, _)| !key.starts_with("aws:")).count() > LIMIT {
        return Err(error::limit_exceeded(format!(
            "The number of tags has reached the maximum limit of {LIMIT} for this resource."
        )));
    }
    Ok(tags)
}

/// Tags as answers carry them, all of them or none.
pub(super) fn some(tags: &Tags) -> Option<Vec<wire::Tag>> {
    (!tags.is_empty()).then(|| list(tags))
}

/// Tags as answers carry them.
pub(super) fn list(tags: &Tags) -> Vec<wire::Tag> {
    tags.iter().map(|(key, value)| wire::Tag { key: key.clone(), value: value.clone() }).collect()
}

fn without(tags: &mut Tags, keys: &[String]) {
    tags.retain(|(key, _)| !keys.iter().any(|removed| removed.eq_ignore_ascii_case(key)));
}

pub(super) async fn tag_role(iam: Arc<Iam>, context: Context, input: wire::TagRole) -> AwsResult<wire::TagRoleOutput> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        role.tags = merged(&context, &role.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagRoleOutput {})
}

pub(super) async fn untag_role(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UntagRole,
) -> AwsResult<wire::UntagRoleOutput> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        without(&mut role.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagRoleOutput {})
}

pub(super) async fn list_role_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListRoleTags,
) -> AwsResult<wire::ListRoleTagsResponse> {
    let role = iam.find::<Role>(&context, &input.role_name)?;
    let Page { items, is_truncated, marker } = page(list(&role.tags), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListRoleTagsResponse { tags: items, is_truncated, marker })
}

pub(super) async fn tag_user(iam: Arc<Iam>, context: Context, input: wire::TagUser) -> AwsResult<wire::TagUserOutput> {
    iam.modify::<User>(&context, &input.user_name, |user| {
        user.tags = merged(&context, &user.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagUserOutput {})
}

pub(super) async fn untag_user(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UntagUser,
) -> AwsResult<wire::UntagUserOutput> {
    iam.modify::<User>(&context, &input.user_name, |user| {
        without(&mut user.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagUserOutput {})
}

pub(super) async fn list_user_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListUserTags,
) -> AwsResult<wire::ListUserTagsResponse> {
    let user = iam.find::<User>(&context, &input.user_name)?;
    let Page { items, is_truncated, marker } = page(list(&user.tags), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListUserTagsResponse { tags: items, is_truncated, marker })
}

pub(super) async fn tag_policy(
    iam: Arc<Iam>,
    context: Context,
    input: wire::TagPolicy,
) -> AwsResult<wire::TagPolicyOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        policy.tags = merged(&context, &policy.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagPolicyOutput {})
}

pub(super) async fn untag_policy(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UntagPolicy,
) -> AwsResult<wire::UntagPolicyOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        without(&mut policy.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagPolicyOutput {})
}

pub(super) async fn list_policy_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListPolicyTags,
) -> AwsResult<wire::ListPolicyTagsResponse> {
    check_arn(&context, &input.policy_arn)?;
    let policy = iam.collections.policies.get(&Scope::global(&context), &input.policy_arn);
    let policy = policy.ok_or_else(|| error::policy_not_found(&input.policy_arn))?;
    let Page { items, is_truncated, marker } = page(list(&policy.tags), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListPolicyTagsResponse { tags: items, is_truncated, marker })
}

/// Changes a managed policy of the account.
pub(super) async fn change_policy(
    iam: &Iam,
    context: &Context,
    arn: &str,
    change: impl FnOnce(&mut ManagedPolicy) -> AwsResult<()>,
) -> AwsResult<()> {
    check_arn(context, arn)?;
    let _change = iam.change().await;
    let scope = Scope::global(context);
    let policy = iam.collections.policies.get(&scope, arn).ok_or_else(|| error::policy_not_found(arn))?;
    let mut policy = ManagedPolicy::clone(&policy);
    change(&mut policy)?;
    iam.collections.policies.put(&scope, arn, policy).await?;
    Ok(())
}
