//! Pages that call operations without a signature: of such services, AWS lets browsers read the answers wherever the page is from.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>
//!
//! A preflight names no operation, so it is answered for all; what pages from elsewhere send then is let through or not by itself.

use http::request::Parts;
use http::{HeaderValue, Method, Response, header};
use slam_cloud_core::Body;

/// What pages may read of an answer beside its body.
const EXPOSED: HeaderValue = HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
const ANYBODY: HeaderValue = HeaderValue::from_static("*");

/// Whether a browser asks if a page may name an operation in a header.
pub(crate) fn is_preflight(head: &Parts) -> bool {
    let asked = head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|asked| asked.to_str().ok());
    let names =
        asked.is_some_and(|asked| asked.split(',').any(|name| name.trim().eq_ignore_ascii_case("x-amz-target")));
    head.method == Method::OPTIONS && head.uri.path() == "/" && names
}

/// The answer to that.
pub(crate) fn preflight(head: &Parts) -> Response<Body> {
    let mut response = Response::new(Body::from(String::new()));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("172800"));
    if let Some(asked) = head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// An answer that pages may read.
pub(crate) fn readable(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
    response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}
