//! The permissions that each operation needs: mostly its own action on what it names.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use super::{sts, user_or_caller};
use crate::Iam;
use crate::model::{Group, Identity, Role, User};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::iam as wire;

/// Those that name a role, user or group.
macro_rules! on_identity {
    ($($function:ident: $operation:ident, $type:ident $name:ident;)*) => {$(
        pub(super) fn $function(iam: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            on::<$type>(iam, context, concat!("iam:", stringify!($operation)), &input.$name)
        }
    )*};
}

on_identity! {
    get_role: GetRole, Role role_name;
    update_role: UpdateRole, Role role_name;
    update_role_description: UpdateRoleDescription, Role role_name;
    update_assume_role_policy: UpdateAssumeRolePolicy, Role role_name;
    delete_role: DeleteRole, Role role_name;
    delete_role_permissions_boundary: DeleteRolePermissionsBoundary, Role role_name;
    list_instance_profiles_for_role: ListInstanceProfilesForRole, Role role_name;
    update_user: UpdateUser, User user_name;
    delete_user: DeleteUser, User user_name;
    delete_user_permissions_boundary: DeleteUserPermissionsBoundary, User user_name;
    list_groups_for_user: ListGroupsForUser, User user_name;
    get_group: GetGroup, Group group_name;
    update_group: UpdateGroup, Group group_name;
    delete_group: DeleteGroup, Group group_name;
    add_user_to_group: AddUserToGroup, Group group_name;
    remove_user_from_group: RemoveUserFromGroup, Group group_name;
    list_role_tags: ListRoleTags, Role role_name;
    list_user_tags: ListUserTags, User user_name;
    put_role_policy: PutRolePolicy, Role role_name;
    get_role_policy: GetRolePolicy, Role role_name;
    delete_role_policy: DeleteRolePolicy, Role role_name;
    list_role_policies: ListRolePolicies, Role role_name;
    put_user_policy: PutUserPolicy, User user_name;
    get_user_policy: GetUserPolicy, User user_name;
    delete_user_policy: DeleteUserPolicy, User user_name;
    list_user_policies: ListUserPolicies, User user_name;
    put_group_policy: PutGroupPolicy, Group group_name;
    get_group_policy: GetGroupPolicy, Group group_name;
    delete_group_policy: DeleteGroupPolicy, Group group_name;
    list_group_policies: ListGroupPolicies, Group group_name;
    list_attached_role_policies: ListAttachedRolePolicies, Role role_name;
    list_attached_user_policies: ListAttachedUserPolicies, User user_name;
    list_attached_group_policies: ListAttachedGroupPolicies, Group group_name;
}

/// Those that give a role, user or group a managed policy or take it away: policies may restrict which one.
macro_rules! on_attachment {
    ($($function:ident: $operation:ident, $type:ident $name:ident;)*) => {$(
        pub(super) fn $function(iam: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let accesses = on::<$type>(iam, context, concat!("iam:", stringify!($operation)), &input.$name).into_iter();
            accesses.map(|access| access.condition("iam:PolicyARN", &input.policy_arn)).collect()
        }
    )*};
}

on_attachment! {
    attach_role_policy: AttachRolePolicy, Role role_name;
    detach_role_policy: DetachRolePolicy, Role role_name;
    attach_user_policy: AttachUserPolicy, User user_name;
    detach_user_policy: DetachUserPolicy, User user_name;
    attach_group_policy: AttachGroupPolicy, Group group_name;
    detach_group_policy: DetachGroupPolicy, Group group_name;
}

/// Those that set a role's or user's boundary.
macro_rules! on_boundary {
    ($($function:ident: $operation:ident, $type:ident $name:ident;)*) => {$(
        pub(super) fn $function(iam: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let accesses = on::<$type>(iam, context, concat!("iam:", stringify!($operation)), &input.$name).into_iter();
            let boundary = &input.permissions_boundary;
            accesses.map(|access| access.condition("iam:PermissionsBoundary", boundary)).collect()
        }
    )*};
}

on_boundary! {
    put_role_permissions_boundary: PutRolePermissionsBoundary, Role role_name;
    put_user_permissions_boundary: PutUserPermissionsBoundary, User user_name;
}

/// Those that name a managed policy.
macro_rules! on_managed_policy {
    ($($function:ident: $operation:ident;)*) => {$(
        pub(super) fn $function(iam: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            on_policy(iam, context, concat!("iam:", stringify!($operation)), &input.policy_arn)
        }
    )*};
}

