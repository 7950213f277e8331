//! Which permission each operation needs, on which resource.

use crate::CognitoService;
use crate::model::pool;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::cognito as wire;
use std::collections::BTreeMap;

/// "Amazon Cognito doesn't evaluate Identity and Access Management (IAM) policies in requests for this API operation": what
/// a request says proves who calls.
pub fn nothing<O>(_: &CognitoService, _: &Context, _: &O) -> Vec<Access> {
    Vec::new()
}

/// An action on a pool, which may be there or not.
fn on(service: &CognitoService, context: &Context, action: &'static str, id: &str) -> Access {
    let scope = Scope::regional(context);
    let mut access = Access::new(action, pool::arn(&scope, id));
    let tags = service.pools.find(&scope, id).and_then(|pool| pool.settings.user_pool_tags.clone());
    for (tag, value) in tags.into_iter().flatten() {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
    }
    access
}

fn with_tags(access: Access, tags: Option<&BTreeMap<String, String>>) -> Access {
    access.request_tags(tags.into_iter().flatten().map(|(key, value)| (&**key, &**value)))
}

/// Those that name a pool and nothing else that matters here.
macro_rules! on_pool {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(service: &CognitoService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            vec![on(service, context, concat!("cognito-idp:", stringify!($operation)), &input.user_pool_id)]
        }
    )*};
}

on_pool! {
    describe_user_pool: DescribeUserPool;
    delete_user_pool: DeleteUserPool;
    create_user_pool_client: CreateUserPoolClient;
    describe_user_pool_client: DescribeUserPoolClient;
    update_user_pool_client: UpdateUserPoolClient;
    delete_user_pool_client: DeleteUserPoolClient;
    list_user_pool_clients: ListUserPoolClients;
    create_group: CreateGroup;
    get_group: GetGroup;
    update_group: UpdateGroup;
    delete_group: DeleteGroup;
    list_groups: ListGroups;
    create_resource_server: CreateResourceServer;
    describe_resource_server: DescribeResourceServer;
    update_resource_server: UpdateResourceServer;
    delete_resource_server: DeleteResourceServer;
    list_resource_servers: ListResourceServers;
    admin_create_user: AdminCreateUser;
    admin_get_user: AdminGetUser;
    admin_delete_user: AdminDeleteUser;
    admin_enable_user: AdminEnableUser;
    admin_disable_user: AdminDisableUser;
    admin_confirm_sign_up: AdminConfirmSignUp;
    admin_update_user_attributes: AdminUpdateUserAttributes;
    admin_delete_user_attributes: AdminDeleteUserAttributes;
    admin_set_user_password: AdminSetUserPassword;
    admin_user_global_sign_out: AdminUserGlobalSignOut;
    admin_add_user_to_group: AdminAddUserToGroup;
    admin_remove_user_from_group: AdminRemoveUserFromGroup;
    admin_list_groups_for_user: AdminListGroupsForUser;
    list_users_in_group: ListUsersInGroup;
    list_users: ListUsers;
    admin_initiate_auth: AdminInitiateAuth;
    admin_respond_to_auth_challenge: AdminRespondToAuthChallenge;
}

/// AWS knows no resource for a pool that is not there yet.
pub fn create_user_pool(_: &CognitoService, _: &Context, input: &wire::CreateUserPool) -> Vec<Access> {
    vec![with_tags(Access::new("cognito-idp:CreateUserPool", "*"), input.user_pool_tags.as_ref())]
}

pub fn update_user_pool(service: &CognitoService, context: &Context, input: &wire::UpdateUserPool) -> Vec<Access> {
    let access = on(service, context, "cognito-idp:UpdateUserPool", &input.user_pool_id);
    vec![with_tags(access, input.user_pool_tags.as_ref())]
}

pub fn list_user_pools(_: &CognitoService, _: &Context, _: &wire::ListUserPools) -> Vec<Access> {
    vec![Access::new("cognito-idp:ListUserPools", "*")]
}

fn on_arn(service: &CognitoService, context: &Context, action: &'static str, arn: &str) -> Access {
    on(service, context, action, arn.rsplit('/').next().unwrap_or(arn))
}

pub fn tag_resource(service: &CognitoService, context: &Context, input: &wire::TagResource) -> Vec<Access> {
    let access = on_arn(service, context, "cognito-idp:TagResource", &input.resource_arn);
    vec![with_tags(access, Some(&input.tags))]
}

pub fn untag_resource(service: &CognitoService, context: &Context, input: &wire::UntagResource) -> Vec<Access> {
    let access = on_arn(service, context, "cognito-idp:UntagResource", &input.resource_arn);
    vec![access.tag_keys(input.tag_keys.clone())]
}

pub fn list_tags_for_resource(
    service: &CognitoService,
    context: &Context,
    input: &wire::ListTagsForResource,
) -> Vec<Access> {
    vec![on_arn(service, context, "cognito-idp:ListTagsForResource", &input.resource_arn)]
}
