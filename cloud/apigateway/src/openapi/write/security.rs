//! What methods ask their callers for.

use super::Export;
use crate::model::{AuthorizationType, Authorizer, Method, RestApi};
use serde_json::{Map, Value, json};

/// The schemes of an API by name. An authorizer has its own name; keys and signatures have AWS's.
pub fn schemes(api: &RestApi, export: &Export) -> Map<String, Value> {
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
    schemes.extend(authorizers.into_iter().map(|authorizer| (authorizer.name.clone(), scheme(authorizer, export))));
    schemes
}

/// "Must be "Unused" for multiple identity sources or non header or query type of request parameters"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>).
fn scheme(authorizer: &Authorizer, export: &Export) -> Value {
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
        scheme["x-amazon-apigateway-authorizer"] = definition(authorizer);
    }
    scheme
}

fn definition(authorizer: &Authorizer) -> Value {
    let mut written = json!({
        "type": authorizer.kind.name().to_ascii_lowercase(),
        "authorizerUri": authorizer.uri,
    });
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
    written
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
