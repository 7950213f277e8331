//! Cross-origin requests of browsers, answered by the bucket's rules ("Using cross-origin resource sharing").

use crate::Body;
use crate::backend::Backend;
use crate::call::text;
use crate::error::{Answer, Fault};
use ::http::{HeaderMap, HeaderValue, Method, Response, header};
use s3s::dto::CORSRule;

/// Answers an OPTIONS request.
///
/// # Errors
/// When no rule lets the request that it announces through.
pub fn preflight(backend: &Backend, bucket: &str, headers: &HeaderMap) -> Answer<Response<Body>> {
    let forbidden = |message: &str| Fault::new("AccessForbidden", 403, format!("CORSResponse: {message}"));
    let (Some(origin), Some(method)) = (text(headers, "origin"), text(headers, "access-control-request-method")) else {
        let message = "Insufficient information. Origin request header needed.";
        return Err(Fault::new("BadRequest", 400, message));
    };
    let rules = backend.bucket(bucket)?.cors.clone();
    let rules = rules.ok_or_else(|| forbidden("CORS is not enabled for this bucket."))?.cors_rules;
    let requested: Vec<&str> = text(headers, "access-control-request-headers")
        .map(|names| names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
        .unwrap_or_default();
    let rule = rules.iter().find(|rule| {
        let allowed = rule.allowed_headers.as_deref().unwrap_or_default();
        lets(rule, origin, method)
            && requested.iter().all(|name| {
                allowed.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &name.to_ascii_lowercase()))
            })
    });
    let rule = rule.ok_or_else(|| {
        forbidden(
            "This CORS request is not allowed. This is usually because the evalution of Origin, request method / \
             Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's \
             CORS spec.",
        )
    })?;
    let mut response = Response::new(Body::empty());
    write(rule, origin, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&requested.join(", "))
        && !value.is_empty()
    {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    Ok(response)
}

/// Adds the headers to the answer of a request with an origin.
pub fn add_headers(backend: &Backend, bucket: &str, method: &Method, origin: &HeaderValue, headers: &mut HeaderMap) {
    let Some(bucket) = backend.find_bucket(bucket) else { return };
    let (Some(cors), Ok(origin)) = (&bucket.cors, origin.to_str()) else { return };
    if let Some(rule) = cors.cors_rules.iter().find(|rule| lets(rule, origin, method.as_str())) {
        write(rule, origin, headers);
    }
}

fn lets(rule: &CORSRule, origin: &str, method: &str) -> bool {
    rule.allowed_origins.iter().any(|pattern| matches(pattern, origin))
        && rule.allowed_methods.iter().any(|allowed| allowed.as_str() == method)
}

/// A text with at most one `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail),
    }
}

fn write(rule: &CORSRule, origin: &str, headers: &mut HeaderMap) {
    let everybody = rule.allowed_origins.iter().any(|pattern| pattern == "*");
    let join = |values: Option<&Vec<String>>| values.map(|values| values.join(", ")).filter(|text| !text.is_empty());
    let methods: Vec<&str> = rule.allowed_methods.iter().map(|method| method.as_str()).collect();
    let told = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, Some(if everybody { "*" } else { origin }.to_owned())),
        (header::ACCESS_CONTROL_ALLOW_METHODS, Some(methods.join(", "))),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, (!everybody).then(|| "true".to_owned())),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, join(rule.expose_headers.as_ref())),
        (header::ACCESS_CONTROL_MAX_AGE, rule.max_age_seconds.map(|seconds| seconds.to_string())),
        (header::VARY, Some("Origin, Access-Control-Request-Headers, Access-Control-Request-Method".to_owned())),
    ];
    for (name, value) in told {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let check = |pattern, text, expected| assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        check("*", "https://a.example", true);
        check("https://*.example", "https://a.example", true);
        check("https://*.example", "https://.other", false);
        check("https://a.example", "https://a.example", true);
        check("ab*ba", "aba", false);
    }
}
