//! Events of payload format 2.0, which HTTP APIs and function URLs hand to functions.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>, and of function URLs,
//! which have the same format, <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>.

use crate::request::{decode, media_type};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the format calls itself.
pub const VERSION: &str = "2.0";

/// An event. What is not there is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    /// [`VERSION`]
    pub version: &'static str,
    /// `GET /pets/{id}`
    pub route_key: &'a str,
    /// The path.
    pub raw_path: String,
    /// The query string as it was sent.
    pub raw_query_string: &'a str,
    /// Those of [`cookies`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookies: Option<Vec<String>>,
    /// Those of [`headers`].
    pub headers: IndexMap<&'a str, Cow<'a, str>>,
    /// The parameters of [`query`], [`joined`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_string_parameters: Option<IndexMap<&'a str, Cow<'a, str>>>,
    /// Who calls what.
    pub request_context: Value,
    /// Of the matched route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_parameters: Option<IndexMap<&'a str, &'a str>>,
    /// Of the stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage_variables: Option<&'a BTreeMap<String, String>>,
    /// That of [`body`], unless it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'a, str>>,
    /// Whether the body is base 64.
    pub is_base64_encoded: bool,
}

impl Event<'_> {
    /// The event as JSON.
    pub fn json(&self) -> Bytes {
        // Texts, numbers and maps with texts as keys: there is nothing in it that JSON cannot hold.
        serde_json::to_vec(self).map(Bytes::from).unwrap_or_default()
    }
}

/// "All cookie headers in the request are combined with commas and added to the cookies field."
pub fn cookies(headers: &[(String, String)]) -> Option<Vec<String>> {
    let sent = headers.iter().filter(|(name, _)| name == "cookie");
    let cookies = sent.flat_map(|(_, value)| value.split(';')).map(str::trim).filter(|cookie| !cookie.is_empty());
    let cookies: Vec<String> = cookies.map(str::to_owned).collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// "Duplicate headers are combined with commas and included in the headers field."
pub fn headers(headers: &[(String, String)]) -> IndexMap<&str, Cow<'_, str>> {
    let mut headers = joined(headers);
    headers.shift_remove("cookie");
    headers
}

/// Pairs with one value for each name: all of them, with commas between them.
pub fn joined(pairs: &[(String, String)]) -> IndexMap<&str, Cow<'_, str>> {
    let mut joined: IndexMap<&str, Cow<'_, str>> = IndexMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        match joined.get_mut(name.as_str()) {
            Some(before) => {
                let before = before.to_mut();
                before.push(',');
                before.push_str(value);
            }
            None => drop(joined.insert(name, value.into())),
        }
    }
    joined
}

/// A query string's parameters, decoded once: `+` is a space.
pub fn query(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| decode(&text.replace('+', " ")).into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// A body as events have it: whether it is base 64, and the text. `is_encoded` is whether it has a Content-Encoding.
pub fn body<'b>(body: &'b [u8], content_type: &str, is_encoded: bool) -> (bool, Cow<'b, str>) {
    let text = std::str::from_utf8(body).ok();
    match text.filter(|_| is_text(content_type) && !is_encoded) {
        Some(text) => (false, text.into()),
        None => (true, STANDARD.encode(body).into()),
    }
}

/// Which bodies are handed on as text: everything else is base 64, forms, too (recorded of a function URL:
/// test_lambda_url_form_payload). Without a type it is text if it can be (not verified on AWS).
fn is_text(content_type: &str) -> bool {
    let kind = media_type(content_type);
    let known = ["", "application/json", "application/javascript", "application/xml"];
    kind.starts_with("text/") || known.contains(&kind.as_str()) || kind.ends_with("+json") || kind.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_text_by_their_type() {
        for (content_type, text) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", true),
            ("application/xml", true),
            ("application/javascript", true),
            ("application/problem+json", true),
            ("image/svg+xml", true),
            ("", true),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("application/octet-stream", false),
            ("image/png", false),
        ] {
            assert_eq!(is_text(content_type), text, "{content_type}");
        }
        assert_eq!(body(b"a", "text/plain", false), (false, "a".into()));
        assert_eq!(body(b"a", "text/plain", true), (true, "YQ==".into()));
        assert_eq!(body(b"\xff", "text/plain", false), (true, "/w==".into()));
    }

    #[test]
    fn a_query_is_decoded_once_and_keeps_its_order() {
        for (text, expected) in [
            ("", ""),
            ("a=1&b=2&a=3", "a=1|b=2|a=3"),
            ("q=x+y%20z%2B", "q=x y z+"),
            ("f&g=", "f=|g="),
            ("a=1;b=2", "a=1;b=2"),
        ] {
            let pairs = query(text).into_iter().map(|(a, b)| format!("{a}={b}")).collect::<Vec<_>>().join("|");
            assert_eq!(pairs, expected, "{text}");
        }
    }

    #[test]
    fn cookies_and_repeated_headers_are_combined() {
        let sent = [("cookie", "a=1; b=2"), ("x", "1"), ("cookie", "c=3"), ("x", "2")];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(cookies(&sent).unwrap(), ["a=1", "b=2", "c=3"]);
        let headers = headers(&sent);
        assert_eq!(headers.get("x").unwrap(), "1,2");
        assert!(!headers.contains_key("cookie"));
        assert_eq!(cookies(&sent[1..2]), None);
    }
}
