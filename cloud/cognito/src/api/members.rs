//! Who is in which group.

use super::groups;
use super::list::{PAGE, after};
use crate::CognitoService;
use crate::model::User;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// AdminAddUserToGroup.
pub async fn add(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminAddUserToGroup,
) -> AwsResult<wire::AdminAddUserToGroupOutput> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    service.pools.group(&scope, &pool.id, &input.group_name)?;
    let user = service.pools.known_user(&scope, &pool, &input.username)?;
    let join = |user: &mut User| {
        user.groups.insert(input.group_name);
        Ok(())
    };
    service.pools.change_user(&scope, &pool, &user, join).await?;
    Ok(wire::AdminAddUserToGroupOutput {})
}

/// AdminRemoveUserFromGroup.
pub async fn remove(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminRemoveUserFromGroup,
) -> AwsResult<wire::AdminRemoveUserFromGroupOutput> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    service.pools.group(&scope, &pool.id, &input.group_name)?;
    let user = service.pools.known_user(&scope, &pool, &input.username)?;
    let leave = |user: &mut User| {
        user.groups.remove(&input.group_name);
        Ok(())
    };
    service.pools.change_user(&scope, &pool, &user, leave).await?;
    Ok(wire::AdminRemoveUserFromGroupOutput {})
}

/// AdminListGroupsForUser.
pub async fn groups(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminListGroupsForUser,
) -> AwsResult<wire::AdminListGroupsForUserResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let user = service.pools.known_user(&scope, &pool, &input.username)?;
    let groups = service.pools.groups_in(&scope, &pool.id);
    let groups = groups.into_iter().filter(|(_, group)| user.groups.contains(&group.settings.group_name));
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(groups, after.as_deref(), paging::size(input.limit, groups::PAGE, groups::PAGE));
    Ok(wire::AdminListGroupsForUserResponse {
        groups: Some(page.items.iter().map(|group| group.shape()).collect()),
        next_token: page.next.as_deref().map(paging::token),
    })
}

/// ListUsersInGroup.
pub async fn users(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListUsersInGroup,
) -> AwsResult<wire::ListUsersInGroupResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    service.pools.group(&scope, &pool.id, &input.group_name)?;
    let users = service.pools.users_of(&scope, &pool.id).into_iter();
    let members = users.filter(|(_, user)| user.groups.contains(&input.group_name));
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(members, after.as_deref(), paging::size(input.limit, PAGE, PAGE));
    Ok(wire::ListUsersInGroupResponse {
        users: Some(page.items.iter().map(|user| user.shape()).collect()),
        next_token: page.next.as_deref().map(paging::token),
    })
}
