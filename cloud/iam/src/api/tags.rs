//! Tags of roles, users and managed policies.

use super::paging::{Page, page};
use super::{on, on_policy};
use crate::Iam;
use crate::error;
use crate::model::{ManagedPolicy, Role, Tags, User};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, AwsResult, Context, Registry};
use slam_cloud_wire::iam as wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tags on one entity.
const LIMIT: usize = 50;

pub(super) fn register(iam: &Arc<Iam>, registry: &mut Registry) {
    registry.operation::<Iam, wire::TagRole, _, _>(
        iam,
        |iam, context, input| with_tags(on::<Role>(iam, context, "iam:TagRole", &input.role_name), &input.tags),
        tag_role,
    );
    registry.operation::<Iam, wire::UntagRole, _, _>(
        iam,
        |iam, context, input| with_keys(on::<Role>(iam, context, "iam:UntagRole", &input.role_name), &input.tag_keys),
        untag_role,
    );
    registry.operation::<Iam, wire::ListRoleTags, _, _>(
        iam,
        |iam, context, input| on::<Role>(iam, context, "iam:ListRoleTags", &input.role_name),
        list_role_tags,
    );
    registry.operation::<Iam, wire::TagUser, _, _>(
        iam,
        |iam, context, input| with_tags(on::<User>(iam, context, "iam:TagUser", &input.user_name), &input.tags),
        tag_user,
    );
    registry.operation::<Iam, wire::UntagUser, _, _>(
        iam,
        |iam, context, input| with_keys(on::<User>(iam, context, "iam:UntagUser", &input.user_name), &input.tag_keys),
        untag_user,
    );
    registry.operation::<Iam, wire::ListUserTags, _, _>(
        iam,
        |iam, context, input| on::<User>(iam, context, "iam:ListUserTags", &input.user_name),
        list_user_tags,
    );
    registry.operation::<Iam, wire::TagPolicy, _, _>(
        iam,
        |iam, context, input| with_tags(on_policy(iam, context, "iam:TagPolicy", &input.policy_arn), &input.tags),
        tag_policy,
    );
    registry.operation::<Iam, wire::UntagPolicy, _, _>(
        iam,
        |iam, context, input| with_keys(on_policy(iam, context, "iam:UntagPolicy", &input.policy_arn), &input.tag_keys),
        untag_policy,
    );
    registry.operation::<Iam, wire::ListPolicyTags, _, _>(
        iam,
        |iam, context, input| on_policy(iam, context, "iam:ListPolicyTags", &input.policy_arn),
        list_policy_tags,
    );
}

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

/// The condition keys of an entity's tags.
pub(super) fn of_resource(mut access: Access, tags: &[(String, String)]) -> Access {
    for (key, value) in tags {
        access = access.condition(format!("aws:ResourceTag/{key}"), value);
        access = access.condition(format!("iam:ResourceTag/{key}"), value);
    }
    access
}

/// The condition keys of tags that a request brings.
pub(super) fn of_request(mut access: Access, tags: &[wire::Tag]) -> Access {
    for tag in tags {
        access = access.condition(format!("aws:RequestTag/{}", tag.key), &tag.value);
    }
    of_keys(access, tags.iter().map(|tag| tag.key.clone()).collect())
}

/// The condition key of the tags that a request names.
fn of_keys(mut access: Access, keys: Vec<String>) -> Access {
    if !keys.is_empty() {
        access.conditions.push(("aws:TagKeys".into(), keys));
    }
    access
}

fn with_tags(accesses: Vec<Access>, tags: &[wire::Tag]) -> Vec<Access> {
    accesses.into_iter().map(|access| of_request(access, tags)).collect()
}

fn with_keys(accesses: Vec<Access>, keys: &[String]) -> Vec<Access> {
    accesses.into_iter().map(|access| of_keys(access, keys.to_vec())).collect()
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

async fn tag_role(iam: Arc<Iam>, context: Context, input: wire::TagRole) -> AwsResult<wire::TagRoleOutput> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        role.tags = merged(&context, &role.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagRoleOutput {})
}

async fn untag_role(iam: Arc<Iam>, context: Context, input: wire::UntagRole) -> AwsResult<wire::UntagRoleOutput> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        without(&mut role.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagRoleOutput {})
}

async fn list_role_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListRoleTags,
) -> AwsResult<wire::ListRoleTagsResponse> {
    let role = iam.find::<Role>(&context, &input.role_name)?;
    let Page { items, is_truncated, marker } = page(list(&role.tags), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListRoleTagsResponse { tags: items, is_truncated, marker })
}

async fn tag_user(iam: Arc<Iam>, context: Context, input: wire::TagUser) -> AwsResult<wire::TagUserOutput> {
    iam.modify::<User>(&context, &input.user_name, |user| {
        user.tags = merged(&context, &user.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagUserOutput {})
}

async fn untag_user(iam: Arc<Iam>, context: Context, input: wire::UntagUser) -> AwsResult<wire::UntagUserOutput> {
    iam.modify::<User>(&context, &input.user_name, |user| {
        without(&mut user.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagUserOutput {})
}

async fn list_user_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListUserTags,
) -> AwsResult<wire::ListUserTagsResponse> {
    let user = iam.find::<User>(&context, &input.user_name)?;
    let Page { items, is_truncated, marker } = page(list(&user.tags), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListUserTagsResponse { tags: items, is_truncated, marker })
}

async fn tag_policy(iam: Arc<Iam>, context: Context, input: wire::TagPolicy) -> AwsResult<wire::TagPolicyOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        policy.tags = merged(&context, &policy.tags, input.tags)?;
        Ok(())
    })
    .await?;
    Ok(wire::TagPolicyOutput {})
}

async fn untag_policy(iam: Arc<Iam>, context: Context, input: wire::UntagPolicy) -> AwsResult<wire::UntagPolicyOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        without(&mut policy.tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagPolicyOutput {})
}

async fn list_policy_tags(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListPolicyTags,
) -> AwsResult<wire::ListPolicyTagsResponse> {
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
    let _change = iam.change().await;
    let scope = Scope::global(context);
    let policy = iam.collections.policies.get(&scope, arn).ok_or_else(|| error::policy_not_found(arn))?;
    let mut policy = ManagedPolicy::clone(&policy);
    change(&mut policy)?;
    iam.collections.policies.put(&scope, arn, policy).await?;
    Ok(())
}
