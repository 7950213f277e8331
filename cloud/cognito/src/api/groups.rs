//! Groups.

use super::list::after;
use crate::CognitoService;
use crate::error::not_found;
use crate::model::Group;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The most groups that a page has.
pub const PAGE: usize = 60;

/// CreateGroup.
pub async fn create(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::CreateGroup,
) -> AwsResult<wire::CreateGroupResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let name = input.group_name.clone();
    let now = service.now();
    let create = |current: Option<&Group>| match current {
        Some(_) => Err(AwsError::bad_request("GroupExistsException", "A group with the name already exists.")),
        None => Ok(Group { settings: input, created: now, changed: now }),
    };
    let group = service.pools.put_group(&scope, (&pool.id, &name), create).await?;
    Ok(wire::CreateGroupResponse { group: Some(group.shape()) })
}

/// GetGroup.
pub async fn get(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::GetGroup,
) -> AwsResult<wire::GetGroupResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let group = service.pools.group(&scope, &pool.id, &input.group_name)?;
    Ok(wire::GetGroupResponse { group: Some(group.shape()) })
}

/// UpdateGroup. What is not given stays as it is.
pub async fn update(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::UpdateGroup,
) -> AwsResult<wire::UpdateGroupResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let now = service.now();
    let change = |current: Option<&Group>| {
        let mut group = current.cloned().ok_or_else(|| not_found("Group not found."))?;
        let settings = &mut group.settings;
        settings.description = input.description.or(settings.description.take());
        settings.role_arn = input.role_arn.or(settings.role_arn.take());
        settings.precedence = input.precedence.or(settings.precedence);
        group.changed = now;
        Ok(group)
    };
    let group = service.pools.put_group(&scope, (&pool.id, &input.group_name), change).await?;
    Ok(wire::UpdateGroupResponse { group: Some(group.shape()) })
}

/// DeleteGroup.
pub async fn delete(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DeleteGroup,
) -> AwsResult<wire::DeleteGroupOutput> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    service.pools.group(&scope, &pool.id, &input.group_name)?;
    service.pools.remove_group(&scope, &pool, &input.group_name).await?;
    Ok(wire::DeleteGroupOutput {})
}

/// ListGroups.
pub async fn list(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListGroups,
) -> AwsResult<wire::ListGroupsResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let groups = service.pools.groups_in(&scope, &pool.id);
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(groups, after.as_deref(), paging::size(input.limit, PAGE, PAGE));
    Ok(wire::ListGroupsResponse {
        groups: Some(page.items.iter().map(|group| group.shape()).collect()),
        next_token: page.next.as_deref().map(paging::token),
    })
}
