//! What users do with their own access tokens.

use crate::CognitoService;
use crate::model::{User, schema};
use crate::new_user::pairs;
use crate::tokens::access::caller;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// GetUser: the attributes that the token's client may read.
pub async fn get(service: Arc<CognitoService>, _: Context, input: wire::GetUser) -> AwsResult<wire::GetUserResponse> {
    let caller = caller(&service, &input.access_token).await?;
    let mut user_attributes = caller.user.list();
    user_attributes.retain(|attribute| caller.client.reads(&attribute.name));
    Ok(wire::GetUserResponse { username: caller.user.username.clone(), user_attributes, ..Default::default() })
}

/// UpdateUserAttributes. Another address or number is not verified.
pub async fn update_attributes(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::UpdateUserAttributes,
) -> AwsResult<wire::UpdateUserAttributesResponse> {
    let caller = caller(&service, &input.access_token).await?;
    let values = pairs(Some(input.user_attributes));
    caller.client.check_writes(values.iter().map(|(name, _)| name))?;
    schema::check_change(&caller.pool.settings, &values, &caller.user)?;
    let now = service.now();
    let change = |user: &mut User| {
        user.put(&values, true);
        user.changed = now;
        Ok(())
    };
    service.pools.rename_user(&caller.scope, &caller.pool, &caller.user, change).await?;
    Ok(wire::UpdateUserAttributesResponse { code_delivery_details_list: Some(Vec::new()) })
}

/// DeleteUser.
pub async fn delete(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::DeleteUser,
) -> AwsResult<wire::DeleteUserOutput> {
    let caller = caller(&service, &input.access_token).await?;
    service.pools.remove_user(&caller.scope, &caller.pool, &caller.user).await?;
    Ok(wire::DeleteUserOutput {})
}

/// GlobalSignOut.
pub async fn sign_out(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::GlobalSignOut,
) -> AwsResult<wire::GlobalSignOutResponse> {
    let caller = caller(&service, &input.access_token).await?;
    let now = service.now();
    let sign_out = |user: &mut User| {
        user.signed_out = Some(now);
        Ok(())
    };
    service.pools.change_user(&caller.scope, &caller.pool, &caller.user, sign_out).await?;
    Ok(wire::GlobalSignOutResponse {})
}