on_managed_policy! {
    get_policy: GetPolicy;
    delete_policy: DeletePolicy;
    create_policy_version: CreatePolicyVersion;
    get_policy_version: GetPolicyVersion;
    list_policy_versions: ListPolicyVersions;
    set_default_policy_version: SetDefaultPolicyVersion;
    delete_policy_version: DeletePolicyVersion;
    list_entities_for_policy: ListEntitiesForPolicy;
    list_policy_tags: ListPolicyTags;
}

/// Those that list all of a kind under a path.
macro_rules! on_path {
    ($($function:ident: $operation:ident, $kind:literal;)*) => {$(
        pub(super) fn $function(_: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            on_all(context, concat!("iam:", stringify!($operation)), $kind, input.path_prefix.as_deref())
        }
    )*};
}

on_path! {
    list_roles: ListRoles, "role";
    list_users: ListUsers, "user";
    list_groups: ListGroups, "group";
    list_policies: ListPolicies, "policy";
}

/// Those on a user, or on the caller where none is named. Without either the handler says what is wrong.
macro_rules! on_user_or_caller {
    ($($function:ident: $operation:ident;)*) => {$(
        pub(super) fn $function(iam: &Iam, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let action = concat!("iam:", stringify!($operation));
            let name = user_or_caller(context, input.user_name.as_deref());
            name.map_or_else(|_| Vec::new(), |name| on::<User>(iam, context, action, &name))
        }
    )*};
}

on_user_or_caller! {
    get_user: GetUser;
    create_access_key: CreateAccessKey;
    list_access_keys: ListAccessKeys;
    update_access_key: UpdateAccessKey;
    delete_access_key: DeleteAccessKey;
}

/// Those that need no resource.
macro_rules! on_nothing {
    ($($function:ident: $($operation:ident)::+, $action:literal;)*) => {$(
        pub(super) fn $function(_: &Iam, _: &Context, _: &slam_cloud_wire::$($operation)::+) -> Vec<Access> {
            vec![Access::new($action, "*")]
        }
    )*};
}

on_nothing! {
    get_access_key_last_used: iam::GetAccessKeyLastUsed, "iam:GetAccessKeyLastUsed";
    get_access_key_info: sts::GetAccessKeyInfo, "sts:GetAccessKeyInfo";
}

/// Not even an explicit deny keeps a caller from asking who it is.
pub(super) fn none<O>(_: &Iam, _: &Context, _: &O) -> Vec<Access> {
    Vec::new()
}

pub(super) fn create_role(_: &Iam, context: &Context, input: &wire::CreateRole) -> Vec<Access> {
    let arn = new(context, "role", input.path.as_deref(), &input.role_name);
    let access = with_request_tags(Access::new("iam:CreateRole", arn), input.tags.as_deref().unwrap_or_default());
    vec![with_boundary(access, input.permissions_boundary.as_deref())]
}

pub(super) fn create_user(_: &Iam, context: &Context, input: &wire::CreateUser) -> Vec<Access> {
    let arn = new(context, "user", input.path.as_deref(), &input.user_name);
    let access = with_request_tags(Access::new("iam:CreateUser", arn), input.tags.as_deref().unwrap_or_default());
    vec![with_boundary(access, input.permissions_boundary.as_deref())]
}

pub(super) fn create_group(_: &Iam, context: &Context, input: &wire::CreateGroup) -> Vec<Access> {
    vec![Access::new("iam:CreateGroup", new(context, "group", input.path.as_deref(), &input.group_name))]
}

pub(super) fn create_policy(_: &Iam, context: &Context, input: &wire::CreatePolicy) -> Vec<Access> {
    let arn = new(context, "policy", input.path.as_deref(), &input.policy_name);
    vec![with_request_tags(Access::new("iam:CreatePolicy", arn), input.tags.as_deref().unwrap_or_default())]
}

pub(super) fn tag_role(iam: &Iam, context: &Context, input: &wire::TagRole) -> Vec<Access> {
    with_tags(on::<Role>(iam, context, "iam:TagRole", &input.role_name), &input.tags)
}

pub(super) fn untag_role(iam: &Iam, context: &Context, input: &wire::UntagRole) -> Vec<Access> {
    with_keys(on::<Role>(iam, context, "iam:UntagRole", &input.role_name), &input.tag_keys)
}

