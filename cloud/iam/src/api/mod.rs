//! The operations, one file per group.

mod access;
mod access_keys;
mod attached;
mod groups;
mod inline;
mod paging;
mod policies;
mod roles;
mod sts;
mod tags;
mod users;

use crate::Iam;
use crate::authorizer::check_keys;
use crate::error;
use crate::managed;
use crate::policy::identity::{self, Kind};
use crate::policy::keys;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context, Principal, Registry};
use slam_cloud_wire::iam as wire;
use slam_cloud_wire::uri;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<Iam>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateRole>(access::create_role, roles::create)
        .add::<wire::GetRole>(access::get_role, roles::get)
        .add::<wire::ListRoles>(access::list_roles, roles::list)
        .add::<wire::UpdateRole>(access::update_role, roles::update)
        .add::<wire::UpdateRoleDescription>(access::update_role_description, roles::update_description)
        .add::<wire::UpdateAssumeRolePolicy>(access::update_assume_role_policy, roles::update_trust)
        .add::<wire::DeleteRole>(access::delete_role, roles::delete)
        .add::<wire::PutRolePermissionsBoundary>(access::put_role_permissions_boundary, roles::put_boundary)
        .add::<wire::DeleteRolePermissionsBoundary>(access::delete_role_permissions_boundary, roles::delete_boundary)
        .add::<wire::ListInstanceProfilesForRole>(
            access::list_instance_profiles_for_role,
            roles::list_instance_profiles,
        )
        .add::<wire::CreateUser>(access::create_user, users::create)
        .add::<wire::GetUser>(access::get_user, users::get)
        .add::<wire::ListUsers>(access::list_users, users::list)
        .add::<wire::UpdateUser>(access::update_user, users::update)
        .add::<wire::DeleteUser>(access::delete_user, users::delete)
        .add::<wire::PutUserPermissionsBoundary>(access::put_user_permissions_boundary, users::put_boundary)
        .add::<wire::DeleteUserPermissionsBoundary>(access::delete_user_permissions_boundary, users::delete_boundary)
        .add::<wire::ListGroupsForUser>(access::list_groups_for_user, groups::list_for_user)
        .add::<wire::CreateGroup>(access::create_group, groups::create)
        .add::<wire::GetGroup>(access::get_group, groups::get)
        .add::<wire::ListGroups>(access::list_groups, groups::list)
        .add::<wire::UpdateGroup>(access::update_group, groups::update)
        .add::<wire::DeleteGroup>(access::delete_group, groups::delete)
        .add::<wire::AddUserToGroup>(access::add_user_to_group, groups::add_user)
        .add::<wire::RemoveUserFromGroup>(access::remove_user_from_group, groups::remove_user)
        .add::<wire::CreatePolicy>(access::create_policy, policies::create)
        .add::<wire::GetPolicy>(access::get_policy, policies::get)
        .add::<wire::ListPolicies>(access::list_policies, policies::list)
        .add::<wire::DeletePolicy>(access::delete_policy, policies::delete)
        .add::<wire::CreatePolicyVersion>(access::create_policy_version, policies::create_version)
        .add::<wire::GetPolicyVersion>(access::get_policy_version, policies::get_version)
        .add::<wire::ListPolicyVersions>(access::list_policy_versions, policies::list_versions)
        .add::<wire::SetDefaultPolicyVersion>(access::set_default_policy_version, policies::set_default_version)
        .add::<wire::DeletePolicyVersion>(access::delete_policy_version, policies::delete_version)
        .add::<wire::ListEntitiesForPolicy>(access::list_entities_for_policy, policies::list_entities)
        .add::<wire::PutRolePolicy>(access::put_role_policy, inline::put_role_policy)
        .add::<wire::GetRolePolicy>(access::get_role_policy, inline::get_role_policy)
        .add::<wire::DeleteRolePolicy>(access::delete_role_policy, inline::delete_role_policy)
        .add::<wire::ListRolePolicies>(access::list_role_policies, inline::list_role_policies)
        .add::<wire::PutUserPolicy>(access::put_user_policy, inline::put_user_policy)
        .add::<wire::GetUserPolicy>(access::get_user_policy, inline::get_user_policy)
        .add::<wire::DeleteUserPolicy>(access::delete_user_policy, inline::delete_user_policy)
        .add::<wire::ListUserPolicies>(access::list_user_policies, inline::list_user_policies)
        .add::<wire::PutGroupPolicy>(access::put_group_policy, inline::put_group_policy)
        .add::<wire::GetGroupPolicy>(access::get_group_policy, inline::get_group_policy)
        .add::<wire::DeleteGroupPolicy>(access::delete_group_policy, inline::delete_group_policy)
        .add::<wire::ListGroupPolicies>(access::list_group_policies, inline::list_group_policies)
        .add::<wire::AttachRolePolicy>(access::attach_role_policy, attached::attach_role_policy)
        .add::<wire::DetachRolePolicy>(access::detach_role_policy, attached::detach_role_policy)
        .add::<wire::ListAttachedRolePolicies>(
            access::list_attached_role_policies,
            attached::list_attached_role_policies,
        )
        .add::<wire::AttachUserPolicy>(access::attach_user_policy, attached::attach_user_policy)
        .add::<wire::DetachUserPolicy>(access::detach_user_policy, attached::detach_user_policy)
        .add::<wire::ListAttachedUserPolicies>(
            access::list_attached_user_policies,
            attached::list_attached_user_policies,
        )
        .add::<wire::AttachGroupPolicy>(access::attach_group_policy, attached::attach_group_policy)
        .add::<wire::DetachGroupPolicy>(access::detach_group_policy, attached::detach_group_policy)
        .add::<wire::ListAttachedGroupPolicies>(
            access::list_attached_group_policies,
            attached::list_attached_group_policies,
        )
        .add::<wire::CreateAccessKey>(access::create_access_key, access_keys::create)
        .add::<wire::ListAccessKeys>(access::list_access_keys, access_keys::list)
        .add::<wire::UpdateAccessKey>(access::update_access_key, access_keys::update)
        .add::<wire::DeleteAccessKey>(access::delete_access_key, access_keys::delete)
        .add::<wire::GetAccessKeyLastUsed>(access::get_access_key_last_used, access_keys::get_last_used)
        .add::<wire::TagRole>(access::tag_role, tags::tag_role)
        .add::<wire::UntagRole>(access::untag_role, tags::untag_role)
        .add::<wire::ListRoleTags>(access::list_role_tags, tags::list_role_tags)
        .add::<wire::TagUser>(access::tag_user, tags::tag_user)
        .add::<wire::UntagUser>(access::untag_user, tags::untag_user)
        .add::<wire::ListUserTags>(access::list_user_tags, tags::list_user_tags)
        .add::<wire::TagPolicy>(access::tag_policy, tags::tag_policy)
        .add::<wire::UntagPolicy>(access::untag_policy, tags::untag_policy)
        .add::<wire::ListPolicyTags>(access::list_policy_tags, tags::list_policy_tags)
        .add::<slam_cloud_wire::sts::GetCallerIdentity>(access::none, sts::get_caller_identity)
        .add::<slam_cloud_wire::sts::GetSessionToken>(access::none, sts::get_session_token)
        .add::<slam_cloud_wire::sts::AssumeRole>(access::assume_role, sts::assume_role)
        .add::<slam_cloud_wire::sts::GetAccessKeyInfo>(access::get_access_key_info, sts::get_access_key_info);
}

