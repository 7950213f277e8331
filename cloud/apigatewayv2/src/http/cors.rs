//! What browsers are told of other origins.
//!
//! "If you configure CORS for an API, API Gateway automatically sends a response to preflight OPTIONS requests, even if there isn't
//! an OPTIONS route configured for your API. For a CORS request, API Gateway adds the configured CORS headers to the response from
//! an integration." <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>. Where a route takes OPTIONS,
//! its authorization is asked first, as that page says of `$default`.

use super::answer::Answer;
use super::request::Request;
use crate::model::Cors;
use bytes::Bytes;

/// The answer to a preflight, before [`dress`] adds what every answer gets. None for any other request.
pub fn preflight(cors: &Cors, request: &Request) -> Option<Answer> {
    let is_preflight = request.method == http::Method::OPTIONS
        && request.header("origin").is_some()
        && request.header("access-control-request-method").is_some();
    if !is_preflight {
        return None;
    }
    let mut answer = Answer { status: 204, headers: Vec::new(), body: Bytes::new() };
    let origin = request.header("origin").unwrap_or_default();
    if allowed(cors, &origin).is_some() {
        let mut tell = |name: &str, value: Option<String>| {
            answer.headers.extend(value.map(|value| (format!("access-control-{name}"), value)));
        };
        tell("allow-methods", listed(cors.allow_methods.as_deref()));
        tell("allow-headers", listed(cors.allow_headers.as_deref()));
        tell("max-age", cors.max_age.map(|seconds| seconds.to_string()));
    }
    Some(answer)
}

/// Adds the headers that each answer to a page of another origin has.
pub fn dress(cors: &Cors, origin: &str, answer: &mut Answer) {
    let Some(allowed) = allowed(cors, origin) else { return };
    answer.headers.push(("access-control-allow-origin".into(), allowed));
    if cors.allow_credentials == Some(true) {
        answer.headers.push(("access-control-allow-credentials".into(), "true".into()));
    }
    if let Some(exposed) = listed(cors.expose_headers.as_deref()) {
        answer.headers.push(("access-control-expose-headers".into(), exposed));
    }
}

/// "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend integration."
pub fn undress(mut answer: Answer) -> Answer {
    answer.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-"));
    answer
}

/// What the allowed origin is called to a page: `*`, or its own name.
fn allowed(cors: &Cors, origin: &str) -> Option<String> {
    let is_it = |one: &String| match one.as_str() {
        "*" => true,
        // "https://*" stands for all of a scheme, "https://*.example.com" for all subdomains.
        pattern => match pattern.split_once('*') {
            Some((before, after)) => {
                origin.len() >= before.len() + after.len() && origin.starts_with(before) && origin.ends_with(after)
            }
            None => pattern.eq_ignore_ascii_case(origin),
        },
    };
    let found = cors.allow_origins.iter().flatten().find(|one| is_it(one))?;
    Some(if found == "*" { "*".to_owned() } else { origin.to_owned() })
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
        assert_eq!(allowed(&cors, origin).as_deref(), expected, "{origins:?} {origin}");
    }

    #[test]
    fn origins_are_allowed_by_name_or_pattern() {
        check(&["*"], "https://a.example", Some("*"));
        check(&["https://a.example", "https://b.example"], "https://b.example", Some("https://b.example"));
        check(&["https://a.example"], "http://a.example", None);
        check(&["https://a.example"], "https://a.example.evil.example", None);
        check(&["https://*"], "https://x.example", Some("https://x.example"));
        check(&["https://*"], "http://x.example", None);
        check(&["https://*.example.com"], "https://a.example.com", Some("https://a.example.com"));
        check(&["https://*.example.com"], "https://example.com.evil", None);
        check(&[], "https://a.example", None);
    }
}