pub(super) fn tag_user(iam: &Iam, context: &Context, input: &wire::TagUser) -> Vec<Access> {
    with_tags(on::<User>(iam, context, "iam:TagUser", &input.user_name), &input.tags)
}

pub(super) fn untag_user(iam: &Iam, context: &Context, input: &wire::UntagUser) -> Vec<Access> {
    with_keys(on::<User>(iam, context, "iam:UntagUser", &input.user_name), &input.tag_keys)
}

pub(super) fn tag_policy(iam: &Iam, context: &Context, input: &wire::TagPolicy) -> Vec<Access> {
    with_tags(on_policy(iam, context, "iam:TagPolicy", &input.policy_arn), &input.tags)
}

pub(super) fn untag_policy(iam: &Iam, context: &Context, input: &wire::UntagPolicy) -> Vec<Access> {
    with_keys(on_policy(iam, context, "iam:UntagPolicy", &input.policy_arn), &input.tag_keys)
}

/// The trust policy is the role's resource policy; a role that does not exist trusts nobody.
pub(super) fn assume_role(iam: &Iam, _: &Context, input: &slam_cloud_wire::sts::AssumeRole) -> Vec<Access> {
    if sts::check_arn(&input.role_arn).is_err() {
        // The handler says what is wrong.
        return Vec::new();
    }
    let role = sts::role_of(iam, &input.role_arn);
    let mut access = Access::new("sts:AssumeRole", &input.role_arn)
        .condition("sts:RoleSessionName", &input.role_session_name)
        .resource_policy(role.as_ref().map(|role| role.trust.clone()));
    if let Some(role) = role {
        access = with_resource_tags(access, &role.tags);
    }
    if let Some(id) = &input.external_id {
        access = access.condition("sts:ExternalId", id);
    }
    vec![access]
}

/// The ARN of what does not exist yet.
fn new(context: &Context, kind: &str, path: Option<&str>, name: &str) -> String {
    context.global_arn("iam", format!("{kind}{}{name}", path.unwrap_or("/")))
}

fn with_boundary(access: Access, boundary: Option<&str>) -> Access {
    match boundary {
        Some(arn) => access.condition("iam:PermissionsBoundary", arn),
        None => access,
    }
}

/// Permission for an action on a role, user or group that may not exist (yet).
fn on<T: Identity>(iam: &Iam, context: &Context, action: &'static str, name: &str) -> Vec<Access> {
    let Some(known) = iam.look_up::<T>(context, name) else {
        return vec![Access::new(action, context.global_arn("iam", format!("{}/{name}", T::KIND)))];
    };
    let mut access = with_resource_tags(Access::new(action, known.arn()), known.tags());
    if let Some(boundary) = &known.permissions().boundary {
        access = access.condition("iam:PermissionsBoundary", boundary);
    }
    vec![access]
}

/// Permission for an action on all entities of a kind under a path: `arn:aws:iam::ACCOUNT:role/*`.
fn on_all(context: &Context, action: &'static str, kind: &str, path_prefix: Option<&str>) -> Vec<Access> {
    let resource = context.global_arn("iam", format!("{kind}{}*", path_prefix.unwrap_or("/")));
    // AWS names the path itself, without the star, as the resource of listings.
    vec![Access::new(action, resource.trim_end_matches('*'))]
}

/// Permission for an action on a managed policy.
fn on_policy(iam: &Iam, context: &Context, action: &'static str, arn: &str) -> Vec<Access> {
    let access = Access::new(action, arn);
    vec![match iam.collections.policies.get(&Scope::global(context), arn) {
        Some(policy) => with_resource_tags(access, &policy.tags),
        None => access,
    }]
}

/// The condition keys of an entity's tags.
fn with_resource_tags(mut access: Access, tags: &[(String, String)]) -> Access {
    for (key, value) in tags {
        access = access.condition(format!("aws:ResourceTag/{key}"), value);
        access = access.condition(format!("iam:ResourceTag/{key}"), value);
    }
    access
}

/// The condition keys of tags that a request brings.
fn with_request_tags(access: Access, tags: &[wire::Tag]) -> Access {
    access.request_tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}

fn with_tags(accesses: Vec<Access>, tags: &[wire::Tag]) -> Vec<Access> {
    accesses.into_iter().map(|access| with_request_tags(access, tags)).collect()
}

fn with_keys(accesses: Vec<Access>, keys: &[String]) -> Vec<Access> {
    accesses.into_iter().map(|access| access.tag_keys(keys.to_vec())).collect()
}
