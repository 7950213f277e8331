//! The event of payload format 1.0, which is that of REST APIs but for a few members.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::exchange::Exchange;
use super::identity::Identity;
use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// The event of a request, as JSON.
pub fn event(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, request, .. } = exchange;
    let (is_base64, body) = request.event_body();
    let body = Some(body).filter(|body| !body.is_empty());
    let headers: Vec<(String, String)> =
        request.headers.iter().map(|(name, value)| (written(name), value.clone())).collect();
    let parameters = &request.path_parameters;
    let event = json!({
        "version": "1.0",
        "resource": resource(exchange),
        "path": request.full_path(),
        "httpMethod": request.method.as_str(),
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": unless_empty(&request.query, last_values),
        "multiValueQueryStringParameters": unless_empty(&request.query, all_values),
        "requestContext": request_context(exchange, true),
        "pathParameters": unless_empty(parameters, last_values),
        "stageVariables": (!stage.variables.is_empty()).then_some(&stage.variables),
        "isBase64Encoded": is_base64 && body.is_some(),
        "body": body,
    });
    event.to_string().into()
}

/// `/pets/{id}`, or `$default`.
pub(super) fn resource<'a>(exchange: &'a Exchange<'_>) -> &'a str {
    let key = exchange.route_key();
    key.split_once(' ').map_or(key, |(_, path)| path)
}

/// How names of headers are written: those of the connection in capitals, others in small letters, as captured on AWS.
/// <https://github.com/milliHQ/terraform-aws-next-js/pull/31>
pub(super) fn written(name: &str) -> String {
    let capital = ["content-length", "host", "user-agent"].contains(&name)
        || name.starts_with("x-forwarded-")
        || name == "x-amzn-trace-id";
    if capital { slam_cloud_gateway::request::customary_name(name) } else { name.to_owned() }
}

fn unless_empty<T>(pairs: &[(String, String)], values: impl Fn(&[(String, String)]) -> T) -> Option<T> {
    (!pairs.is_empty()).then(|| values(pairs))
}

/// The last value of each name.
pub(super) fn last_values(pairs: &[(String, String)]) -> IndexMap<String, String> {
    pairs.iter().cloned().collect()
}

fn all_values(pairs: &[(String, String)]) -> IndexMap<String, Vec<String>> {
    let mut values: IndexMap<String, Vec<String>> = IndexMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        values.entry(name.clone()).or_default().push(value.clone());
    }
    values
}

/// `requestContext`, with what the authorizer found or, for the authorizer itself, without.
pub(super) fn request_context(exchange: &Exchange<'_>, with_authorizer: bool) -> Value {
    let Exchange { stage, request, arrival, identity, .. } = exchange;
    let caller = match identity {
        Identity::Iam(caller) => Some(caller),
        _ => None,
    };
    let mut context = json!({
        "accountId": &*stage.context.account,
        "apiId": stage.api_id,
        "domainName": exchange.domain_name(),
        "domainPrefix": exchange.domain_prefix(),
        "extendedRequestId": arrival.extended_request_id,
        "httpMethod": request.method.as_str(),
        "identity": {
            "accessKey": caller.and_then(|caller| caller.access_key.as_deref()),
            "accountId": caller.map(|caller| &*caller.account),
            "caller": caller.map(|caller| caller.principal.user_id()),
            "cognitoAmr": null,
            "cognitoAuthenticationProvider": null,
            "cognitoAuthenticationType": null,
            "cognitoIdentityId": null,
            "cognitoIdentityPoolId": null,
            "principalOrgId": null,
            "sourceIp": request.source_ip,
            "user": caller.map(|caller| caller.principal.user_id()),
            "userAgent": request.header("user-agent").unwrap_or_default(),
            "userArn": caller.map(|caller| caller.principal.arn()),
        },
        "path": request.full_path(),
        "protocol": request.protocol,
        "requestId": arrival.extended_request_id,
        "requestTime": arrival.common_log_time(),
        "requestTimeEpoch": arrival.time.as_millisecond(),
        "resourceId": exchange.route_key(),
        "resourcePath": resource(exchange),
        "stage": stage.name,
    });
    if with_authorizer {
        context["authorizer"] = authorizer(identity);
    }
    context
}

fn authorizer(identity: &Identity) -> Value {
    match identity {
        Identity::Token { claims, scopes } => json!({"claims": claims, "scopes": scopes}),
        Identity::Lambda { context, principal } => {
            let mut members: Map<String, Value> = context.clone();
            if let Some(principal) = principal {
                members.insert("principalId".into(), principal.as_str().into());
            }
            members.into()
        }
        Identity::Nobody | Identity::Iam(_) => json!({"claims": null, "scopes": null}),
    }
}
