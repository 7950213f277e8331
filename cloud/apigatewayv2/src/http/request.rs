//! A request as an HTTP API sees it.

use super::failure::Failure;
use bytes::Bytes;
use http::header::HOST;
use slam_cloud_gateway::payload_two::{body, query};
use slam_cloud_gateway::request::{DataPlaneRequest, decode, latin1, protocol};
use std::borrow::Cow;

/// "Total combined size of request line and header values": 10,240 bytes.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const HEAD: usize = 10_240;

/// Headers that end at the connection.
const DROPPED: [&str; 8] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"];
/// Headers that the API writes itself.
const OWN: [&str; 5] =
    ["content-length", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// A request in the terms of events and mappings.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`
    pub method: http::Method,
    /// `HTTP/1.1`
    pub protocol: &'static str,
    /// The path after the stage as it was sent, with a slash in front.
    pub path: String,
    /// What stands before it in the client's path: `/dev`, or nothing.
    pub prefix: String,
    /// Names in small letters, in order; they may repeat.
    pub headers: Vec<(String, String)>,
    /// The query string as it was sent.
    pub query_text: String,
    /// The same, decoded, in order; names may repeat.
    pub query: Vec<(String, String)>,
    /// Decoded, of the matched route.
    pub path_parameters: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The client's address.
    pub source_ip: String,
    /// How large the request line and the headers were.
    head: usize,
}

impl Request {
    /// Reads a request. `stage` and `rest` are what its path has.
    pub fn read(request: DataPlaneRequest, stage: &str, rest: &str, trace: &str) -> Self {
        let DataPlaneRequest { parts, body, client, port, .. } = request;
        let source_ip = client.to_string();
        let body = body.unwrap_or_default();
        let sent = &parts.headers;
        let kept = sent.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str()) && !OWN.contains(&name.as_str()));
        let mut headers: Vec<(String, String)> =
            kept.map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes()))).collect();
        // HTTP/2 names the host in the URI alone.
        if let (false, Some(authority)) = (sent.contains_key(HOST), parts.uri.authority()) {
            headers.push(("host".into(), authority.to_string()));
        }
        let forwarded = sent.get("x-forwarded-for").map(|value| latin1(value.as_bytes()) + ", ").unwrap_or_default();
        headers.extend([
            ("content-length".to_owned(), body.len().to_string()),
            ("x-amzn-trace-id".to_owned(), trace.to_owned()),
            ("x-forwarded-for".to_owned(), forwarded + &source_ip),
            ("x-forwarded-port".to_owned(), port.to_string()),
            ("x-forwarded-proto".to_owned(), "http".to_owned()),
        ]);
        let query_text = parts.uri.query().unwrap_or_default().to_owned();
        let sizes = sent.iter().map(|(name, value)| name.as_str().len() + value.len());
        Self {
            protocol: protocol(parts.version),
            path: if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") },
            prefix: if stage == crate::model::Stage::DEFAULT { String::new() } else { format!("/{stage}") },
            headers,
            query: query(&query_text),
            query_text,
            path_parameters: Vec::new(),
            head: sizes.sum::<usize>() + parts.uri.to_string().len(),
            method: parts.method,
            body,
            source_ip,
        }
    }

    /// Why a request is not looked at any further.
    pub fn refusal(&self, is_too_large: bool) -> Option<Failure> {
        match self.head > HEAD {
            true => Some(Failure::HeadersTooLarge),
            false => is_too_large.then_some(Failure::TooLarge),
        }
    }

    /// All values of a header, with commas between them.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        joined(&self.headers, |own| own.eq_ignore_ascii_case(name))
    }

    /// All values of a query parameter, with commas between them.
    pub fn query_parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        joined(&self.query, |own| own == name)
    }

    /// A path parameter.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The path as events have it: decoded, and cut at a question mark that was encoded, as captured on AWS.
    /// <https://github.com/middleapi/standard-server/pull/93>
    pub fn decoded_path(&self) -> String {
        let path = decode(&self.path);
        path.split('?').next().unwrap_or_default().to_owned()
    }

    /// The same with the stage in front, where it is in the client's path.
    pub fn full_path(&self) -> String {
        format!("{}{}", self.prefix, self.decoded_path())
    }

    /// The body as events have it: whether it is base 64, and the text.
    pub fn event_body(&self) -> (bool, Cow<'_, str>) {
        let content_type = self.header("content-type").unwrap_or_default();
        body(&self.body, &content_type, self.header("content-encoding").is_some())
    }
}

fn joined(pairs: &[(String, String)], is_it: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    let mut values = pairs.iter().filter(|(name, _)| is_it(name)).map(|(_, value)| value.as_str());
    let first = values.next()?;
    let rest: Vec<&str> = values.collect();
    Some(if rest.is_empty() { first.into() } else { format!("{first},{}", rest.join(",")).into() })
}
