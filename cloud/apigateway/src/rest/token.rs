//! Methods whose callers show a token that API Gateway itself reads.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html>.

use super::claims::{Claims, Form};
use super::compiled_token::CompiledToken;
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use crate::ApiGateway;
use slam_cloud_gateway::jwt::verify::bare;
use slam_cloud_gateway::jwt::{Invalid, Verified};

/// Reads a request's token.
///
/// # Errors
/// 401 without one, or with one that is not taken; what stands for one that has none of the method's scopes.
pub async fn read(
    service: &ApiGateway,
    exchange: &Exchange<'_>,
    authorizer: &CompiledToken,
) -> Result<Claims, GatewayResponse> {
    let credentials = exchange.request.header(&authorizer.header).filter(|text| !text.is_empty());
    let token = bare(credentials.ok_or(GatewayResponse::Unauthorized)?);
    let verified = service.issuers.verify(token, &authorizer.trusted, &authorizer.algorithms).await;
    let verified = verified.map_err(|invalid| refused(authorizer, &invalid))?;
    if !is_for(authorizer, &verified) {
        return Err(GatewayResponse::Unauthorized);
    }
    match verified.has_one_of(&authorizer.scopes) {
        true => Ok(Claims::new(verified.claims, authorizer.form)),
        false => Err(out_of_scope(authorizer)),
    }
}

/// Of user pools: "Otherwise, the call fails with a 401 Unauthorized response."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>
/// Of other issuers: "A valid token that carries none of the method's scopes receives a 403 Forbidden response."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-methods.html>
fn out_of_scope(authorizer: &CompiledToken) -> GatewayResponse {
    match authorizer.form {
        Form::Text => GatewayResponse::Unauthorized,
        Form::Json => GatewayResponse::AccessDenied("User is not authorized to access this resource".into()),
    }
}

/// Clients of user pools are told of tokens that are over, and begin anew then: "The incoming token has expired".
fn refused(authorizer: &CompiledToken, invalid: &Invalid) -> GatewayResponse {
    tracing::debug!("a token was refused: {}", invalid.0);
    match authorizer.form {
        Form::Text if *invalid == Invalid::expired() => GatewayResponse::TokenExpired,
        _ => GatewayResponse::Unauthorized,
    }
}

/// "For COGNITO_USER_POOLS authorizers, API Gateway will match the aud field of the incoming token from the client against the specified
/// regular expression. … Otherwise, it will return a 401 Unauthorized response" (API reference, `CreateAuthorizer`). "Note that when
/// using an access token this validation rejects the request due to the access token not containing the aud field."
fn is_for(authorizer: &CompiledToken, verified: &Verified) -> bool {
    authorizer.audience.as_ref().is_none_or(|pattern| {
        let audience = verified.claims.get("aud").and_then(serde_json::Value::as_str);
        audience.is_some_and(|audience| pattern.is_match(audience).unwrap_or(false))
    })
}
