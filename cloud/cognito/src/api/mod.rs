//! The operations.
//!
//! - [`access`]: which permission each needs.
//! - [`pools`], [`clients`], [`groups`], [`servers`], [`tags`]: what a pool is and has.
//! - [`admin`], [`members`], [`list`]: users, as administrators see them.
//! - [`sign_up`], [`own`], [`passwords`]: what users do for themselves. [`sign_in`]: how they get tokens, and lose them.

mod access;
pub mod admin;
pub mod clients;
pub mod groups;
pub mod list;
pub mod members;
pub mod own;
pub mod passwords;
pub mod pools;
pub mod servers;
pub mod sign_in;
pub mod sign_up;
pub mod tags;

use crate::CognitoService;
use slam_cloud_core::Registry;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<CognitoService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateUserPool>(access::create_user_pool, pools::create)
        .add::<wire::DescribeUserPool>(access::describe_user_pool, pools::describe)
        .add::<wire::UpdateUserPool>(access::update_user_pool, pools::update)
        .add::<wire::DeleteUserPool>(access::delete_user_pool, pools::delete)
        .add::<wire::ListUserPools>(access::list_user_pools, pools::list)
        .add::<wire::CreateUserPoolClient>(access::create_user_pool_client, clients::create)
        .add::<wire::DescribeUserPoolClient>(access::describe_user_pool_client, clients::describe)
        .add::<wire::UpdateUserPoolClient>(access::update_user_pool_client, clients::update)
        .add::<wire::DeleteUserPoolClient>(access::delete_user_pool_client, clients::delete)
        .add::<wire::ListUserPoolClients>(access::list_user_pool_clients, clients::list)
        .add::<wire::CreateGroup>(access::create_group, groups::create)
        .add::<wire::GetGroup>(access::get_group, groups::get)
        .add::<wire::UpdateGroup>(access::update_group, groups::update)
        .add::<wire::DeleteGroup>(access::delete_group, groups::delete)
        .add::<wire::ListGroups>(access::list_groups, groups::list)
        .add::<wire::CreateResourceServer>(access::create_resource_server, servers::create)
        .add::<wire::DescribeResourceServer>(access::describe_resource_server, servers::describe)
        .add::<wire::UpdateResourceServer>(access::update_resource_server, servers::update)
        .add::<wire::DeleteResourceServer>(access::delete_resource_server, servers::delete)
        .add::<wire::ListResourceServers>(access::list_resource_servers, servers::list)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list)
        .add::<wire::AdminCreateUser>(access::admin_create_user, admin::create)
        .add::<wire::AdminGetUser>(access::admin_get_user, admin::get)
        .add::<wire::AdminDeleteUser>(access::admin_delete_user, admin::delete)
        .add::<wire::AdminEnableUser>(access::admin_enable_user, admin::enable)
        .add::<wire::AdminDisableUser>(access::admin_disable_user, admin::disable)
        .add::<wire::AdminConfirmSignUp>(access::admin_confirm_sign_up, admin::confirm)
        .add::<wire::AdminUpdateUserAttributes>(access::admin_update_user_attributes, admin::update_attributes)
        .add::<wire::AdminDeleteUserAttributes>(access::admin_delete_user_attributes, admin::delete_attributes)
        .add::<wire::AdminSetUserPassword>(access::admin_set_user_password, passwords::set)
        .add::<wire::AdminUserGlobalSignOut>(access::admin_user_global_sign_out, admin::sign_out)
        .add::<wire::AdminAddUserToGroup>(access::admin_add_user_to_group, members::add)
        .add::<wire::AdminRemoveUserFromGroup>(access::admin_remove_user_from_group, members::remove)
        .add::<wire::AdminListGroupsForUser>(access::admin_list_groups_for_user, members::groups)
        .add::<wire::ListUsersInGroup>(access::list_users_in_group, members::users)
        .add::<wire::ListUsers>(access::list_users, list::users)
        .add::<wire::AdminInitiateAuth>(access::admin_initiate_auth, sign_in::admin_initiate)
        .add::<wire::AdminRespondToAuthChallenge>(access::admin_respond_to_auth_challenge, sign_in::admin_respond)
        .add::<wire::InitiateAuth>(access::nothing, sign_in::initiate)
        .add::<wire::RespondToAuthChallenge>(access::nothing, sign_in::respond)
        .add::<wire::RevokeToken>(access::nothing, sign_in::revoke)
        .add::<wire::SignUp>(access::nothing, sign_up::sign_up)
        .add::<wire::ConfirmSignUp>(access::nothing, sign_up::confirm)
        .add::<wire::ResendConfirmationCode>(access::nothing, sign_up::resend)
        .add::<wire::ForgotPassword>(access::nothing, passwords::forgot)
        .add::<wire::ConfirmForgotPassword>(access::nothing, passwords::confirm)
        .add::<wire::ChangePassword>(access::nothing, passwords::change)
        .add::<wire::GetUser>(access::nothing, own::get)
        .add::<wire::UpdateUserAttributes>(access::nothing, own::update_attributes)
        .add::<wire::DeleteUser>(access::nothing, own::delete)
        .add::<wire::GlobalSignOut>(access::nothing, own::sign_out);
}
