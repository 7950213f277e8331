//! Users who sign up by themselves.

use crate::CognitoService;
use crate::error::{invalid_parameter, not_authorized, user_exists};
use crate::model::{Pool, Purpose, Status, User, code};
use crate::new_user::{reached_by, send_code, simulated, wanted};
use crate::sign_in::Place;
use crate::sign_in::begin::new_verifier;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The pool of a client that a request names, of which it proves that it has the secret.
///
/// # Errors
/// When there is no such client, or it is not proved.
pub fn place(service: &CognitoService, client: &str, hash: Option<&str>, username: &str) -> AwsResult<Place> {
    let (scope, pool, client) = service.pools.client_anywhere(client)?;
    client.prove(hash, &[username])?;
    Ok(Place { scope, pool, client })
}

/// SignUp.
pub async fn sign_up(service: Arc<CognitoService>, _: Context, input: wire::SignUp) -> AwsResult<wire::SignUpResponse> {
    let place = place(&service, &input.client_id, input.secret_hash.as_deref(), &input.username)?;
    let pool = &place.pool;
    if pool.is_admins_alone() {
        return Err(not_authorized("SignUp is not permitted for this user pool"));
    }
    let password = input.password.ok_or_else(|| invalid_parameter("Missing required parameter PASSWORD"))?;
    place.client.check_writes(input.user_attributes.iter().flatten().map(|attribute| &attribute.name))?;
    pool.policy().check(&password)?;
    let mut user = wanted(&service, pool, &input.username, input.user_attributes)?;
    user.password = Some(new_verifier(pool, &user.username, &password).await?);
    let exists = || user_exists("User already exists");
    let _naming = service.pools.naming().await;
    service.pools.check_new(&place.scope, pool, &user, exists)?;
    let way = reached_by(pool, &user, false).map(|(attribute, value)| (attribute, value.to_owned()));
    let details = way.map(|way| send_code(&service, pool, &mut user, Purpose::SignUp, way)).transpose()?;
    let sub = user.sub.clone();
    service.pools.create_user(&place.scope, pool, user, exists).await?;
    Ok(wire::SignUpResponse { user_confirmed: false, code_delivery_details: details, user_sub: sub, session: None })
}

/// ConfirmSignUp. Whoever knows the code has access to where it was sent.
pub async fn confirm(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::ConfirmSignUp,
) -> AwsResult<wire::ConfirmSignUpResponse> {
    let place = place(&service, &input.client_id, input.secret_hash.as_deref(), &input.username)?;
    let _naming = service.pools.naming().await;
    let user = known(&service, &place, &input.username)?;
    let now = service.now();
    let mut verified = User::clone(&user);
    verify(&mut verified);
    let alias = service.pools.check_aliases(&place.scope, &place.pool, &verified);
    let confirm = |user: &mut User| {
        if user.status != Status::Unconfirmed {
            let message = format!("User cannot be confirmed. Current status is {}", user.status.name());
            return Err(not_authorized(message));
        }
        code::check(&mut user.code, Purpose::SignUp, &input.confirmation_code, now)?;
        // Whoever knows the code may know that somebody else's is the address, too.
        alias?;
        verify(user);
        user.status = Status::Confirmed;
        user.changed = now;
        Ok(())
    };
    service.pools.change_user(&place.scope, &place.pool, &user, confirm).await?;
    Ok(wire::ConfirmSignUpResponse { session: None })
}

/// What a code was sent to is theirs.
fn verify(user: &mut User) {
    if let Some(code) = user.code.take() {
        user.attributes.insert(format!("{}_verified", code.attribute), "true".to_owned());
    }
}

/// A user whom somebody names who may not be told whether there is one: then the code is wrong.
///
/// # Errors
/// When there is none.
pub fn known(service: &CognitoService, place: &Place, name: &str) -> AwsResult<Arc<User>> {
    let user = service.pools.known_user(&place.scope, &place.pool, name);
    user.map_err(|error| if place.client.hides_users() { crate::error::expired_code() } else { error })
}

/// How a user who signed up may get another code.
fn resent_by(pool: &Pool, user: &User) -> AwsResult<(&'static str, String)> {
    if user.status != Status::Unconfirmed {
        return Err(invalid_parameter("User is already confirmed."));
    }
    let nowhere = || AwsError::bad_request("CodeDeliveryFailureException", "There is nothing to send the code to.");
    reached_by(pool, user, false).map(|(attribute, value)| (attribute, value.to_owned())).ok_or_else(nowhere)
}

/// ResendConfirmationCode.
pub async fn resend(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::ResendConfirmationCode,
) -> AwsResult<wire::ResendConfirmationCodeResponse> {
    let place = place(&service, &input.client_id, input.secret_hash.as_deref(), &input.username)?;
    let known = service.pools.known_user(&place.scope, &place.pool, &input.username);
    let found = known.and_then(|user| Ok((resent_by(&place.pool, &user)?, user)));
    let details = match found {
        Ok((way, user)) => {
            let resend = |user: &mut User| send_code(&service, &place.pool, user, Purpose::SignUp, way);
            service.pools.change_user(&place.scope, &place.pool, &user, resend).await?
        }
        Err(_) if place.client.hides_users() => simulated(),
        Err(error) => return Err(error),
    };
    Ok(wire::ResendConfirmationCodeResponse { code_delivery_details: Some(details) })
}
