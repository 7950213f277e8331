//! What browsers are told of pages of other origins.
//!
//! "For preflight requests such as OPTIONS requests, the configured CORS headers on the function URL take precedence. Lambda returns
//! only these CORS headers in the response. For non-preflight requests such as GET or POST requests, Lambda returns both the configured
//! CORS headers on the function URL, as well as the CORS headers returned by the function."
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors>. A preflight reaches no function and proves
//! nothing, as browsers send none of their user's credentials with it.

use super::request::Request;
use crate::model::url::Cors;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderMap,
    HeaderName, HeaderValue, VARY,
};
use slam_cloud_gateway::answer::Answer;

const ANY: &str = "*";

/// The answer to a preflight, before [`dress`] adds what every answer gets. None for any other request.
pub fn preflight(cors: &Cors, request: &Request) -> Option<Answer> {
    let origin = request.header("origin")?;
    request.header("access-control-request-method")?;
    if request.head.method != http::Method::OPTIONS {
        return None;
    }
    let mut headers = Vec::new();
    if allowed(cors, origin).is_some() {
        let mut tell = |name: &str, value: Option<String>| {
            headers.extend(value.map(|value| (format!("access-control-{name}"), value)));
        };
        tell("allow-methods", listed(cors.allow_methods.as_deref()));
        tell("allow-headers", listed(cors.allow_headers.as_deref()));
        tell("max-age", cors.max_age.map(|seconds| seconds.to_string()));
    }
    Some(Answer { status: 200, headers, body: Bytes::new().into() })
}

/// Adds the headers that each answer to a page of another origin has, to whatever the function has said of that.
pub fn dress(cors: &Cors, origin: &str, headers: &mut HeaderMap) {
    let Some(allowed) = allowed(cors, origin) else { return };
    let mut tell = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    };
    tell(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if allowed != ANY {
        tell(VARY, "Origin");
    }
    if cors.allow_credentials == Some(true) {
        tell(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    if let Some(exposed) = listed(cors.expose_headers.as_deref()) {
        tell(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
    }
}

/// What the allowed origin is called to a page: `*`, or its own name.
fn allowed<'o>(cors: &Cors, origin: &'o str) -> Option<&'o str> {
    let origins = cors.allow_origins.as_deref().unwrap_or_default();
    if origins.iter().any(|one| one == ANY) {
        return Some(ANY);
    }
    origins.iter().any(|one| one.eq_ignore_ascii_case(origin)).then_some(origin)
}

fn listed(values: Option<&[String]>) -> Option<String> {
    values.filter(|values| !values.is_empty()).map(|values| values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &[&str], origin: &str, expected: Option<&str>) {
        let allow_origins = Some(origins.iter().map(|origin| (*origin).to_owned()).collect());
        let cors = Cors { allow_origins, ..Cors::default() };
        assert_eq!(allowed(&cors, origin), expected, "{origins:?} {origin}");
    }

    #[test]
    fn origins_are_allowed_by_name_or_all_of_them() {
        check(&["*"], "https://a.example", Some("*"));
        check(
            &["https://a.example", "http://localhost:60905"],
            "http://localhost:60905",
            Some("http://localhost:60905"),
        );
        check(&["https://a.example"], "http://a.example", None);
        check(&["https://a.example"], "https://a.example.evil.example", None);
        check(&[], "https://a.example", None);
    }
}