/// The user that an operation without a user's name speaks of: the caller.
fn user_or_caller(context: &Context, name: Option<&str>) -> AwsResult<String> {
    match (name, &*context.principal) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Principal::User { arn, .. }) => Ok(arn.rsplit('/').next().unwrap_or_default().to_owned()),
        (None, _) => Err(error::validation("Must specify userName when calling with non-User credentials")),
    }
}

/// Documents travel percent-encoded (RFC 3986).
fn encoded(document: &str) -> String {
    uri::encoded(document)
}

/// Checks an identity policy before it is stored.
fn check_policy(document: &str, kind: Kind) -> AwsResult<()> {
    identity::check(document, kind).map_err(error::malformed_policy)?;
    check_keys(document)
}

/// Characters that count towards a quota: all but whitespace.
fn size(document: &str) -> usize {
    document.chars().filter(|character| !character.is_whitespace()).count()
}

/// A path as given, or the root.
fn path(path: Option<String>) -> String {
    path.unwrap_or_else(|| "/".to_owned())
}

fn under(path: &str, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| path.starts_with(prefix))
}

/// Refuses what is not the ARN of a managed policy (asserted on AWS: test_attach_detach_role_policy; what IAM demands of the
/// parts since 2024: github.com/cloud-gov/aws-broker, issue 383).
fn check_arn(context: &Context, arn: &str) -> AwsResult<()> {
    let parsed = Arn::parse(arn).ok_or_else(|| error::validation("Invalid ARN:  Could not be parsed!"))?;
    let is_account = parsed.account == "aws" || parsed.account.parse::<u64>().is_ok_and(|_| parsed.account.len() == 12);
    let name = parsed.resource.strip_prefix("policy/").map(policy_name);
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_+=,.@-".contains(c));
    let fits = (parsed.partition == context.partition() && parsed.service == "iam" && parsed.region.is_empty())
        && is_account
        && name.is_some_and(is_name);
    if fits { Ok(()) } else { Err(error::invalid_input(format!("ARN {arn} is not valid."))) }
}

/// Whether a managed policy of that ARN exists, the account's or AWS's.
///
/// # Errors
/// `NotImplemented` for a policy of AWS's that is not here.
fn policy_exists(iam: &Iam, context: &Context, arn: &str) -> AwsResult<bool> {
    Ok(managed::find(arn)?.is_some() || iam.collections.policies.get(&Scope::global(context), arn).is_some())
}

/// The policy's name: the end of its ARN.
fn policy_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn boundary(arn: Option<&String>) -> Option<wire::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.clone()),
    })
}

/// Refuses a policy of AWS's whose conditions ask for what nobody here tells.
fn check_aws(arn: &str) -> AwsResult<()> {
    match managed::find(arn)?.and_then(|policy| Some((policy, keys::refused(policy.document())?))) {
        Some((policy, key)) => {
            Err(AwsError::unsupported(format_args!("the condition key {key} of the AWS policy {}", policy.name)))
        }
        None => Ok(()),
    }
}

fn check_boundary(iam: &Iam, context: &Context, arn: &str) -> AwsResult<()> {
    if policy_exists(iam, context, arn)? {
        return check_aws(arn);
    }
    Err(error::no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}
