//! One codec per protocol: requests to values, values and errors to answers.
//!
//! S3's bodies (rest-xml) are decoded and encoded by its own layer; only its errors are written here, for what is
//! refused before a request reaches it.

mod event_stream;
mod json;
mod query;
mod rest_json;
mod rest_xml;
mod text;

pub use json::passed_through;
pub use query::Form;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, AwsResult, Body, OperationModel, ServiceModel, Value};

/// What a request asks of an operation.
///
/// # Errors
/// AWS's errors for what cannot be read: `SerializationException`, `MalformedInput`.
pub fn decode(service: &ServiceModel, operation: &OperationModel, head: &Parts, body: &Bytes) -> AwsResult<Value> {
    match service.protocol {
        Protocol::Json(_) => json::decode(operation, body),
        Protocol::RestJson => rest_json::decode(operation, head, body),
        Protocol::Query => query::decode(operation, head, body),
        Protocol::RestXml => Err(AwsError::unsupported(format_args!("rest-xml in {}", service.name))),
    }
}

/// An operation's answer.
pub fn encode(service: &ServiceModel, operation: &OperationModel, output: Value, request_id: &str) -> Response<Body> {
    match service.protocol {
        Protocol::Json(version) => json::encode(version, operation, output, request_id).map(Body::from),
        Protocol::RestJson => rest_json::encode(operation, output, request_id),
        Protocol::Query | Protocol::RestXml => query::encode(service, operation, output, request_id).map(Body::from),
    }
}

/// An operation's error.
pub fn encode_error(service: &ServiceModel, error: &AwsError, request_id: &str) -> Response<Bytes> {
    match service.protocol {
        Protocol::Json(version) => json::encode_error(version, service, error, request_id),
        Protocol::RestJson => rest_json::encode_error(service, error, request_id),
        Protocol::Query => query::encode_error(service, error, request_id),
        Protocol::RestXml => rest_xml::encode_error(error, request_id),
    }
}

/// The header by which all services but S3 tell the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

fn respond(status: u16, content_type: &'static str, request_id: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    response
}
