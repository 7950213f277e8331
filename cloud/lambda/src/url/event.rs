//! The event that a function gets: payload format 2.0, with `$default` for what is an API's alone.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>

use super::request::Request;
use super::{Found, host};
use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_core::Context;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::payload_two::{self, Event, VERSION, cookies, joined, query};
use slam_cloud_gateway::request::{access_key, protocol};

/// The route and the stage of every URL.
const DEFAULT: &str = "$default";

/// The event of a request, as JSON. `context` is that of the invocation, `caller` whoever signed.
pub fn event(
    found: &Found,
    context: &Context,
    caller: Option<&Context>,
    request: &Request,
    arrival: &Arrival,
) -> Bytes {
    let headers = request.headers(arrival);
    let query_text = request.head.uri.query().unwrap_or_default();
    let parameters = query(query_text);
    let content_type = request.header("content-type").unwrap_or_default();
    let is_encoded = request.header("content-encoding").is_some();
    let (is_base64, body) = payload_two::body(&request.body, content_type, is_encoded);
    let body = Some(body).filter(|body| !body.is_empty());
    let event = Event {
        version: VERSION,
        route_key: DEFAULT,
        // As it was sent, where HTTP APIs decode it (recorded: `test_lambda_url_echo_http_fixture_default`).
        raw_path: request.head.uri.path().to_owned(),
        raw_query_string: query_text,
        cookies: cookies(&headers),
        headers: payload_two::headers(&headers),
        query_string_parameters: (!parameters.is_empty()).then(|| joined(&parameters)),
        request_context: request_context(found, context, caller, request, arrival),
        path_parameters: None,
        stage_variables: None,
        is_base64_encoded: is_base64 && body.is_some(),
        body,
    };
    event.json()
}

fn request_context(
    found: &Found,
    context: &Context,
    caller: Option<&Context>,
    request: &Request,
    arrival: &Arrival,
) -> Value {
    let mut told = json!({
        "accountId": if caller.is_some() { &*context.account } else { "anonymous" },
        "apiId": found.url.id,
        "domainName": domain_name(found, request),
        "domainPrefix": found.url.id,
        "http": {
            "method": request.head.method.as_str(),
            "path": request.head.uri.path(),
            "protocol": protocol(request.head.version),
            "sourceIp": request.peer.to_string(),
            "userAgent": request.header("user-agent").unwrap_or_default(),
        },
        "requestId": arrival.request_id,
        "routeKey": DEFAULT,
        "stage": DEFAULT,
        "time": arrival.common_log_time(),
        "timeEpoch": arrival.time.as_millisecond(),
    });
    if let Some(caller) = caller {
        let key = access_key(request.header("authorization"), request.head.uri.query());
        told["authorizer"] = json!({"iam": {
            "accessKey": key,
            "accountId": &*caller.account,
            "callerId": caller.principal.user_id(),
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": caller.principal.arn(),
            "userId": caller.principal.user_id(),
        }});
    }
    told
}

/// A host that names the URL, as applications know function URLs by it: the client's, or that by which the port is reached, too.
fn domain_name(found: &Found, request: &Request) -> String {
    let sent = request.header("host").filter(|host| host.contains(".lambda-url."));
    sent.map_or_else(|| host(&found.url.id, &found.scope.region, request.port), str::to_owned)
}
