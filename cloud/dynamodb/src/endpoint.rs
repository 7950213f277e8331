//! DynamoDB's endpoint as a place of its own: what it answers to requests that are none of an operation's.
//!
//! On AWS each service has a host of its own, so whatever arrives there is DynamoDB's, whatever else it says. Here that are
//! the requests whose host is one of its endpoints, and those whose signature or target names it. All answers are asserted
//! on AWS by dynalite's suite (github.com/architect/dynalite, test/connection.js). CORS is not among them: pages from
//! elsewhere call no operation of this cloud.

use crate::DynamoDb;
use crate::dialect::DIALECT;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::{HeaderValue, Method, Response, StatusCode, header};
use slam_cloud_core::dialect::Front;
use slam_cloud_core::plane::{self, Arrival, Claim, Plane, Sender};
use slam_cloud_core::request_body::Unread;
use slam_cloud_core::service::Service as _;
use slam_cloud_core::{AwsError, Body, ServiceModel};
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::{coral, dynamodb, dynamodbstreams, host, sigv2};
use std::sync::Arc;

/// The services of the endpoint, and how their hosts are called.
const SERVICES: [(&ServiceModel, &str); 2] =
    [(&dynamodb::SERVICE, "dynamodb"), (&dynamodbstreams::SERVICE, "streams.dynamodb")];

/// The plane of what is no operation.
pub struct EndpointPlane {
    service: Arc<DynamoDb>,
}

impl EndpointPlane {
    /// The plane of a service.
    pub fn new(service: Arc<DynamoDb>) -> Self {
        Self { service }
    }

    async fn respond(&self, arrival: Arrival) -> Response<Body> {
        if arrival.sender == Sender::ForeignPage {
            return plane::refusal(StatusCode::FORBIDDEN, "pages from elsewhere may not call the control plane");
        }
        let is_read = is_read(&arrival);
        let region = endpoint(&arrival).and_then(|endpoint| endpoint.region);
        let region = region.unwrap_or(&self.service.cloud.settings().region).to_owned();
        let limit = self.service.body_limit(&arrival.head).bytes;
        let Arrival { head, body, .. } = arrival;
        let body = match body.read(limit).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return too_large(),
            Err(Unread::Crowded) => {
                return plane::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many large bodies are on their way");
            }
            Err(Unread::TimedOut | Unread::Broken) => {
                return plane::refusal(StatusCode::REQUEST_TIMEOUT, "the body did not arrive");
            }
        };
        if head.method == Method::GET {
            let text = format!("healthy: dynamodb.{region}.amazonaws.com ");
            return protocol::told_by_coral(StatusCode::OK, text).map(Body::from);
        }
        if !is_read {
            return protocol::told_by_coral(StatusCode::NOT_FOUND, "<UnknownOperationException/>\n").map(Body::from);
        }
        let is_text = body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
        let code = if is_text { "UnknownOperationException" } else { "SerializationException" };
        let voice = Voice::preferred(&dynamodb::SERVICE, &DIALECT).answering(&head);
        let id = Front::Coral.request_id();
        protocol::encode_error(&voice, &AwsError::bad_request(code, ""), &id).map(Body::from)
    }
}

impl Plane for EndpointPlane {
    fn claim(&self, arrival: &Arrival) -> Claim {
        let is_operation = SERVICES.iter().any(|(service, _)| coral::names_operation(service, &arrival.head));
        if is_here(arrival) && !(is_operation && is_read(arrival)) { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.respond(arrival).await })
    }
}

/// Whether a request came to DynamoDB's endpoint. A signature for another service says more than the host: S3's names
/// buckets, which may be called `dynamodb`.
fn is_here(arrival: &Arrival) -> bool {
    match arrival.signed_for.as_deref() {
        Some(service) => SERVICES.iter().any(|(model, _)| model.signing_name == service),
        None if sigv2::Presented::of(&arrival.head).is_some() => false,
        None => match endpoint(arrival) {
            Some(endpoint) => SERVICES.iter().any(|(_, prefix)| endpoint.prefix.eq_ignore_ascii_case(prefix)),
            None => SERVICES.iter().any(|(model, _)| coral::names_service(model, &arrival.head)),
        },
    }
}

/// Whether what a request says is looked at. Without a body its type does not matter.
fn is_read(arrival: &Arrival) -> bool {
    let is_bare = arrival.body.announced() == Some(0);
    arrival.head.method == Method::POST && (is_bare || coral::is_json(&arrival.head))
}

fn endpoint(arrival: &Arrival) -> Option<host::Endpoint<'_>> {
    arrival.host().and_then(host::endpoint)
}

/// AWS says nothing but that, and not how long it is.
fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::stream(stream::empty()));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    // What is left of the body must not be taken for the next request.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
