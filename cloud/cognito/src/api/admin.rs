//! Users, as administrators make and change them.

use crate::CognitoService;
use crate::error::{invalid_parameter, not_authorized, user_exists};
use crate::messages;
use crate::model::{Pool, Status, User, schema};
use crate::new_user::{pairs, tell, wanted};
use crate::sign_in::begin::new_verifier;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// A pool and a user that a request names.
///
/// # Errors
/// When they are not there.
pub fn named(
    service: &CognitoService,
    context: &Context,
    pool: &str,
    username: &str,
) -> AwsResult<(Scope, Arc<Pool>, Arc<User>)> {
    let scope = Scope::regional(context);
    let pool = service.pools.get(&scope, pool)?;
    let user = service.pools.known_user(&scope, &pool, username)?;
    Ok((scope, pool, user))
}

/// AdminCreateUser. The password that it gives is a temporary one.
pub async fn create(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminCreateUser,
) -> AwsResult<wire::AdminCreateUserResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let policy = pool.policy();
    let password = match input.temporary_password {
        Some(password) => password,
        None => policy.make().map_err(AwsError::internal)?,
    };
    policy.check(&password)?;
    let is_again = input.message_action.as_deref() == Some("RESEND");
    let media = input.desired_delivery_mediums.unwrap_or_else(|| vec!["SMS".to_owned()]);
    let user = if is_again {
        let user = service.pools.known_user(&scope, &pool, &input.username)?;
        if user.status != Status::ForceChangePassword {
            let message = format!("Resend not possible. {} status is not FORCE_CHANGE_PASSWORD", input.username);
            return Err(AwsError::bad_request("UnsupportedUserStateException", message));
        }
        let verifier = new_verifier(&pool, &user.username, &password).await?;
        let now = service.now();
        let renew = |user: &mut User| {
            user.password = Some(verifier);
            user.temporary = Some(now);
            user.changed = now;
            Ok(user.clone())
        };
        service.pools.change_user(&scope, &pool, &user, renew).await?
    } else {
        let mut user = wanted(&service, &pool, &input.username, input.user_attributes)?;
        user.password = Some(new_verifier(&pool, &user.username, &password).await?);
        user.temporary = Some(user.created);
        user.status = Status::ForceChangePassword;
        let taken = || user_exists("User account already exists");
        let _naming = service.pools.naming().await;
        service.pools.check_new(&scope, &pool, &user, taken)?;
        service.pools.create_user(&scope, &pool, user.clone(), taken).await?;
        user
    };
    if input.message_action.as_deref() != Some("SUPPRESS") {
        for (medium, attribute) in [("EMAIL", "email"), ("SMS", "phone_number")] {
            let by_mail = medium == "EMAIL";
            if let (true, Some(destination)) = (media.iter().any(|one| one == medium), user.attribute(attribute)) {
                let (subject, text) = messages::of_invitation(&pool, by_mail, &user.username, &password);
                tell(&service, &pool, &user, (by_mail, destination), (subject, text, &password));
            }
        }
    }
    Ok(wire::AdminCreateUserResponse { user: Some(user.shape()) })
}

/// AdminGetUser.
pub async fn get(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminGetUser,
) -> AwsResult<wire::AdminGetUserResponse> {
    let (_, _, user) = named(&service, &context, &input.user_pool_id, &input.username)?;
    Ok(wire::AdminGetUserResponse {
        username: user.username.clone(),
        user_attributes: Some(user.list()),
        user_create_date: Some(user.created),
        user_last_modified_date: Some(user.changed),
        enabled: Some(user.enabled),
        user_status: Some(user.status.name().to_owned()),
        ..Default::default()
    })
}

/// AdminDeleteUser.
pub async fn delete(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminDeleteUser,
) -> AwsResult<wire::AdminDeleteUserOutput> {
    let (scope, pool, user) = named(&service, &context, &input.user_pool_id, &input.username)?;
    service.pools.remove_user(&scope, &pool, &user).await?;
    Ok(wire::AdminDeleteUserOutput {})
}

async fn change(
    service: &CognitoService,
    (scope, pool, user): (Scope, Arc<Pool>, Arc<User>),
    change: impl FnOnce(&mut User) -> AwsResult<()>,
) -> AwsResult<()> {
    let now = service.now();
    let change = |user: &mut User| {
        change(user)?;
        user.changed = now;
        Ok(())
    };
    service.pools.change_user(&scope, &pool, &user, change).await
}

/// AdminEnableUser.
pub async fn enable(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminEnableUser,
) -> AwsResult<wire::AdminEnableUserResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let enable = |user: &mut User| {
        user.enabled = true;
        Ok(())
    };
    change(&service, named, enable).await?;
    Ok(wire::AdminEnableUserResponse {})
}

/// AdminDisableUser. All tokens of the user are revoked.
pub async fn disable(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminDisableUser,
) -> AwsResult<wire::AdminDisableUserResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let now = service.now();
    let disable = |user: &mut User| {
        user.enabled = false;
        user.signed_out = Some(now);
        Ok(())
    };
    change(&service, named, disable).await?;
    Ok(wire::AdminDisableUserResponse {})
}

/// AdminConfirmSignUp.
pub async fn confirm(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminConfirmSignUp,
) -> AwsResult<wire::AdminConfirmSignUpResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let confirm = |user: &mut User| {
        if user.status != Status::Unconfirmed {
            let message = format!("User cannot be confirmed. Current status is {}", user.status.name());
            return Err(not_authorized(message));
        }
        user.status = Status::Confirmed;
        user.code = None;
        Ok(())
    };
    change(&service, named, confirm).await?;
    Ok(wire::AdminConfirmSignUpResponse {})
}

/// AdminUpdateUserAttributes. An empty value removes an attribute.
pub async fn update_attributes(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminUpdateUserAttributes,
) -> AwsResult<wire::AdminUpdateUserAttributesResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let values = pairs(Some(input.user_attributes));
    schema::check_change(&named.1.settings, &values, &named.2)?;
    let now = service.now();
    let put = |user: &mut User| {
        user.put(&values, false);
        user.changed = now;
        Ok(())
    };
    service.pools.rename_user(&named.0, &named.1, &named.2, put).await?;
    Ok(wire::AdminUpdateUserAttributesResponse {})
}

/// AdminDeleteUserAttributes.
pub async fn delete_attributes(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminDeleteUserAttributes,
) -> AwsResult<wire::AdminDeleteUserAttributesResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let names = input.user_attribute_names;
    let required = schema::lacking(&named.1.settings, |_| false);
    if let Some(name) = names.iter().find(|name| required.contains(name)) {
        return Err(invalid_parameter(format!("{name} is required and cannot be deleted.")));
    }
    schema::check_removed(&named.1.settings, names.iter().map(String::as_str))?;
    let remove = |user: &mut User| {
        user.attributes.retain(|name, _| !names.contains(name));
        Ok(())
    };
    change(&service, named, remove).await?;
    Ok(wire::AdminDeleteUserAttributesResponse {})
}

/// AdminUserGlobalSignOut.
pub async fn sign_out(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminUserGlobalSignOut,
) -> AwsResult<wire::AdminUserGlobalSignOutResponse> {
    let named = named(&service, &context, &input.user_pool_id, &input.username)?;
    let now = service.now();
    let sign_out = |user: &mut User| {
        user.signed_out = Some(now);
        Ok(())
    };
    change(&service, named, sign_out).await?;
    Ok(wire::AdminUserGlobalSignOutResponse {})
}
