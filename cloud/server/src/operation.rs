//! An operation's request: read, authenticated, decoded, validated, called, encoded.

use crate::auth::Authenticator;
use crate::body::{self, Body, BodyError};
use http::request::Parts;
use http::{HeaderValue, Response, header};
use hyper::body::{Body as _, Incoming};
use slam_cloud_core::door::WireEntry;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, Cloud, Context, ServiceModel, id};
use slam_cloud_wire::protocol;
use slam_cloud_wire::route::{Route, Router};
use slam_cloud_wire::sigv4::{Failure, Presented, hex_sha256};
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// Answers a request to a service.
pub(crate) async fn answer(
    cloud: &Cloud,
    router: &Router,
    authenticator: &Authenticator,
    service: &'static ServiceModel,
    presented: Result<Option<Presented>, Failure>,
    (head, body, peer): (Parts, Incoming, IpAddr),
) -> Response<Body> {
    let refuse = |error: &AwsError| {
        let mut response = protocol::encode_error(service, error, &id::request_id());
        if error.status == 413 || error.status == 408 {
            // What is left of the body must not be taken for the next request.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        body::whole(response)
    };
    let presented = match presented.and_then(|presented| presented.ok_or(Failure::Missing)) {
        Ok(presented) => presented,
        Err(failure) => return refuse(&failure.into_error(service.protocol)),
    };
    let limit = limit(service, &head);
    let large = body.size_hint().exact().is_none_or(|length| length > LARGE);
    if large && let Err(failure) = authenticator.check_key(&presented) {
        return refuse(&failure.into_error(service.protocol));
    }
    // The semaphore is never closed.
    let place = if large { LARGE_BODIES.acquire().await.ok() } else { None };
    let body = match body::read(body, limit).await {
        Ok(body) => body,
        Err(error) => return refuse(&unread(service, &head, limit, &error)),
    };
    drop(place);
    let caller = match authenticator.verify(&presented, &head, &hex_sha256(&body)) {
        Ok(caller) => caller,
        Err(failure) => return refuse(&failure.into_error(service.protocol)),
    };
    let context = authenticator.context(caller, &head.headers, peer);
    let request_id = context.request_id.clone();
    let operation = match router.operation(service, &head, &body) {
        Ok(Route::Operation(operation)) => operation,
        Ok(Route::Unsupported(name)) => return refuse(&unsupported(service, name)),
        Err(error) => return refuse(&error),
    };
    let begun = std::time::Instant::now();
    let result = match cloud.wire_entry(service.name, operation.name) {
        None => Err(unsupported(service, operation.name)),
        Some(WireEntry::Json(entry)) => entry.call(context, body).await.map(|body| match service.protocol {
            Protocol::Json(version) => body::whole(protocol::passed_through(version, body, &request_id)),
            _ => body::whole(Response::new(body)),
        }),
        Some(WireEntry::Typed(model, entry)) => typed(cloud, service, (model, &**entry), context, &head, &body).await,
    };
    let response = result.unwrap_or_else(|error| {
        if error.status >= 500 {
            tracing::warn!(service = service.name, operation = operation.name, %error, "refused or failed");
        }
        body::whole(protocol::encode_error(service, &error, &request_id))
    });
    tracing::debug!(
        service = service.name,
        operation = operation.name,
        status = response.status().as_u16(),
        microseconds = begun.elapsed().as_micros() as u64,
        "answered"
    );
    response
}

async fn typed(
    cloud: &Cloud,
    service: &'static ServiceModel,
    (model, entry): (&'static slam_cloud_core::OperationModel, &dyn slam_cloud_core::door::TypedEntry),
    context: Context,
    head: &Parts,
    body: &bytes::Bytes,
) -> Result<Response<Body>, AwsError> {
    let input = protocol::decode(service, model, head, body)?;
    slam_cloud_wire::validate(service, model, &input)?;
    let request_id = context.request_id.clone();
    let output = entry.call(cloud.clone(), context, input).await?;
    Ok(body::of(protocol::encode(service, model, output, &request_id)))
}

fn unsupported(service: &ServiceModel, operation: &str) -> AwsError {
    AwsError::unsupported(format_args!("the operation {operation} of {}", service.name))
}

/// A body above this size is not read for strangers.
const LARGE: u64 = 1024 * 1024;
/// How many large bodies are read at a time; more wait. Not held while operations run: those may call in again.
static LARGE_BODIES: Semaphore = Semaphore::const_new(8);

/// The largest zip package that travels in a request, in base-64 with the rest of CreateFunction.
const CREATE_FUNCTION: u64 = 70_167_211;
/// The largest event of a synchronous invocation.
const INVOKE: u64 = 6_291_456;

/// How large a request's body may be.
fn limit(service: &ServiceModel, head: &Parts) -> u64 {
    match service.name {
        "lambda" if is_invocation(head) => INVOKE,
        "lambda" => CREATE_FUNCTION,
        "dynamodb" | "dynamodbstreams" => 16 * 1024 * 1024,
        "apigateway" => 8 * 1024 * 1024,
        _ => 4 * 1024 * 1024,
    }
}

fn is_invocation(head: &Parts) -> bool {
    let path = head.uri.path().trim_end_matches('/');
    path.ends_with("/invocations") || path.ends_with("/response-streaming-invocations")
}

fn unread(service: &ServiceModel, head: &Parts, limit: u64, error: &BodyError) -> AwsError {
    match error {
        BodyError::TooLarge => {
            let operation = match service.name {
                "lambda" if is_invocation(head) => " for the InvokeFunction operation",
                "lambda" if head.method == http::Method::PUT => " for the UpdateFunctionCode operation",
                "lambda" => " for the CreateFunction operation",
                _ => "",
            };
            let message = format!("Request must be smaller than {limit} bytes{operation}");
            AwsError::new("RequestEntityTooLargeException", 413, message)
        }
        BodyError::TimedOut => AwsError::new("RequestTimeout", 408, "the body did not arrive in time"),
        BodyError::Broken => AwsError::bad_request("IncompleteBody", "the connection broke before the body's end"),
    }
}
