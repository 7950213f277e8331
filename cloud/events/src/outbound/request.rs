//! The request of an invocation: what the destination, its connection and the target say, put together.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

use super::answer::permanent;
use crate::model::api_destination::ApiDestination;
use crate::model::connection::http::{HttpParameters, pairs};
use crate::model::http::TargetHttp;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, RANGE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::uri::encoded;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a server may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of an answer at most.
pub const READ: usize = 64 * 1024;

/// What EventBridge takes from each request, whoever says it.
const REMOVED: [&str; 33] = [
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "user-agent",
    "upgrade",
    "via",
    "warning",
];

/// The headers that every request has.
const OWN: [(HeaderName, &str); 4] = [
    (USER_AGENT, "Amazon/EventBridge/ApiDestinations"),
    (RANGE, "bytes=0-1048575"),
    (ACCEPT_ENCODING, "gzip,deflate"),
    (CONNECTION, "close"),
];

/// Names with values, as queries and forms have them.
pub fn form<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A URL with more in its query.
pub fn with_query<'t>(url: &str, pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    match (form(pairs), url.contains('?')) {
        (more, _) if more.is_empty() => url.to_owned(),
        (more, true) => format!("{url}&{more}"),
        (more, false) => format!("{url}?{more}"),
    }
}

/// Sets a header to what configuration says, unless it is one that nobody may set.
///
/// # Errors
/// When it can be no header.
pub fn set_header(headers: &mut HeaderMap, name: &str, value: &str) -> AwsResult<()> {
    if REMOVED.iter().any(|removed| removed.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let invalid = || permanent("INVALID_PARAMETER", format_args!("{name} is no header that can be sent"));
    let name_read = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    headers.insert(name_read, HeaderValue::from_str(value).map_err(|_| invalid())?);
    Ok(())
}

/// A request with EventBridge's own headers beside those that are given.
///
/// # Errors
/// When none can be made of the URL.
pub fn request(
    method: &str,
    url: &str,
    headers: HeaderMap,
    (content_type, body): (&'static str, String),
) -> AwsResult<Request<Full<Bytes>>> {
    let invalid = || permanent("INVALID_PARAMETER", format_args!("no request can be made to {url}"));
    let mut request = Request::new(Full::from(body));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|_| invalid())?;
    *request.uri_mut() = url.parse::<Uri>().map_err(|_| invalid())?;
    *request.headers_mut() = headers;
    for (name, value) in OWN {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    request.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    Ok(request)
}

/// The request of an invocation. Of what connection and target both say, the connection's counts (API reference, HttpParameters).
///
/// # Errors
/// When none can be made of what they say.
pub fn invocation(
    destination: &ApiDestination,
    connection: &HttpParameters,
    target: &TargetHttp,
    (header, value): (&str, &str),
    body: String,
) -> AwsResult<Request<Full<Bytes>>> {
    let mut headers = HeaderMap::new();
    let of_target = target.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in of_target.chain(pairs(&connection.header_parameters)) {
        set_header(&mut headers, name, value)?;
    }
    set_header(&mut headers, header, value)?;
    let mut query: BTreeMap<&str, &str> = target.query.iter().map(|(name, value)| (&**name, &**value)).collect();
    query.extend(pairs(&connection.query_string_parameters));
    let url = with_query(&filled(&destination.endpoint, &target.path), query);
    let body = with_members(body, connection)?;
    request(&destination.method, &url, headers, ("application/json; charset=utf-8", body))
}

/// An endpoint with values in the place of the wildcards of its path, one after the other.
fn filled(endpoint: &str, values: &[String]) -> String {
    let (path, query) = endpoint.split_at(endpoint.find('?').unwrap_or(endpoint.len()));
    let mut parts = path.split('*');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for part in parts {
        filled.push_str(&values.next().map_or_else(|| "*".to_owned(), |value| encoded(value)));
        filled.push_str(part);
    }
    filled + query
}

/// A body with the members that the connection adds.
fn with_members(body: String, connection: &HttpParameters) -> AwsResult<String> {
    if connection.body_parameters.is_empty() {
        return Ok(body);
    }
    let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&body).map_err(|_| {
        let why = "the connection has body parameters, and what the target is given is no JSON object";
        permanent("INVALID_JSON", why)
    })?;
    for (name, value) in pairs(&connection.body_parameters) {
        members.insert(name.to_owned(), value.into());
    }
    serde_json::to_string(&members).map_err(AwsError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::http::Parameter;
    use slam_cloud_core::Timestamp;

    fn parameters(given: &[(&str, &str)]) -> Vec<Parameter> {
        let parameter = |(key, value): &(&str, &str)| Parameter {
            key: (*key).into(),
            value: Some((*value).into()),
            is_value_secret: false,
        };
        given.iter().map(parameter).collect()
    }

    fn made(endpoint: &str, connection: &HttpParameters, target: &TargetHttp) -> AwsResult<Request<Full<Bytes>>> {
        let destination = ApiDestination {
            id: "i".into(),
            description: None,
            connection: "c".into(),
            endpoint: endpoint.into(),
            method: "PUT".into(),
            rate: 300,
            created: Timestamp::UNIX_EPOCH,
            modified: Timestamp::UNIX_EPOCH,
        };
        invocation(&destination, connection, target, ("authorization", "Basic x"), r#"{"a":1.0}"#.into())
    }

    #[test]
    fn wildcards_and_queries_are_filled() {
        let check = |endpoint: &str, path: &[&str], query: &[(&str, &str)], expected: &str| {
            let target = TargetHttp {
                path: path.iter().map(|value| (*value).into()).collect(),
                query: query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
                ..TargetHttp::default()
            };
            let connection =
                HttpParameters { query_string_parameters: parameters(&[("both", "c")]), ..HttpParameters::default() };
            let request = made(endpoint, &connection, &target).unwrap();
            assert_eq!(request.uri().to_string(), expected);
        };
        check("https://h/a", &[], &[], "https://h/a?both=c");
        check("https://h/*/x/*?q=*", &["1 2", "a/b"], &[], "https://h/1%202/x/a%2Fb?q=*&both=c");
        check("https://h/*/*", &["1"], &[("both", "t"), ("t", "ä&")], "https://h/1/*?both=c&t=%C3%A4%26");
    }

    #[test]
    fn headers_are_the_connections_then_the_targets_and_some_are_nobodys() {
        let target =
            [("x-both", "t"), ("X-Target", "t"), ("User-Agent", "t"), ("Content-Type", "text/plain"), ("Via", "t")];
        let target = TargetHttp {
            headers: target.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..TargetHttp::default()
        };
        let connection = HttpParameters {
            header_parameters: parameters(&[("X-Both", "c"), ("Range", "bytes=0-1"), ("Authorization", "other")]),
            body_parameters: parameters(&[("a", "c"), ("b", "c")]),
            ..HttpParameters::default()
        };
        let request = made("https://h", &connection, &target).unwrap();
        let mut headers: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.sort();
        let expected = [
            "accept-encoding: gzip,deflate",
            "authorization: Basic x",
            "connection: close",
            "content-type: text/plain",
            "range: bytes=0-1048575",
            "user-agent: Amazon/EventBridge/ApiDestinations",
            "x-both: c",
            "x-target: t",
        ];
        assert_eq!(headers, expected);
    }

    #[test]
    fn a_connection_adds_members_to_objects_alone() {
        let connection = HttpParameters { body_parameters: parameters(&[("a", "c")]), ..HttpParameters::default() };
        assert_eq!(with_members(r#"{"b": 1.0}"#.into(), &connection).unwrap(), r#"{"b":1.0,"a":"c"}"#);
        assert_eq!(with_members("[1]".into(), &connection).unwrap_err().code, "INVALID_JSON");
        assert_eq!(with_members("[1]".into(), &HttpParameters::default()).unwrap(), "[1]");
    }
}
