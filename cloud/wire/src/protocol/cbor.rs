//! Smithy's `rpc-v2-cbor`: errors, for what is refused. No service of the tables speaks it yet.

use super::respond;
use bytes::Bytes;
use http::{HeaderValue, Response};
use serde_json::{Map, Value as Json};
use slam_cloud_core::AwsError;

/// By which a client knows the answer of a service from that of something between.
const PROTOCOL: &str = "rpc-v2-cbor";

pub(super) fn encode_error(error: &AwsError, request_id: &str) -> Response<Bytes> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), Json::String(error.code.clone().into_owned()));
    body.insert("message".to_owned(), Json::String(error.message.clone()));
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), value.clone());
    }
    let mut bytes = Vec::new();
    // Neither text nor a vector can be refused.
    let _ = ciborium::into_writer(&body, &mut bytes);
    let mut response = respond(error.status, "application/cbor", request_id, bytes);
    response.headers_mut().insert("smithy-protocol", HeaderValue::from_static(PROTOCOL));
    response
}
