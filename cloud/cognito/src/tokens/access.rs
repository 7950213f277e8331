//! Whose an access token is: who calls the operations that users call for themselves.

use super::issue::SELF_SERVICE;
use super::keys;
use crate::CognitoService;
use crate::error::{no_user, not_authorized};
use crate::model::{Client, Pool, User};
use serde_json::Value;
use slam_cloud_core::AwsResult;
use slam_cloud_core::collection::Scope;
use std::sync::Arc;

/// Who calls.
pub struct Caller {
    /// Where the pool is.
    pub scope: Scope,
    /// The pool.
    pub pool: Arc<Pool>,
    /// The client that the token was given to.
    pub client: Arc<Client>,
    /// The user.
    pub user: Arc<User>,
}

/// The owner of an access token.
///
/// # Errors
/// When it is none, or no longer good.
pub async fn caller(service: &CognitoService, token: &str) -> AwsResult<Caller> {
    let invalid = || not_authorized("Invalid Access Token");
    // The token says by which pool it is to be verified.
    let said = keys::claims(token).ok_or_else(invalid)?;
    let issuer = text(&said, "iss").ok_or_else(invalid)?;
    let (scope, pool) = issuer.rsplit_once('/').and_then(|(_, id)| service.pools.anywhere(id)).ok_or_else(invalid)?;
    let keys = service.keys.of(&service.pools, &scope, &pool.id).await?;
    let claims = keys.access.verified(token).ok_or_else(invalid)?;
    if text(&claims, "iss") != Some(&*pool.issuer(&scope)) || text(&claims, "token_use") != Some("access") {
        return Err(invalid());
    }
    let moment = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or(0);
    if moment("exp") <= service.now().as_second() {
        return Err(not_authorized("Access Token has expired"));
    }
    let user = service.pools.by_sub(&scope, &pool.id, text(&claims, "sub").unwrap_or_default()).ok_or_else(no_user)?;
    let client = text(&claims, "client_id").and_then(|id| service.pools.client(&scope, &pool.id, id));
    let is_revoked = text(&claims, "origin_jti").is_some_and(|id| service.pools.is_revoked(&scope, id))
        || user.signed_out.is_some_and(|out| moment("iat") <= out.as_second());
    let client = client.filter(|_| !is_revoked).ok_or_else(|| not_authorized("Access Token has been revoked"))?;
    if !text(&claims, "scope").is_some_and(|scopes| scopes.split(' ').any(|scope| scope == SELF_SERVICE)) {
        return Err(not_authorized("Access Token does not have required scopes"));
    }
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    Ok(Caller { scope, pool, client, user })
}

fn text<'c>(claims: &'c Value, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}
