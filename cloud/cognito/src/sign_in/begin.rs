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
        ("USER_SRP_AUTH", _) => prove(service, place, given),
        ("REFRESH_TOKEN_AUTH", _) => refresh(service, place, given).await,
        _ => by_password(service, place, given).await,
    }
}

/// A user by the name that somebody gives.
///
/// # Errors
/// When there is none, as far as that may be known.
pub fn user(service: &CognitoService, place: &Place, name: &str) -> AwsResult<Arc<User>> {
    let user = service.pools.user(&place.scope, &place.pool, name);
    user.ok_or_else(|| if place.client.hides_users() { wrong_password() } else { no_user() })
}

/// Whether a password is a user's. It takes a processor some milliseconds.
///
/// # Errors
/// When the thread for it fails.
pub async fn fits(pool: &Arc<Pool>, user: &Arc<User>, password: &str) -> AwsResult<bool> {
    let (pool, user, password) = (Arc::clone(pool), Arc::clone(user), password.to_owned());
    let check = move || {
        let identity = Identity { pool: pool.short_id(), username: &user.username };
        user.password.as_ref().is_some_and(|verifier| verifier.fits(identity, &password))
    };
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
    let user = user(service, place, name)?;
    check_enabled(&user)?;
    if !fits(&place.pool, &user, password).await? {
        return Err(wrong_password());
    }
    admit(service, place, &user).await
}

fn prove(service: &CognitoService, place: &Place, given: &Given) -> AwsResult<Step> {
    let (name, public) = (need(given, "USERNAME")?, need(given, "SRP_A")?);
    place.client.prove(given.get("SECRET_HASH").map(String::as_str), &[name])?;
    if !is_public(public) {
        return Err(invalid_parameter("SRP_A is not valid."));
    }
    let (username, verifier) = match user(service, place, name) {
        Ok(user) => {
            check_enabled(&user)?;
            (user.username.clone(), user.password.clone())
        }
        // Nobody can tell one who is not there from one whose password is another.
        Err(_) if place.client.hides_users() => (name.to_owned(), None),
        Err(error) => return Err(error),
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
    let parameters = [
        ("SALT", verifier.salt.clone()),
        ("SECRET_BLOCK", sealed::seal(&place.pool, &block).ok_or_else(failed)?),
        ("SRP_B", verifier.public(&secret).ok_or_else(failed)?),
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
