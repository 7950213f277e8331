//! What a URL answers itself.

use crate::dialect::DIALECT;
use crate::error::too_large;
use crate::model::limits::REQUEST;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, Body};
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_wire::lambda::SERVICE;
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::sigv4;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// What whoever may not call is told (recorded: `test_lambda_permission_url_invocation`).
const FORBIDDEN: &str = r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#;

/// A refusal, or a failure of the function.
#[derive(Debug)]
pub enum Failure {
    /// There is no such URL.
    Unknown,
    /// Whoever it is may not.
    Forbidden,
    /// Lambda refuses it in its own words: throttled, too large, a signature that is wrong.
    Refused(AwsError),
    /// The function failed, or its answer is none: the log says why.
    BadGateway(String),
}

impl Failure {
    /// An event that is too large.
    pub fn too_large() -> Self {
        Self::Refused(too_large(format!(
            "Request must be smaller than {REQUEST} bytes for the InvokeFunction operation"
        )))
    }

    /// Why, for logs; clients are told no more than the sentence.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Unknown | Self::Forbidden => None,
            Self::Refused(error) => Some(error.to_string()),
            Self::BadGateway(reason) => Some(reason.clone()),
        }
    }

    /// The HTTP response.
    pub fn response(&self, arrival: &Arrival) -> Response<Body> {
        let mut response = match self {
            // Asserted on AWS: test_lambda_url_non_existing_url.
            Self::Unknown => denied(r#"{"Message":null}"#),
            Self::Forbidden => denied(FORBIDDEN),
            Self::Refused(error) => {
                let voice = Voice::new(&SERVICE, Protocol::RestJson, &DIALECT);
                protocol::encode_error(&voice, error, &arrival.request_id).map(Body::from)
            }
            // Asserted on AWS: test_lambda_url_invocation_exception.
            Self::BadGateway(_) => json(StatusCode::BAD_GATEWAY, "Internal Server Error"),
        };
        sign(&mut response, arrival);
        response
    }
}

fn denied(body: &'static str) -> Response<Body> {
    let mut response = json(StatusCode::FORBIDDEN, body);
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static("AccessDeniedException"));
    response
}

fn json(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Gives a response the ids of its request: the first is that of the invocation, too (recorded: `test_request_id_invoke_url`).
pub fn sign(response: &mut Response<Body>, arrival: &Arrival) {
    for (name, id) in [(REQUEST_ID, &arrival.request_id), (TRACE_ID, &arrival.traced())] {
        if let Ok(id) = HeaderValue::from_str(id) {
            response.headers_mut().insert(name, id);
        }
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Self::Refused(error)
    }
}

impl From<sigv4::Failure> for Failure {
    fn from(failure: sigv4::Failure) -> Self {
        Self::Refused(failure.into_error(Protocol::RestJson))
    }
}
