//! Sign-ins, and the end of their tokens.

use crate::CognitoService;
use crate::error::{invalid_parameter, no_client, not_authorized};
use crate::sign_in::{Given, Place, Step, begin, respond as responding};
use crate::tokens::sealed::{self, Refresh};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The seconds for which an access or identity token may be good.
const LONGEST: i64 = 86_400;

fn by_client(service: &CognitoService, client: &str) -> AwsResult<Place> {
    let (scope, pool, client) = service.pools.client_anywhere(client)?;
    Ok(Place { scope, pool, client })
}

fn by_pool(service: &CognitoService, context: &Context, pool: &str, client: &str) -> AwsResult<Place> {
    let scope = Scope::regional(context);
    let pool = service.pools.get(&scope, pool)?;
    let client = service.pools.client(&scope, &pool.id, client).ok_or_else(|| no_client(client))?;
    Ok(Place { scope, pool, client })
}

/// InitiateAuth.
pub async fn initiate(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::InitiateAuth,
) -> AwsResult<wire::InitiateAuthResponse> {
    let place = by_client(&service, &input.client_id)?;
    let given: Given = input.auth_parameters.unwrap_or_default();
    let Step { challenge, parameters, session, result } =
        begin::begin(&service, &place, &input.auth_flow, &given, false).await?;
    Ok(wire::InitiateAuthResponse {
        challenge_name: challenge.map(str::to_owned),
        session,
        challenge_parameters: parameters,
        authentication_result: result,
        available_challenges: None,
    })
}

/// AdminInitiateAuth.
pub async fn admin_initiate(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminInitiateAuth,
) -> AwsResult<wire::AdminInitiateAuthResponse> {
    let place = by_pool(&service, &context, &input.user_pool_id, &input.client_id)?;
    let given: Given = input.auth_parameters.unwrap_or_default();
    let Step { challenge, parameters, session, result } =
        begin::begin(&service, &place, &input.auth_flow, &given, true).await?;
    Ok(wire::AdminInitiateAuthResponse {
        challenge_name: challenge.map(str::to_owned),
        session,
        challenge_parameters: parameters,
        authentication_result: result,
        available_challenges: None,
    })
}

/// RespondToAuthChallenge.
pub async fn respond(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::RespondToAuthChallenge,
) -> AwsResult<wire::RespondToAuthChallengeResponse> {
    let place = by_client(&service, &input.client_id)?;
    let given: Given = input.challenge_responses.unwrap_or_default();
    let (name, session) = (&input.challenge_name, input.session.as_deref());
    let Step { challenge, parameters, session, result } =
        responding::respond(&service, &place, name, session, &given).await?;
    Ok(wire::RespondToAuthChallengeResponse {
        challenge_name: challenge.map(str::to_owned),
        session,
        challenge_parameters: parameters,
        authentication_result: result,
        available_challenges: None,
    })
}

/// AdminRespondToAuthChallenge.
pub async fn admin_respond(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::AdminRespondToAuthChallenge,
) -> AwsResult<wire::AdminRespondToAuthChallengeResponse> {
    let place = by_pool(&service, &context, &input.user_pool_id, &input.client_id)?;
    let given: Given = input.challenge_responses.unwrap_or_default();
    let (name, session) = (&input.challenge_name, input.session.as_deref());
    let Step { challenge, parameters, session, result } =
        responding::respond(&service, &place, name, session, &given).await?;
    Ok(wire::AdminRespondToAuthChallengeResponse {
        challenge_name: challenge.map(str::to_owned),
        session,
        challenge_parameters: parameters,
        authentication_result: result,
        available_challenges: None,
    })
}

/// When the last token of a sign-in has expired: one that was refreshed until now or just before the refresh token's end, and
/// lives no longer than a day (`Client::check`).
fn last_token(refresh: &Refresh, now: i64) -> i64 {
    refresh.expires.max(now) + LONGEST
}

/// RevokeToken: a refresh token, and the access tokens that came from the same sign-in.
pub async fn revoke(
    service: Arc<CognitoService>,
    _: Context,
    input: wire::RevokeToken,
) -> AwsResult<wire::RevokeTokenResponse> {
    let place = by_client(&service, &input.client_id)?;
    if let Some(secret) = &place.client.secret {
        let given = input.client_secret.as_deref().unwrap_or_default();
        if !bool::from(secret.as_bytes().ct_eq(given.as_bytes())) {
            return Err(not_authorized("Unable to verify client secret."));
        }
    }
    if place.client.settings.enable_token_revocation == Some(false) {
        let message = "Token revocation is disabled for this client.";
        return Err(AwsError::bad_request("UnsupportedOperationException", message));
    }
    let refresh: Option<Refresh> = sealed::open(&place.pool, &sealed::from_url(&input.token));
    let refresh = refresh.ok_or_else(|| {
        let message = "Unsupported token type";
        AwsError::bad_request("UnsupportedTokenTypeException", message)
    })?;
    if refresh.client != place.client.id {
        return Err(invalid_parameter("Invalid token"));
    }
    let now = service.now().as_second();
    let last = last_token(&refresh, now);
    service.pools.revoke(&place.scope, &refresh.origin, last, now).await?;
    Ok(wire::RevokeTokenResponse {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoked_tokens_are_known_until_the_last_has_expired() {
        let refresh = Refresh { sub: "s".into(), client: "c".into(), signed_in: 0, origin: "o".into(), expires: 100 };
        // The first was used a moment before its end; the second has ended, its last access token has not.
        assert_eq!((last_token(&refresh, 50), last_token(&refresh, 200)), (86_500, 86_600));
    }
}
