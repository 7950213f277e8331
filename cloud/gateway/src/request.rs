//! A request as API Gateway sees it, whichever of the four URL forms it came by.

use bytes::Bytes;
use http::header::{HOST, HeaderName};
use percent_encoding::percent_decode_str;
use slam_cloud_core::plane::HeaderNames;
use slam_cloud_core::{AwsError, Context};
use std::borrow::Cow;
use std::net::IpAddr;

/// Where a request's path has the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Host `API.execute-api.REGION.SUFFIX`, path `/STAGE/…`, as on AWS.
    Host,
    /// The API's own port, path `/STAGE/…`.
    Port,
    /// `/_aws/execute-api/API/STAGE/…`
    ExecuteApi,
    /// `/restapis/API/STAGE/_user_request_/…`
    UserRequest,
}

/// A request for a deployed API, as the server hands it over.
pub struct DataPlaneRequest {
    /// The API that the host, path or port names.
    pub api_id: String,
    /// How it was named.
    pub form: Form,
    /// Method, URI, version and headers as the client sent them.
    pub parts: http::request::Parts,
    /// The whole body; `None` when it has more than [`crate::BODY`] bytes, which is refused with 413.
    pub body: Option<Bytes>,
    /// The client's address.
    pub client: IpAddr,
    /// The port that the client connected to.
    pub port: u16,
    /// The verified caller, when the request was signed.
    pub caller: Option<Context>,
    /// Why there is none, when it was signed and the signature does not count.
    pub refused: Option<AwsError>,
}

impl DataPlaneRequest {
    /// Makes a request whose path names the API one to the API's own host, as all are on AWS: events and templates know
    /// no other, and the links that an application makes of them lead there.
    pub fn at_own_host(&mut self, region: &str, port: Option<u16>) {
        let sent = self.parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let (name, own_port) = (sent.rsplit_once(':').map_or(sent, |(name, _)| name), port.unwrap_or(self.port));
        let host = match port {
            Some(port) => format!("{name}:{port}"),
            None => format!("{}.execute-api.{region}.localhost:{own_port}", self.api_id),
        };
        if let Ok(host) = host.parse() {
            self.parts.headers.insert(HOST, host);
            self.port = own_port;
        }
    }
}

/// A path taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitPath<'a> {
    /// The stage.
    pub stage: &'a str,
    /// What comes after it, `/…` or empty, still encoded.
    pub rest: &'a str,
}

/// Finds the stage in a path. `None` when it has none.
pub fn split<'a>(form: Form, path: &'a str) -> Option<SplitPath<'a>> {
    let segments_before = match form {
        Form::Host | Form::Port => 0,
        Form::ExecuteApi => 3,
        Form::UserRequest => 2,
    };
    let mut rest = path.strip_prefix('/')?;
    for _ in 0..segments_before {
        rest = rest.split_once('/')?.1;
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (stage, mut rest) = rest.split_at(end);
    if form == Form::UserRequest {
        let after = rest.strip_prefix("/_user_request_")?;
        rest = if after.is_empty() || after.starts_with('/') { after } else { return None };
    }
    (!stage.is_empty()).then_some(SplitPath { stage, rest })
}

/// What a path has after the API, `/…` or empty: a stage first, or none where the API has one at its root.
pub fn after_api(form: Form, path: &str) -> Option<&str> {
    match form {
        Form::Host | Form::Port => Some(path),
        Form::ExecuteApi => {
            let after = path.strip_prefix("/_aws/execute-api/")?;
            Some(&after[after.find('/').unwrap_or(after.len())..])
        }
        // The stage is always there.
        Form::UserRequest => None,
    }
}

/// A request in the terms of events and mappings.
#[derive(Debug)]
pub struct Request {
    /// `GET`
    pub method: http::Method,
    /// `HTTP/1.1`
    pub protocol: &'static str,
    /// The path after the stage as it was sent, with one slash in front.
    pub path: String,
    /// The stage and the path as they were sent.
    pub full_path: String,
    /// Names as the client wrote them, or else in the customary capitals; see [`customary_name`].
    pub headers: Vec<(String, String)>,
    /// Decoded, in order.
    pub query: Vec<(String, String)>,
    /// As they were sent, of the matched resource.
    pub path_parameters: Vec<(String, String)>,
    /// The body as it came, decompressed perhaps.
    pub body: Bytes,
    /// The client's address.
    pub source_ip: String,
}

