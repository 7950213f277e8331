//! Lists of users, and where their pages begin.

use crate::CognitoService;
use crate::error::invalid_parameter;
use crate::model::User;
use crate::model::filter::Filter;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The most users that a page has.
pub const PAGE: usize = 60;

/// The key after which a page begins.
///
/// # Errors
/// For a token that no earlier page gave.
pub fn after(token: Option<&str>) -> AwsResult<Option<String>> {
    token.map(|token| paging::key_of(token).ok_or_else(|| invalid_parameter("Invalid pagination token."))).transpose()
}

/// ListUsers.
pub async fn users(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListUsers,
) -> AwsResult<wire::ListUsersResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let filter = Filter::read(input.filter.as_deref().unwrap_or_default())?;
    let taken = |user: &User| filter.as_ref().is_none_or(|filter| filter.takes(user));
    let users = service.pools.users_of(&scope, &pool.id).into_iter().filter(|(_, user)| taken(user));
    let after = after(input.pagination_token.as_deref())?;
    // "The maximum number of users": none is as many as there may be.
    let limit = input.limit.filter(|limit| *limit > 0);
    let page = paging::by_key(users, after.as_deref(), paging::size(limit, PAGE, PAGE));
    let wanted = input.attributes_to_get;
    let told = page.items.iter().map(|user| {
        let mut shape = user.shape();
        if let (Some(wanted), Some(attributes)) = (&wanted, &mut shape.attributes) {
            attributes.retain(|attribute| wanted.contains(&attribute.name));
        }
        shape
    });
    Ok(wire::ListUsersResponse {
        users: Some(told.collect()),
        pagination_token: page.next.as_deref().map(paging::token),
    })
}
