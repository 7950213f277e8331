//! What the head of a request shows, whichever service it is for.

use http::header;
use http::request::Parts;
use slam_cloud_core::schema::Protocol;

/// The protocol that a request's head shows; `None` for REST, which nothing in it tells from others.
pub(crate) fn protocol_of(head: &Parts) -> Option<Protocol> {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = header("content-type");
    if header("smithy-protocol") == "rpc-v2-cbor" {
        return Some(Protocol::RpcV2Cbor);
    }
    if head.headers.contains_key("x-amz-target") {
        return Some(Protocol::Json(if content_type.ends_with("1.1") { "1.1" } else { "1.0" }));
    }
    let query = head.uri.query().unwrap_or_default();
    let is_form = is_form(head) && head.uri.path() == "/";
    (is_form || query.split('&').any(|pair| pair.starts_with("Action="))).then_some(Protocol::Query)
}

/// The type of the body, without its parameters.
pub(crate) fn content_type(head: &Parts) -> &str {
    let given = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim()
}

/// Whether JSON is what the client accepts first.
pub(crate) fn accepts_json(head: &Parts) -> bool {
    let accepted = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split([',', ';']).next().is_some_and(|first| first.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether the body is a form.
pub(crate) fn is_form(head: &Parts) -> bool {
    content_type(head) == "application/x-www-form-urlencoded"
}

/// The service and the operation in a path of `rpc-v2-cbor`: `/service/SERVICE/operation/OPERATION`.
pub(crate) fn cbor_path(head: &Parts) -> Option<(&str, &str)> {
    head.uri.path().strip_prefix("/service/")?.split_once("/operation/")
}

/// `X-Amz-Target`, taken apart at its last dot.
pub(crate) fn target_header(head: &Parts) -> Option<(&str, &str)> {
    head.headers.get("x-amz-target")?.to_str().ok()?.rsplit_once('.')
}
