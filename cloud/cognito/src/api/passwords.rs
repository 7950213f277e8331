//! Other passwords: set by an administrator, changed, forgotten.

use super::admin::named;
use super::sign_up::{known, place};
use crate::CognitoService;
use crate::error::{invalid_parameter, not_authorized, wrong_password};
use crate::model::{Pool, Purpose, Status, User, code};
use crate::new_user::{reached_by, send_code, simulated};
use crate::sign_in::admit::check_enabled;
use crate::sign_in::begin::{fits, new_verifier};
use crate::tokens::access::caller;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// AdminSetUserPassword. One that is not permanent is to be changed at the next sign-in.
pub async fn set(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminSetUserPassword,
) -> AwsResult<wire::AdminSetUserPasswordResponse> {
    let (scope, pool, user) = named(&service, &context, &input.user_pool_id, &input.username)?;
    pool.policy().check(&input.password)?;
    let verifier = new_verifier(&pool, &user.username, &input.password).await?;
    let now = service.now();
    let set = |user: &mut User| {
        let is_permanent = input.permanent.unwrap_or(false);
        user.password = Some(verifier);
        user.temporary = (!is_permanent).then_some(now);
        user.status = if is_permanent { Status::Confirmed } else { Status::ForceChangePassword };
        user.changed = now;
        Ok(())
    };
    service.pools.change_user(&scope, &pool, &user, set).await?;
    Ok(wire::AdminSetUserPasswordResponse {})
}

/// ChangePassword.
pub async fn change(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::ChangePassword,
) -> AwsResult<wire::ChangePasswordResponse> {
    let caller = caller(&service, &input.access_token).await?;
    let previous = input.previous_password.ok_or_else(wrong_password)?;
    if !fits(&caller.pool, &caller.user, &previous).await? {
        return Err(wrong_password());
    }
    caller.pool.policy().check(&input.proposed_password)?;
    let verifier = new_verifier(&caller.pool, &caller.user.username, &input.proposed_password).await?;
    let now = service.now();
    let change = |user: &mut User| {
        user.password = Some(verifier);
        user.changed = now;
        Ok(())
    };
    service.pools.change_user(&caller.scope, &caller.pool, &caller.user, change).await?;
    Ok(wire::ChangePasswordResponse {})
}

/// Refuses who has a temporary password, which is changed by signing in with it and not by a code
/// (<https://github.com/aws-amplify/amplify-js/issues/1340>).
fn check_resettable(user: &User) -> AwsResult<()> {
    match user.status {
        Status::ForceChangePassword => Err(not_authorized("User password cannot be reset in the current state.")),
        _ => Ok(()),
    }
}

/// How a user of a pool may get a code for another password: by what is verified of it, in the pool's order.
fn way(pool: &Pool, user: &User) -> AwsResult<(&'static str, String)> {
    check_enabled(user)?;
    check_resettable(user)?;
    let mechanisms = pool.settings.account_recovery_setting.as_ref().and_then(|it| it.recovery_mechanisms.as_ref());
    let verified = |attribute: &'static str| {
        user.attribute(attribute).filter(|_| user.is_verified(attribute)).map(|value| (attribute, value))
    };
    let found = match mechanisms {
        Some(mechanisms) => {
            let mut mechanisms: Vec<_> = mechanisms.iter().collect();
            mechanisms.sort_by_key(|one| one.priority);
            if mechanisms.iter().any(|one| one.name == "admin_only") {
                return Err(not_authorized("Contact administrator to reset password."));
            }
            mechanisms.iter().find_map(|one| match &*one.name {
                "verified_email" => verified("email"),
                _ => verified("phone_number"),
            })
        }
        None => reached_by(pool, user, true),
    };
    let nowhere = "Cannot reset password for the user as there is no registered/verified email or phone_number";
    found.map(|(attribute, value)| (attribute, value.to_owned())).ok_or_else(|| invalid_parameter(nowhere))
}

/// ForgotPassword.
pub async fn forgot(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::ForgotPassword,
) -> AwsResult<wire::ForgotPasswordResponse> {
    let place = place(&service, &input.client_id, input.secret_hash.as_deref(), &input.username)?;
    let known = service.pools.known_user(&place.scope, &place.pool, &input.username);
    let found = known.and_then(|user| Ok((way(&place.pool, &user)?, user)));
    let details = match found {
        Ok((way, user)) => {
            let send = |user: &mut User| send_code(&service, &place.pool, user, Purpose::Password, way);
            service.pools.change_user(&place.scope, &place.pool, &user, send).await?
        }
        Err(_) if place.client.hides_users() => simulated(),
        Err(error) => return Err(error),
    };
    Ok(wire::ForgotPasswordResponse { code_delivery_details: Some(details) })
}

/// ConfirmForgotPassword.
pub async fn confirm(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::ConfirmForgotPassword,
) -> AwsResult<wire::ConfirmForgotPasswordResponse> {
    let place = place(&service, &input.client_id, input.secret_hash.as_deref(), &input.username)?;
    let user = known(&service, &place, &input.username)?;
    place.pool.policy().check(&input.password)?;
    let verifier = new_verifier(&place.pool, &user.username, &input.password).await?;
    let now = service.now();
    let confirm = |user: &mut User| {
        code::check(&mut user.code, Purpose::Password, &input.confirmation_code, now)?;
        check_resettable(user)?;
        user.code = None;
        user.password = Some(verifier);
        user.temporary = None;
        if user.status != Status::Unconfirmed {
            user.status = Status::Confirmed;
        }
        user.changed = now;
        Ok(())
    };
    service.pools.change_user(&place.scope, &place.pool, &user, confirm).await?;
    Ok(wire::ConfirmForgotPasswordResponse {})
}
