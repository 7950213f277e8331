//! What an API does with requests: `http`, and what a stage says otherwise.

use super::super::{Reading, duration};
use super::keys::below_root;
use super::limits::limits;
use super::{access, plans};
use crate::model::{ApiCors, ApiSettings, Throttle};
use crate::yaml::Node;

/// What AWS's console lists for a REST API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors-console.html>
const HEADERS: &[&str] = &["authorization", "content-type", "x-amz-date", "x-amz-security-token", "x-api-key"];
const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];
const DAY: u32 = 86_400;

/// What a section says, over what holds without it: each key as a whole.
pub(in super::super) fn settings(
    reading: &mut Reading<'_>,
    section: Option<&Node>,
    before: &ApiSettings,
) -> ApiSettings {
    let mut settings = before.clone();
    let Some(section) = section else { return settings };
    if let Some(node) = section.get("cors") {
        settings.cors = Some(cors(reading, node));
    }
    if let Some(node) = section.get("throttle") {
        settings.throttle = throttle(reading, node);
    }
    if let Some(node) = section.get("authorizer") {
        settings.access = access::access(reading, node);
    }
    if let Some(node) = section.get("keys") {
        settings.plans = plans::plans(reading, node);
    }
    settings
}

fn cors(reading: &mut Reading<'_>, node: &Node) -> ApiCors {
    let texts = |key: &str, default: &[&str]| -> Vec<String> {
        match node.get(key) {
            Some(node) => node.one_or_many().iter().filter_map(Node::text).map(str::to_owned).collect(),
            None => default.iter().map(|text| (*text).to_owned()).collect(),
        }
    };
    let cors = ApiCors {
        origins: texts("origins", &[]),
        methods: texts("methods", METHODS),
        headers: texts("headers", HEADERS),
        expose: texts("expose", &[]),
        max_age: duration::of(reading, node, "max_age", 0..=DAY),
        credentials: node.get("credentials").and_then(Node::flag).unwrap_or(false),
    };
    if cors.origins.is_empty() {
        reading
            .error(node, "no origin may call the API")
            .hints
            .push("add `origins: [\"https://example.com\"]`".to_owned());
    }
    for item in node.get("origins").map(Node::one_or_many).unwrap_or_default() {
        check_origin(reading, item, cors.credentials);
    }
    for item in node.get("methods").map(Node::one_or_many).unwrap_or_default() {
        let text = item.text().unwrap_or_default();
        if !METHODS.contains(&text) {
            let hint = format!("there are {}; preflights, OPTIONS, are answered without a word", METHODS.join(", "));
            reading.error(item, format!("`{text}` is no method of a page's requests")).hints.push(hint);
        }
    }
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&*+-.^_`|~".contains(&byte))
    };
    for item in ["headers", "expose"].iter().filter_map(|key| node.get(key)).flat_map(Node::one_or_many) {
        let text = item.text().unwrap_or_default();
        if !token(text) {
            reading.error(item, format!("`{text}` is no header's name"));
        } else if text == "*" && cors.credentials {
            // https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS#credentialed_requests_and_wildcards
            let hint = "name the headers";
            reading
                .error(item, "browsers take `*` for no header where requests have cookies")
                .hints
                .push(hint.to_owned());
        }
    }
    cors
}

/// `*`, or `https://example.com`: what a browser sends in `Origin`.
fn check_origin(reading: &mut Reading<'_>, node: &Node, credentials: bool) {
    let text = node.text().unwrap_or_default();
    if text == "*" {
        if credentials {
            let hint = "name the origins, or remove `credentials`";
            reading.error(node, "browsers let no page of any origin send cookies").hints.push(hint.to_owned());
        }
        return;
    }
    let host = text.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme)).map(|(_, host)| host);
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".:-[]*".contains(&byte);
    if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(legal)) {
        reading
            .error(node, format!("`{text}` is no origin"))
            .hints
            .push("an origin is `https://example.com`: a scheme and a host in small letters, and no path".to_owned());
    }
}

fn throttle(reading: &mut Reading<'_>, node: &Node) -> Throttle {
    let says = ["rate", "burst"].iter().any(|key| node.get(key).is_some());
    let all = says.then(|| limits(reading, node)).flatten();
    let mut paths = Vec::new();
    for (name, section) in node.get("paths").map(Node::entries).unwrap_or_default() {
        let path = below_root(reading, name);
        if let Some(limits) = limits(reading, section) {
            paths.push((path, limits));
        }
    }
    if !says && paths.is_empty() {
        reading.error(node, "this limits nothing").hints.push("add `rate` and `burst`".to_owned());
    }
    Throttle { all, paths }
}
