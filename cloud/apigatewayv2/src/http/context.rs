//! `$context`: what parameter mappings, identity sources and access logs see of a request.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>

use super::exchange::Exchange;
use super::identity::Identity;
use serde_json::Value;

/// One variable by its name after `$context.`; those of answers are the access log's ([`super::report`]).
pub fn variable(exchange: &Exchange<'_>, name: &str) -> Option<String> {
    let Exchange { stage, request, arrival, .. } = exchange;
    if let Some(name) = name.strip_prefix("authorizer.") {
        return of_authorizer(exchange, name);
    }
    if let Some(name) = name.strip_prefix("identity.") {
        return of_identity(exchange, name);
    }
    Some(match name {
        "accountId" => stage.context.account.to_string(),
        "apiId" => stage.api_id.clone(),
        "domainName" => exchange.domain_name(),
        "domainPrefix" => exchange.domain_prefix(),
        "extendedRequestId" | "requestId" => arrival.extended_request_id.clone(),
        "httpMethod" => request.method.to_string(),
        "path" => request.full_path(),
        "protocol" => request.protocol.to_owned(),
        "requestTime" => arrival.common_log_time(),
        "requestTimeEpoch" => arrival.time.as_millisecond().to_string(),
        "routeKey" => exchange.route_key().to_owned(),
        "stage" => stage.name.clone(),
        _ => return None,
    })
}

/// "Calling $context.authorizer.claims returns null."
fn of_authorizer(exchange: &Exchange<'_>, name: &str) -> Option<String> {
    if name == "error" {
        return exchange.authorizer_error.clone();
    }
    match &exchange.identity {
        Identity::Token { claims, .. } => name.strip_prefix("claims.").and_then(|name| claims.get(name)).cloned(),
        Identity::Lambda { principal, .. } if name == "principalId" => principal.clone(),
        Identity::Lambda { context, .. } => context.get(name).map(text),
        _ => None,
    }
}

fn of_identity(exchange: &Exchange<'_>, name: &str) -> Option<String> {
    match name {
        "sourceIp" => return Some(exchange.request.source_ip.clone()),
        "userAgent" => return exchange.request.header("user-agent").map(|agent| agent.into_owned()),
        _ => {}
    }
    let Identity::Iam(caller) = &exchange.identity else { return None };
    match name {
        "accountId" => Some(caller.account.to_string()),
        "caller" | "user" => Some(caller.principal.user_id()),
        "userArn" => Some(caller.principal.arn()),
        _ => None,
    }
}

/// A value of an authorizer's context: `$context.authorizer.numKey` is `1`.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
