//! What methods ask their callers for.

use super::Export;
use crate::model::{AuthorizationType, Authorizer, AuthorizerType, Method, RestApi};
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};

/// The schemes of an API by name. An authorizer has its own name; keys and signatures have AWS's.
///
/// # Errors
/// Authorizers that documents have no words for.
pub fn schemes(api: &RestApi, export: &Export) -> AwsResult<Map<String, Value>> {
    let mut schemes = Map::new();
    if api.methods().any(|(_, method)| method.authorization_type == AuthorizationType::AwsIam) {
        let scheme = json!({
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        });
        schemes.insert("sigv4".into(), scheme);
    }
    if api.methods().any(|(_, method)| method.api_key_required) {
        schemes.insert("api_key".into(), json!({"type": "apiKey", "name": "x-api-key", "in": "header"}));
    }
    let mut authorizers: Vec<_> = api.authorizers.values().collect();
    authorizers.sort_by(|a, b| a.name.cmp(&b.name));
    for authorizer in authorizers {
        schemes.insert(authorizer.name.clone(), scheme(authorizer, export)?);
    }
    Ok(schemes)
}

/// "Must be "Unused" for multiple identity sources or non header or query type of request parameters"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>).
fn scheme(authorizer: &Authorizer, export: &Export) -> AwsResult<Value> {
    let sources: Vec<&str> = authorizer.identity_sources().collect();
    let single = match sources[..] {
        [source] => source
            .strip_prefix("method.request.header.")
            .map(|name| (name, "header"))
            .or_else(|| source.strip_prefix("method.request.querystring.").map(|name| (name, "query"))),
        _ => None,
    };
    let (name, place) = single.unwrap_or(("Unused", "header"));
    let mut scheme = json!({
        "type": "apiKey",
        "name": name,
        "in": place,
        "x-amazon-apigateway-authtype": authorizer.auth_type,
    });
    if export.authorizers {
        scheme["x-amazon-apigateway-authorizer"] = definition(authorizer)?;
    }
    Ok(scheme)
}

fn definition(authorizer: &Authorizer) -> AwsResult<Value> {
    if authorizer.kind == AuthorizerType::Jwt {
        // What the page above has for these is of HTTP APIs, which know one issuer and neither algorithms nor claims.
        return Err(AwsError::unsupported("exporting an authorizer of the type JWT"));
    }
    let mut written = json!({"type": authorizer.kind.name().to_ascii_lowercase()});
    if !authorizer.uri.is_empty() {
        written["authorizerUri"] = authorizer.uri.clone().into();
    }
    if !authorizer.provider_arns.is_empty() {
        written["providerARNs"] = json!(authorizer.provider_arns);
    }
    for (name, value) in [
        ("authorizerCredentials", &authorizer.credentials),
        ("identitySource", &authorizer.identity_source),
        ("identityValidationExpression", &authorizer.identity_validation_expression),
    ] {
        if let Some(value) = value {
            written[name] = value.clone().into();
        }
    }
    if let Some(ttl) = authorizer.result_ttl_in_seconds {
        written["authorizerResultTtlInSeconds"] = ttl.into();
    }
    Ok(written)
}

/// What a method asks for.
pub fn demands(api: &RestApi, method: &Method) -> Vec<Value> {
    let mut demands = Vec::new();
    if method.authorization_type == AuthorizationType::AwsIam {
        demands.push(json!({"sigv4": []}));
    }
    if let Some(authorizer) = method.authorizer_id.as_ref().and_then(|id| api.authorizers.get(id)) {
        demands.push(json!({authorizer.name.as_str(): method.authorization_scopes}));
    }
    if method.api_key_required {
        demands.push(json!({"api_key": []}));
    }
    demands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorizer_has_what_its_type_asks_for() {
        let of = |kind: AuthorizerType| Authorizer {
            id: "a".into(),
            name: "who".into(),
            kind,
            auth_type: kind.auth_type().into(),
            uri: String::new(),
            credentials: None,
            identity_source: Some("method.request.header.Authorization".into()),
            identity_validation_expression: None,
            result_ttl_in_seconds: None,
            provider_arns: Vec::new(),
            jwt: None,
        };
        let arn = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/us-east-1_a";
        let pool = Authorizer { provider_arns: vec![arn.into()], ..of(AuthorizerType::CognitoUserPools) };
        let source = "method.request.header.Authorization";
        let expected = json!({"type": "cognito_user_pools", "providerARNs": [arn], "identitySource": source});
        assert_eq!(definition(&pool).unwrap(), expected);
        let function = Authorizer { uri: "f".into(), ..of(AuthorizerType::Token) };
        let expected = json!({"type": "token", "authorizerUri": "f", "identitySource": source});
        assert_eq!(definition(&function).unwrap(), expected);
        let refused = definition(&of(AuthorizerType::Jwt)).unwrap_err();
        assert_eq!(refused.message, "exporting an authorizer of the type JWT is not supported by the embedded cloud");
    }
}
