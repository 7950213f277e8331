//! The event of a Lambda proxy integration.
//!
//! AWS: "Lambda proxy integrations in API Gateway", input format; samples in `tests/fixtures/events`.
//!
//! Beside AWS's, `requestContext.path` holds the whole path that the client sees, in every URL form. An adapter that
//! takes the event's `path` off its end has the prefix under which the application is mounted (`SCRIPT_NAME`), and the
//! links the application makes lead back. At the API's own host and port that prefix is `/STAGE`, as on AWS.

use super::exchange::Exchange;
use super::request_context::{RequestContext, request_context};
use super::values::{AllValues, LastValues, all_values, last_values};
use crate::model::Texts;
use bytes::Bytes;
use serde::Serialize;
use slam_cloud_gateway::media::event_body;
use std::borrow::Cow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: Option<LastValues<'a>>,
    multi_value_headers: Option<AllValues<'a>>,
    query_string_parameters: Option<LastValues<'a>>,
    multi_value_query_string_parameters: Option<AllValues<'a>>,
    path_parameters: Option<LastValues<'a>>,
    stage_variables: Option<&'a Texts>,
    request_context: RequestContext<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

/// The event of a request, as JSON.
pub fn event(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, resource, request, .. } = exchange;
    let binary = stage.binary.contain(request.header("content-type").unwrap_or_default());
    let body = event_body(&request.body, binary);
    let any = |pairs: &[(String, String)]| !pairs.is_empty();
    let event = Event {
        resource: &resource.path,
        path: &request.path,
        http_method: request.method.as_str(),
        headers: any(&request.headers).then(|| last_values(&request.headers)),
        multi_value_headers: any(&request.headers).then(|| all_values(&request.headers)),
        query_string_parameters: any(&request.query).then(|| last_values(&request.query)),
        multi_value_query_string_parameters: any(&request.query).then(|| all_values(&request.query)),
        path_parameters: any(&request.path_parameters).then(|| last_values(&request.path_parameters)),
        stage_variables: (!stage.variables.is_empty()).then_some(&stage.variables),
        request_context: request_context(exchange),
        is_base64_encoded: binary && body.is_some(),
        body,
    };
    // Strings, numbers and maps with string keys: there is nothing in it that JSON cannot hold.
    serde_json::to_vec(&event).map(Bytes::from).unwrap_or_default()
}
