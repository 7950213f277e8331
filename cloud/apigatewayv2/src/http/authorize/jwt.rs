//! JWT authorizers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use super::source;
use crate::ApiGatewayV2;
use crate::http::exchange::Exchange;
use crate::http::failure::Failure;
use crate::http::identity::Identity;
use crate::model::Jwt;
use crate::model::mapping::Expression;
use serde_json::Value;
use slam_cloud_gateway::jwt::{Algorithm, Audience, Invalid, Trusted, Verified};
use std::collections::BTreeMap;

/// Decides by a request's token.
///
/// # Errors
/// 401 without one, or with one that is not taken; 403 for one that has none of the route's scopes.
pub async fn check(
    service: &ApiGatewayV2,
    exchange: &Exchange<'_>,
    jwt: &Jwt,
    place: &Expression,
    scopes: &[String],
) -> Result<Identity, Failure> {
    let Some(text) = source(exchange, place) else { return Err(Failure::Unauthorized(Some("Bearer".into()))) };
    // "The identitySource can include only the token, or the token prefixed with Bearer."
    let token = text.strip_prefix("Bearer ").unwrap_or(&text);
    let verified = verify(service, jwt, token)
        .await
        .map_err(|Invalid(what)| Failure::Unauthorized(Some(challenge(scopes, "invalid_token", &what))))?;
    if !verified.has_one_of(scopes) {
        let challenge = challenge(scopes, "insufficient_scope", "the token does not have a required scope");
        return Err(Failure::Forbidden(Some(challenge)));
    }
    let Verified { claims, scopes: granted } = verified;
    let claims = claims.iter().map(|(name, value)| (name.clone(), told(value))).collect::<BTreeMap<_, _>>();
    Ok(Identity::Token { claims, scopes: (!scopes.is_empty()).then_some(granted) })
}

async fn verify(service: &ApiGatewayV2, jwt: &Jwt, text: &str) -> Result<Verified, Invalid> {
    if text.get(..7).is_some_and(|beginning| beginning.eq_ignore_ascii_case("bearer ")) {
        // <https://github.com/aws/serverless-application-model/issues/1300>
        return Err(Invalid("tokenstring should not contain 'bearer '".into()));
    }
    let audience = Audience::AudOrClient(jwt.audience.clone());
    let trusted = Trusted { issuer: jwt.issuer.clone(), audience, required: Vec::new() };
    service.issuers.verify(text, &[trusted], &Algorithm::RSA).await
}

/// `Bearer scope="" error="invalid_token" error_description="…"`
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html>
fn challenge(scopes: &[String], error: &str, description: &str) -> String {
    let scopes = scopes.join(" ").replace(['"', '\\', '\r', '\n'], "");
    format!(r#"Bearer scope="{scopes}" error="{error}" error_description="{description}""#)
}

/// A claim as backends are told it: as text, lists in brackets, as people see theirs of Cognito's groups.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(told).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The page's example.
    #[test]
    fn a_client_is_told_what_is_wrong() {
        let told = challenge(&[], "invalid_token", "the token does not have a valid audience");
        let expected =
            r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#;
        assert_eq!(told, expected);
        let two = ["a".to_owned(), "b\r\n\"".to_owned()];
        assert!(challenge(&two, "insufficient_scope", "x").starts_with(r#"Bearer scope="a b" error="#));
    }

    #[test]
    fn claims_are_told_as_text() {
        for (value, expected) in [
            (json!("a"), "a"),
            (json!(1583798639), "1583798639"),
            (json!(true), "true"),
            (json!(["admin", "user"]), "[admin user]"),
            (json!({"a": 1}), "{\"a\":1}"),
        ] {
            assert_eq!(told(&value), expected);
        }
    }
}
