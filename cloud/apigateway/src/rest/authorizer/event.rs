//! What an authorizer's function is asked.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>; samples in
//! `tests/fixtures/events`.

use crate::model::Texts;
use crate::rest::exchange::Exchange;
use crate::rest::request_context::{RequestContext, request_context};
use crate::rest::values::{AllValues, LastValues, all_values, last_values};
use bytes::Bytes;
use serde::Serialize;

/// The event of a `TOKEN` authorizer.
pub fn token(exchange: &Exchange<'_>, token: &str) -> Bytes {
    let method_arn = exchange.method_arn(&exchange.request.decoded_path());
    let event = serde_json::json!({"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token});
    event.to_string().into()
}

/// Unlike a proxy integration's, it has maps where there is nothing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    r#type: &'a str,
    method_arn: String,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: LastValues<'a>,
    multi_value_headers: AllValues<'a>,
    query_string_parameters: LastValues<'a>,
    multi_value_query_string_parameters: AllValues<'a>,
    path_parameters: LastValues<'a>,
    stage_variables: &'a Texts,
    request_context: RequestContext<'a>,
}

/// The event of a `REQUEST` authorizer.
pub fn request(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, resource, request, .. } = exchange;
    let event = Event {
        r#type: "REQUEST",
        method_arn: exchange.method_arn(&request.decoded_path()),
        resource: &resource.path,
        path: &request.path,
        http_method: request.method.as_str(),
        headers: last_values(&request.headers),
        multi_value_headers: all_values(&request.headers),
        query_string_parameters: last_values(&request.query),
        multi_value_query_string_parameters: all_values(&request.query),
        path_parameters: last_values(&request.path_parameters),
        stage_variables: &stage.variables,
        request_context: request_context(exchange),
    };
    // Strings, numbers and maps with string keys: there is nothing in it that JSON cannot hold.
    serde_json::to_vec(&event).map(Bytes::from).unwrap_or_default()
}
