//! The flows: by a password that is sent, by one that is proved, by a refresh token.

use super::admit::{admit, check_enabled};
use super::{Given, Place, Step, need};
use crate::CognitoService;
use crate::error::{invalid_parameter, no_user, not_authorized, wrong_password};
use crate::model::{Pool, User};
use crate::srp::{Identity, Verifier, is_public};
use crate::tokens::issue::{Origin, issue};
use crate::tokens::sealed::{self, Block, Refresh};
use slam_cloud_core::{AwsError, AwsResult, id};
use std::sync::Arc;

/// The challenge to prove a password.
pub const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";

/// Begins a flow. `by_admin` is whether somebody does who may administer the pool.
///
/// # Errors
/// Why nobody is signed in by it.
pub async fn begin(
    service: &CognitoService,
    place: &Place,
    flow: &str,
    given: &Given,
    by_admin: bool,
) -> AwsResult<Step> {
    // The older names of the same.
    let flow = match flow {
        "ADMIN_NO_SRP_AUTH" => "ADMIN_USER_PASSWORD_AUTH",
        "REFRESH_TOKEN" => "REFRESH_TOKEN_AUTH",
        flow => flow,
    };
    let is_allowed = place.client.allows(flow)
        || (flow == "ADMIN_USER_PASSWORD_AUTH" && place.client.allows("ADMIN_NO_SRP_AUTH"))
        || (flow == "REFRESH_TOKEN_AUTH" && place.client.refreshes());
    match (flow, by_admin) {
        ("CUSTOM_AUTH" | "USER_AUTH", _) => Err(AwsError::unsupported(format_args!("the flow {flow} of user pools"))),
        ("ADMIN_USER_PASSWORD_AUTH", false) | ("USER_PASSWORD_AUTH", true) => {
            Err(invalid_parameter("Initiate Auth method not supported"))
        }
        _ if !is_allowed && by_admin => Err(invalid_parameter("Auth flow not enabled for this client")),
        _ if !is_allowed => Err(invalid_parameter(format!("{flow} flow not enabled for this client"))),
        ("USER_SRP_AUTH", _) => prove(service, place, given).await,
        ("REFRESH_TOKEN_AUTH", _) => refresh(service, place, given).await,
        _ => by_password(service, place, given).await,
    }
}

/// A user by the name that somebody gives; nobody, where that is not to be known before a password is looked at.
///
/// # Errors
/// When there is none, or it was shut out, where the client lets that be known.
pub fn user(service: &CognitoService, place: &Place, name: &str) -> AwsResult<Option<Arc<User>>> {
    let user = service.pools.user(&place.scope, &place.pool, name);
    if !place.client.hides_users() {
        check_enabled(user.as_ref().ok_or_else(no_user)?)?;
    }
    Ok(user)
}

/// Whether a password is a user's. It takes a processor some milliseconds.
///
/// # Errors
/// When the thread for it fails.
pub async fn fits(pool: &Arc<Pool>, user: &User, password: &str) -> AwsResult<bool> {
    let verifier = user.password.clone().unwrap_or_else(|| nobody(pool, &user.username));
    holds(pool, &user.username, verifier, password).await
}

async fn holds(pool: &Arc<Pool>, username: &str, verifier: Verifier, password: &str) -> AwsResult<bool> {
    let (pool, username, password) = (Arc::clone(pool), username.to_owned(), password.to_owned());
    let check = move || verifier.fits(Identity { pool: pool.short_id(), username: &username }, &password);
    tokio::task::spawn_blocking(check).await.map_err(AwsError::internal)
}

/// What is kept of a new password. It takes as long.
///
/// # Errors
/// When the thread for it fails, or there is no random number.
pub async fn new_verifier(pool: &Arc<Pool>, username: &str, password: &str) -> AwsResult<Verifier> {
    let (pool, username, password) = (Arc::clone(pool), username.to_owned(), password.to_owned());
    let make = move || Verifier::new(Identity { pool: pool.short_id(), username: &username }, &password);
    let made = tokio::task::spawn_blocking(make).await.map_err(AwsError::internal)?;
    made.ok_or_else(|| AwsError::internal("a password cannot be kept"))
}

async fn by_password(service: &CognitoService, place: &Place, given: &Given) -> AwsResult<Step> {
    let (name, password) = (need(given, "USERNAME")?, need(given, "PASSWORD")?);
    place.client.prove(given.get("SECRET_HASH").map(String::as_str), &[name])?;
    let Some(user) = user(service, place, name)? else {
        // It takes as long as a wrong password of somebody.
        holds(&place.pool, name, nobody(&place.pool, name), password).await?;
        return Err(wrong_password());
    };
    if !fits(&place.pool, &user, password).await? {
        return Err(wrong_password());
    }
    admit(service, place, &user).await
}

