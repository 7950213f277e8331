//! The event of payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::exchange::Exchange;
use super::identity::Identity;
use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_gateway::payload_two::{Event, VERSION, cookies, headers, joined};

/// The event of a request, as JSON.
pub fn event(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, request, .. } = exchange;
    let (is_base64, body) = request.event_body();
    let body = Some(body).filter(|body| !body.is_empty());
    let event = Event {
        version: VERSION,
        route_key: exchange.route_key(),
        raw_path: request.full_path(),
        raw_query_string: &request.query_text,
        cookies: cookies(&request.headers),
        headers: headers(&request.headers),
        query_string_parameters: (!request.query.is_empty()).then(|| joined(&request.query)),
        request_context: request_context(exchange, true),
        path_parameters: (!request.path_parameters.is_empty())
            .then(|| request.path_parameters.iter().map(|(name, value)| (&**name, &**value)).collect()),
        stage_variables: (!stage.variables.is_empty()).then_some(&stage.variables),
        is_base64_encoded: is_base64 && body.is_some(),
        body,
    };
    event.json()
}

/// `requestContext`, with what the authorizer found or, for the authorizer itself, without.
pub(super) fn request_context(exchange: &Exchange<'_>, with_authorizer: bool) -> Value {
    let Exchange { stage, request, arrival, .. } = exchange;
    let mut context = json!({
        "accountId": &*stage.context.account,
        "apiId": stage.api_id,
        "domainName": exchange.domain_name(),
        "domainPrefix": exchange.domain_prefix(),
        "http": {
            "method": request.method.as_str(),
            "path": request.full_path(),
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent").unwrap_or_default(),
        },
        "requestId": arrival.extended_request_id,
        "routeKey": exchange.route_key(),
        "stage": stage.name,
        "time": arrival.common_log_time(),
        "timeEpoch": arrival.time.as_millisecond(),
    });
    let authorizer = match &exchange.identity {
        _ if !with_authorizer => None,
        Identity::Nobody => None,
        Identity::Iam(caller) => Some(json!({"iam": {
            "accessKey": caller.access_key,
            "accountId": &*caller.account,
            "callerId": caller.principal.user_id(),
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": caller.principal.arn(),
            "userId": caller.principal.user_id(),
        }})),
        Identity::Token { claims, scopes } => Some(json!({"jwt": {"claims": claims, "scopes": scopes}})),
        Identity::Lambda { context, .. } if context.is_empty() => Some(json!({"lambda": null})),
        Identity::Lambda { context, .. } => Some(json!({"lambda": context})),
    };
    if let Some(authorizer) = authorizer {
        context["authorizer"] = authorizer;
    }
    context
}
