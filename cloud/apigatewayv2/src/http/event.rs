//! The event of payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::exchange::Exchange;
use super::identity::Identity;
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<Vec<String>>,
    headers: IndexMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<IndexMap<&'a str, Cow<'a, str>>>,
    request_context: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<IndexMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

/// The event of a request, as JSON.
pub fn event(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, request, .. } = exchange;
    let (is_base64, body) = request.event_body();
    let body = Some(body).filter(|body| !body.is_empty());
    let event = Event {
        version: "2.0",
        route_key: exchange.route_key(),
        raw_path: request.full_path(),
        raw_query_string: &request.query_text,
        cookies: cookies(exchange),
        headers: headers(exchange),
        query_string_parameters: (!request.query.is_empty()).then(|| joined(&request.query)),
        request_context: request_context(exchange, true),
        path_parameters: (!request.path_parameters.is_empty())
            .then(|| request.path_parameters.iter().map(|(name, value)| (&**name, &**value)).collect()),
        stage_variables: (!stage.variables.is_empty()).then_some(&stage.variables),
        is_base64_encoded: is_base64 && body.is_some(),
        body,
    };
    // Texts, numbers and maps with texts as keys: there is nothing in it that JSON cannot hold.
    serde_json::to_vec(&event).map(Bytes::from).unwrap_or_default()
}

/// "All cookie headers in the request are combined with commas and added to the cookies field."
pub(super) fn cookies(exchange: &Exchange<'_>) -> Option<Vec<String>> {
    let sent = exchange.request.headers.iter().filter(|(name, _)| name == "cookie");
    let cookies = sent.flat_map(|(_, value)| value.split(';')).map(str::trim).filter(|cookie| !cookie.is_empty());
    let cookies: Vec<String> = cookies.map(str::to_owned).collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// "Duplicate headers are combined with commas and included in the headers field."
pub(super) fn headers<'a>(exchange: &'a Exchange<'_>) -> IndexMap<&'a str, Cow<'a, str>> {
    let mut headers = joined(&exchange.request.headers);
    headers.shift_remove("cookie");
    headers
}

pub(super) fn joined(pairs: &[(String, String)]) -> IndexMap<&str, Cow<'_, str>> {
    let mut joined: IndexMap<&str, Cow<'_, str>> = IndexMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        match joined.get_mut(name.as_str()) {
            Some(before) => {
                let before = before.to_mut();
                before.push(',');
                before.push_str(value);
            }
            None => drop(joined.insert(name, value.into())),
        }
    }
    joined
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
