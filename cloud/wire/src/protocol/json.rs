//! `application/x-amz-json-1.0` and `-1.1`: everything is one JSON document.

use super::{Voice, add_checksum, respond};
use crate::json::{from_json, serialization, to_json};
use bytes::Bytes;
use http::{HeaderValue, Response};
use serde_json::{Map, Value as Json};
use slam_cloud_core::dialect::Front;
use slam_cloud_core::{AwsError, AwsResult, OperationModel, Value};

pub(super) fn decode(operation: &OperationModel, body: &Bytes) -> AwsResult<Value> {
    from_json(operation.input, parse(body)?)
}

/// A body as JSON; none at all stands for no members.
pub(super) fn parse(body: &Bytes) -> AwsResult<Json> {
    if body.is_empty() {
        return Ok(Json::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| serialization(format!("the body is not valid JSON: {error}")))
}

pub(super) fn encode(
    version: &str,
    voice: &Voice,
    operation: &OperationModel,
    output: Value,
    request_id: &str,
) -> Response<Bytes> {
    // AWS answers operations without an output with no body at all.
    let nothing = operation.output.structure().is_some_and(|structure| structure.members.is_empty());
    let body = if nothing { String::new() } else { told(voice, to_json(operation.output, output)).to_string() };
    fronted(voice, respond(200, content_type(version), request_id, body))
}

/// What an answer has without the lists that the service leaves out.
fn told(voice: &Voice, mut answer: Json) -> Json {
    if let Json::Object(members) = &mut answer {
        let is_left_out = |name: &str, value: &Json| {
            voice.dialect.left_out.contains(&name) && value.as_array().is_some_and(Vec::is_empty)
        };
        members.retain(|name, value| !is_left_out(name, value));
    }
    answer
}

/// An answer whose service wrote the JSON itself.
pub fn passed_through(voice: &Voice, version: &str, body: Bytes, request_id: &str) -> Response<Bytes> {
    fronted(voice, respond(200, content_type(version), request_id, body))
}

/// What the service's front adds to each answer.
fn fronted(voice: &Voice, mut response: Response<Bytes>) -> Response<Bytes> {
    if voice.dialect.front == Front::Coral {
        add_checksum(&mut response);
    }
    response
}

pub(super) fn encode_error(version: &str, voice: &Voice, error: &AwsError, request_id: &str) -> Response<Bytes> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), Json::String(format!("{}{}", (voice.dialect.namespace)(&error.code), error.code)));
    if voice.dialect.front != Front::Coral || !error.message.is_empty() {
        body.insert((voice.dialect.message_member)(&error.code).to_owned(), Json::String(error.message.clone()));
    }
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), value.clone());
    }
    let mut response = respond(error.status, content_type(version), request_id, Json::Object(body).to_string());
    if let Some(in_query) = voice.dialect.in_query {
        let fault = if error.is_client_fault() { "Sender" } else { "Receiver" };
        // Codes are letters, digits and dots.
        if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", (in_query.error)(&error.code).code)) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    fronted(voice, response)
}

/// The version of JSON that is of none.
pub(super) const PLAIN: &str = "";

fn content_type(version: &str) -> &'static str {
    match version {
        PLAIN => "application/json",
        "1.0" => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}
