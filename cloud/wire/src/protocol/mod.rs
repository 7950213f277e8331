//! One codec per protocol: requests to values, values and errors to answers.
//!
//! S3's bodies (rest-xml) are decoded and encoded by its own layer; only its errors are written here, for what is
//! refused before a request reaches it.

mod cbor;
mod compatible;
mod ec2;
mod event_stream;
mod json;
mod query;
mod query_json;
mod rest_json;
mod rest_xml;
mod text;

pub use json::passed_through;
pub use query::Form;

use crate::head::{accepts_json, content_type};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use slam_cloud_core::dialect::{Dialect, Front};
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, AwsResult, Body, OperationModel, ServiceModel, Value};
use std::borrow::Cow;

/// In what form a service answers a request: the protocol is the request's, the rest is the service's.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// The protocol of the request.
    pub protocol: Protocol,
    /// The service's [`ServiceModel::name`].
    pub service: &'static str,
    /// The namespace of its XML answers.
    pub xml_namespace: &'static str,
    /// How it differs from others.
    pub dialect: &'static Dialect,
    /// Whether the client of the query protocol wants JSON.
    pub in_json: bool,
}

impl Voice {
    /// The voice of a service in one of its protocols.
    pub fn new(service: &'static ServiceModel, protocol: Protocol, dialect: &'static Dialect) -> Self {
        Self { protocol, service: service.name, xml_namespace: service.xml_namespace, dialect, in_json: false }
    }

    /// The same, answering a request. The query protocol answers in JSON those who accept that first. DynamoDB answers in plain
    /// JSON what was not asked in JSON of its version (asserted on AWS: dynalite's suite, test/connection.js).
    #[must_use]
    pub fn answering(mut self, head: &Parts) -> Self {
        self.in_json = self.protocol == Protocol::Query && accepts_json(head);
        let own = format!("application/x-amz-json-{}", self.version().unwrap_or_default());
        if self.dialect.front == Front::Coral && self.version().is_some() && content_type(head) != own {
            self.protocol = Protocol::Json(json::PLAIN);
        }
        self
    }

    fn version(&self) -> Option<&'static str> {
        match self.protocol {
            Protocol::Json(version) => Some(version),
            _ => None,
        }
    }

    /// The voice of a service in the protocol that it prefers.
    pub fn preferred(service: &'static ServiceModel, dialect: &'static Dialect) -> Self {
        Self::new(service, service.protocols.first().copied().unwrap_or(Protocol::Query), dialect)
    }

    /// The voice of a service that has no dialect.
    pub fn of(service: &'static ServiceModel) -> Self {
        Self::preferred(service, &Dialect::DEFAULT)
    }
}

/// What a request asks of an operation.
///
/// # Errors
/// AWS's errors for what cannot be read: `SerializationException`, `MalformedInput`.
pub fn decode(voice: &Voice, operation: &OperationModel, head: &Parts, body: &Bytes) -> AwsResult<Value> {
    match voice.protocol {
        Protocol::Json(_) => json::decode(operation, body),
        Protocol::RestJson => rest_json::decode(operation, head, body),
        Protocol::Query => query::decode(voice, operation, head, body),
        Protocol::Ec2 | Protocol::RestXml | Protocol::RpcV2Cbor => {
            Err(AwsError::unsupported(format_args!("the protocol {:?} of {}", voice.protocol, voice.service)))
        }
    }
}

/// An operation's answer.
pub fn encode(voice: &Voice, operation: &OperationModel, output: Value, request_id: &str) -> Response<Body> {
    match voice.protocol {
        Protocol::Json(version) => json::encode(version, voice, operation, output, request_id).map(Body::from),
        Protocol::RestJson => rest_json::encode(operation, output, request_id),
        Protocol::Query if voice.in_json => query_json::encode(voice, operation, output, request_id).map(Body::from),
        // What was not decoded is not answered.
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml | Protocol::RpcV2Cbor => {
            query::encode(voice, operation, output, request_id).map(Body::from)
        }
    }
}

/// An operation's error.
pub fn encode_error(voice: &Voice, error: &AwsError, request_id: &str) -> Response<Bytes> {
    let error = &*match (voice.dialect.in_query, voice.dialect.denied_code) {
        (Some(in_query), _) => compatible::as_written(voice.protocol, in_query, error),
        (None, Some(code)) if error.is_access_denied() => Cow::Owned(AwsError { code: code.into(), ..error.clone() }),
        (None, _) => as_written(voice.protocol, error),
    };
    match voice.protocol {
        Protocol::Json(version) => json::encode_error(version, voice, error, request_id),
        Protocol::RestJson => rest_json::encode_error(voice, error, request_id),
        Protocol::Query if voice.in_json => query_json::encode_error(voice, error, request_id),
        Protocol::Query => query::encode_error(voice, error, request_id),
        Protocol::Ec2 => ec2::encode_error(error, request_id),
        Protocol::RestXml => rest_xml::encode_error(error, request_id),
        Protocol::RpcV2Cbor => cbor::encode_error(error, request_id),
    }
}

/// An error with the code and the status that it has in a protocol: those of a denial differ by protocol, not by
/// service.
pub fn as_written(protocol: Protocol, error: &AwsError) -> Cow<'_, AwsError> {
    let status = match protocol {
        Protocol::Json(_) | Protocol::RpcV2Cbor => 400,
        Protocol::RestJson => 403,
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => return Cow::Borrowed(error),
    };
    if !error.is_access_denied() {
        return Cow::Borrowed(error);
    }
    Cow::Owned(AwsError { code: "AccessDeniedException".into(), status, ..error.clone() })
}

/// The code of the error for what is no operation.
pub(crate) const UNKNOWN_OPERATION: &str = "UnknownOperationException";

/// The header by which all services but S3 tell the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// What DynamoDB's front tells by itself, in no protocol and without a type.
pub fn told_by_coral(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = respond(status.as_u16(), "", &Front::Coral.request_id(), text);
    add_checksum(&mut response);
    response
}

/// Adds the checksum against which DynamoDB's clients check a body.
fn add_checksum(response: &mut Response<Bytes>) {
    let checksum = HeaderValue::from(crc32fast::hash(response.body()));
    response.headers_mut().insert("x-amz-crc32", checksum);
}

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