/// Headers that end at API Gateway and reach no backend (recorded: `test_apigateway_header_remapping_aws[AWS_PROXY]`;
/// AWS: "Amazon API Gateway important notes").
const DROPPED: [&str; 12] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

impl Request {
    /// Reads a request. `stage` and `rest` are what its path has, `signed` whether its Authorization header is a signature
    /// that was used up here.
    pub fn read(request: DataPlaneRequest, stage: &str, rest: &str, trace: &str, signed: bool) -> Self {
        let DataPlaneRequest { parts, body, client, port, .. } = request;
        let source_ip = client.to_string();
        Self {
            protocol: protocol(parts.version),
            // Asserted on AWS (test_lambda_aws_proxy_integration): slashes before the path go from the one, not from the other.
            path: format!("/{}", rest.trim_start_matches('/')),
            full_path: format!("/{stage}{rest}"),
            headers: headers(&parts, &source_ip, port, trace, signed),
            query: query(parts.uri.query().unwrap_or_default()),
            path_parameters: Vec::new(),
            method: parts.method,
            body: body.unwrap_or_default(),
            source_ip,
        }
    }

    /// The last value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The last value of a query parameter.
    pub fn query_parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A path parameter, decoded.
    pub fn path_parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.path_parameters.iter().find(|(own, _)| own == name).map(|(_, value)| decode(value))
    }

    /// The path parameters as mappings and backends get them: decoded once. AWS: "Amazon API Gateway important notes".
    pub fn decoded_path_parameters(&self) -> Vec<(String, String)> {
        self.path_parameters.iter().map(|(name, value)| (name.clone(), decode(value).into_owned())).collect()
    }

    /// The path after the stage, decoded, as policies name it.
    pub fn decoded_path(&self) -> Cow<'_, str> {
        decode(&self.path)
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The media type of the body without its parameters, in small letters; empty when there is none.
    pub fn media_type(&self) -> String {
        media_type(self.header("content-type").unwrap_or_default())
    }
}

