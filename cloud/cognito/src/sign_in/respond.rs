//! The challenges between a flow and tokens: a password is proved, or a new one set.

use super::admit::{NEW_PASSWORD, admit, check_enabled};
use super::begin::{PASSWORD_VERIFIER, new_verifier, nobody, secret, user};
use super::{Given, Place, Step, need};
use crate::CognitoService;
use crate::error::{not_authorized, wrong_password};
use crate::model::{Status, User, schema};
use crate::srp::{Identity, Proof};
use crate::tokens::sealed::{self, Block, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use slam_cloud_core::{AwsError, AwsResult};
use std::sync::Arc;

/// Answers a challenge.
///
/// # Errors
/// Why the answer is not right.
pub async fn respond(
    service: &CognitoService,
    place: &Place,
    challenge: &str,
    session: Option<&str>,
    given: &Given,
) -> AwsResult<Step> {
    let name = need(given, "USERNAME")?;
    place.client.prove(given.get("SECRET_HASH").map(String::as_str), &[name])?;
    match challenge {
        PASSWORD_VERIFIER => prove(service, place, given).await,
        NEW_PASSWORD => new_password(service, place, session, given).await,
        other => Err(AwsError::unsupported(format_args!("the challenge {other} of user pools"))),
    }
}

async fn prove(service: &CognitoService, place: &Place, given: &Given) -> AwsResult<Step> {
    let text = need(given, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let (timestamp, signature) = (need(given, "TIMESTAMP")?, need(given, "PASSWORD_CLAIM_SIGNATURE")?);
    let block: Block = sealed::open(&place.pool, text).ok_or_else(wrong_password)?;
    if block.client != place.client.id || block.expires <= service.now().as_second() {
        return Err(not_authorized("Invalid session for the user, session is expired."));
    }
    let user = user(service, place, &block.username)?;
    let known = user.as_ref().and_then(|user| user.password.clone());
    let verifier = known.unwrap_or_else(|| nobody(&place.pool, &block.username));
    let pool = Arc::clone(&place.pool);
    let (timestamp, bytes) = (timestamp.to_owned(), STANDARD.decode(text).map_err(|_| wrong_password())?);
    let signature = STANDARD.decode(signature).map_err(|_| wrong_password())?;
    let (nonce, expires) = (block.nonce.clone(), block.expires);
    let check = move || {
        let identity = Identity { pool: pool.short_id(), username: &block.username };
        let proof = Proof { public: &block.public, block: &bytes, timestamp: &timestamp, signature: &signature };
        secret(&pool, &block.nonce).is_some_and(|secret| verifier.proves(identity, &secret, &proof))
    };
    match (tokio::task::spawn_blocking(check).await.map_err(AwsError::internal)?, user) {
        (true, Some(_)) if !service.spent.take(&nonce, expires, service.now().as_second()) => {
            Err(not_authorized("Invalid session for the user, session can only be used once."))
        }
        (true, Some(user)) => admit(service, place, &user).await,
        _ => Err(wrong_password()),
    }
}

async fn new_password(
    service: &CognitoService,
    place: &Place,
    session: Option<&str>,
    given: &Given,
) -> AwsResult<Step> {
    let invalid = || not_authorized("Invalid session for the user.");
    let session: Session = session.and_then(|text| sealed::open(&place.pool, text)).ok_or_else(invalid)?;
    let user = service.pools.by_sub(&place.scope, &place.pool.id, &session.sub).ok_or_else(invalid)?;
    let is_same = service.pools.user(&place.scope, &place.pool, need(given, "USERNAME")?);
    if session.client != place.client.id || is_same.is_none_or(|same| same.sub != user.sub) {
        return Err(invalid());
    }
    if session.expires <= service.now().as_second() {
        return Err(not_authorized("Invalid session for the user, session is expired."));
    }
    check_enabled(&user)?;
    if user.status != Status::ForceChangePassword {
        return Err(invalid());
    }
    let password = need(given, "NEW_PASSWORD")?;
    place.pool.policy().check(password)?;
    let attributes: Vec<(String, String)> = given
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("userAttributes.")?.to_owned(), value.clone())))
        .collect();
    place.client.check_writes(attributes.iter().map(|(name, _)| name))?;
    schema::check_change(&place.pool.settings, &attributes, &user)?;
    let mut changed = User::clone(&user);
    changed.put(&attributes, true);
    schema::check_required(&place.pool.settings, |name| changed.attribute(name).is_some())?;
    let verifier = new_verifier(&place.pool, &user.username, password).await?;
    let now = service.now();
    let change = |user: &mut User| {
        user.put(&attributes, true);
        user.password = Some(verifier.clone());
        user.temporary = None;
        user.status = Status::Confirmed;
        user.changed = now;
        Ok(user.clone())
    };
    let user = service.pools.rename_user(&place.scope, &place.pool, &user, change).await?;
    admit(service, place, &user).await
}