async fn prove(service: &CognitoService, place: &Place, given: &Given) -> AwsResult<Step> {
    let (name, public) = (need(given, "USERNAME")?, need(given, "SRP_A")?);
    place.client.prove(given.get("SECRET_HASH").map(String::as_str), &[name])?;
    if !is_public(public) {
        return Err(invalid_parameter("SRP_A is not valid."));
    }
    let (username, verifier) = match user(service, place, name)? {
        Some(user) => (user.username.clone(), user.password.clone()),
        // Nobody can tell one who is not there from one whose password is another.
        None => (name_of_nobody(&place.pool, name), None),
    };
    let verifier = verifier.unwrap_or_else(|| nobody(&place.pool, &username));
    let minutes = place.client.settings.auth_session_validity.unwrap_or(3);
    let block = Block {
        username: username.clone(),
        client: place.client.id.clone(),
        public: public.to_owned(),
        nonce: id::request_id(),
        expires: service.now().as_second() + minutes * 60,
    };
    let failed = || AwsError::internal("a challenge cannot be made");
    let secret = secret(&place.pool, &block.nonce).ok_or_else(failed)?;
    let (salt, public) = (verifier.salt.clone(), tokio::task::spawn_blocking(move || verifier.public(&secret)));
    let public = public.await.map_err(AwsError::internal)?.ok_or_else(failed)?;
    let parameters = [
        ("SALT", salt),
        ("SECRET_BLOCK", sealed::seal(&place.pool, &block).ok_or_else(failed)?),
        ("SRP_B", public),
        ("USERNAME", username.clone()),
        ("USER_ID_FOR_SRP", username),
    ];
    Ok(Step {
        challenge: Some(PASSWORD_VERIFIER),
        parameters: Some(parameters.map(|(name, value)| (name.to_owned(), value)).into()),
        ..Step::default()
    })
}

/// The verifier of a user who is not there, or has no password.
pub fn nobody(pool: &Pool, username: &str) -> Verifier {
    Verifier::of_nobody(&sealed::code(pool, "nobody", username.as_bytes()).unwrap_or_default())
}

/// The name of a user who is not there: an id, where users have one in place of what they are called by. "Amazon Cognito returns the
/// same … internal user id in Universally Unique Identifier (UUID) format for the same user name and user pool combination."
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html>
fn name_of_nobody(pool: &Pool, name: &str) -> String {
    if !pool.names_users() {
        return name.to_owned();
    }
    let code = sealed::code(pool, "nobody's id", pool.folded(name).as_bytes()).unwrap_or_default();
    id::uuid_made_by(&hex::encode(code), "nobody")
}

/// The server's secret number: made of the pool's secret and what the client is sent, so that it need not be kept.
pub fn secret(pool: &Pool, nonce: &str) -> Option<Vec<u8>> {
    sealed::code(pool, "srp", nonce.as_bytes())
}

async fn refresh(service: &CognitoService, place: &Place, given: &Given) -> AwsResult<Step> {
    let token = sealed::from_url(need(given, "REFRESH_TOKEN")?);
    let invalid = || not_authorized("Invalid Refresh Token");
    let refresh: Refresh = sealed::open(&place.pool, &token).ok_or_else(invalid)?;
    if refresh.client != place.client.id {
        return Err(invalid());
    }
    let user = service.pools.by_sub(&place.scope, &place.pool.id, &refresh.sub).ok_or_else(invalid)?;
    let names = [user.username.as_str(), user.sub.as_str()];
    place.client.prove(given.get("SECRET_HASH").map(String::as_str), &names)?;
    if refresh.expires <= service.now().as_second() {
        return Err(not_authorized("Refresh Token has expired"));
    }
    let is_out = user.signed_out.is_some_and(|out| refresh.signed_in <= out.as_second());
    if is_out || service.pools.is_revoked(&place.scope, &refresh.origin) {
        return Err(not_authorized("Refresh Token has been revoked"));
    }
    check_enabled(&user)?;
    let origin = Origin { signed_in: refresh.signed_in, id: refresh.origin };
    let tokens = issue(service, (&place.scope, &place.pool), &place.client, &user, Some(origin)).await?;
    Ok(Step::tokens(tokens))
}