/// The access key of a signed request, from its Authorization header or its query string.
pub fn access_key(authorization: Option<&str>, query: Option<&str>) -> Option<String> {
    let after = |text: &str, name: &str| text.split_once(name).map(|(_, rest)| rest.to_owned());
    let in_header = authorization.and_then(|text| after(text, "Credential="));
    let credential = in_header.or_else(|| query.and_then(|text| after(text, "X-Amz-Credential=")))?;
    Some(credential.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// A Content-Type without its parameters, in small letters.
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `HTTP/1.1`
pub fn protocol(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

/// A part of a URI, decoded once.
pub fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn headers(
    parts: &http::request::Parts,
    source_ip: &str,
    port: u16,
    trace: &str,
    signed: bool,
) -> Vec<(String, String)> {
    const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"];
    let sent = &parts.headers;
    let mut headers = Vec::with_capacity(sent.len() + FORWARDED.len());
    let written = parts.extensions.get::<HeaderNames>();
    for name in sent.keys() {
        let known = name.as_str();
        if DROPPED.contains(&known) || FORWARDED.contains(&known) || (signed && known == "authorization") {
            continue;
        }
        for (nth, value) in sent.get_all(name).iter().enumerate() {
            let name = match written.and_then(|written| written.as_written(name, nth)) {
                // The host is what the gateway was called by, not what a client says.
                Some(written) if *name != HOST => written.to_owned(),
                _ => customary_name(known),
            };
            headers.push((name, latin1(value.as_bytes())));
        }
    }
    // HTTP/2 names the host in the URI alone.
    if let (false, Some(authority)) = (sent.contains_key(HOST), parts.uri.authority()) {
        headers.push(("Host".into(), authority.to_string()));
    }
    let forwarded_for = sent.get("x-forwarded-for").map(|value| latin1(value.as_bytes()) + ", ").unwrap_or_default();
    headers.push(("X-Amzn-Trace-Id".into(), trace.to_owned()));
    headers.push(("X-Forwarded-For".into(), forwarded_for + source_ip));
    headers.push(("X-Forwarded-Port".into(), port.to_string()));
    headers.push(("X-Forwarded-Proto".into(), "http".into()));
    headers
}

/// Header values are Latin-1, as servers have always read them.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A header's name in the capitals that are customary in HTTP/1.1, where it is not known how the client wrote it: AWS passes
/// names as they came (recorded: test_lambda_aws_proxy_integration), but the HTTP library knows them in small letters alone.
pub fn customary_name(name: &str) -> String {
    match name {
        "dnt" => "DNT".into(),
        "etag" => "ETag".into(),
        "content-md5" => "Content-MD5".into(),
        "www-authenticate" => "WWW-Authenticate".into(),
        name => {
            let mut start = true;
            name.chars()
                .map(|character| {
                    let shown = if start { character.to_ascii_uppercase() } else { character };
                    start = character == '-';
                    shown
                })
                .collect()
        }
    }
}

/// Whether a header's name is one that a response or a backend request may carry.
pub fn header_name(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).ok()
}

/// A query string's parameters, decoded once: `+` is a space, `;` separates as `&` does.
fn query(text: &str) -> Vec<(String, String)> {
    text.split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| decode(&text.replace('+', " ")).into_owned();
            (decode(name), decode(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_the_stage_in_its_place() {
        for (form, path, expected) in [
            (Form::Host, "/dev/users/1", Some(("dev", "/users/1"))),
            (Form::Host, "/dev", Some(("dev", ""))),
            (Form::Host, "/dev/", Some(("dev", "/"))),
            (Form::Host, "/", None),
            (Form::Port, "/dev//a", Some(("dev", "//a"))),
            (Form::ExecuteApi, "/_aws/execute-api/abc/dev/users", Some(("dev", "/users"))),
            (Form::ExecuteApi, "/_aws/execute-api/abc/dev", Some(("dev", ""))),
            (Form::ExecuteApi, "/_aws/execute-api/abc", None),
            (Form::UserRequest, "/restapis/abc/dev/_user_request_/users", Some(("dev", "/users"))),
            (Form::UserRequest, "/restapis/abc/dev/_user_request_", Some(("dev", ""))),
            (Form::UserRequest, "/restapis/abc/dev/_user_requests", None),
            (Form::UserRequest, "/restapis/abc/dev", None),
        ] {
            let found = split(form, path).map(|split| (split.stage, split.rest));
            assert_eq!(found, expected, "{form:?} {path}");
        }
    }

    #[test]
    fn what_follows_the_api_may_be_nothing() {
        for (form, path, expected) in [
            (Form::Host, "/dev/a", Some("/dev/a")),
            (Form::Port, "/", Some("/")),
            (Form::ExecuteApi, "/_aws/execute-api/abc/dev/a", Some("/dev/a")),
            (Form::ExecuteApi, "/_aws/execute-api/abc", Some("")),
            (Form::UserRequest, "/restapis/abc/dev/_user_request_/a", None),
        ] {
            assert_eq!(after_api(form, path), expected, "{form:?} {path}");
        }
    }

    #[test]
    fn a_query_is_decoded_once_and_keeps_its_order() {
        let pairs = |text| query(text).into_iter().map(|(a, b)| format!("{a}={b}")).collect::<Vec<_>>().join("|");
        for (text, expected) in [
            ("", ""),
            ("a=1&b=2&a=3", "a=1|b=2|a=3"),
            ("q=one+two%20three%2Bfour", "q=one two three+four"),
            ("flag&x=", "flag=|x="),
            ("a=1;b=2", "a=1|b=2"),
            ("f%5B%5D=%252F", "f[]=%2F"),
        ] {
            assert_eq!(pairs(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_written_as_clients_write_them() {
        for (name, expected) in
            [("content-type", "Content-Type"), ("x-api-key", "X-Api-Key"), ("host", "Host"), ("dnt", "DNT")]
        {
            assert_eq!(customary_name(name), expected);
        }
    }
}
