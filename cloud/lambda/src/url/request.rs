//! A request for a function URL.

use bytes::Bytes;
use http::request::Parts;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::latin1;
use std::net::IpAddr;

/// Headers that end at the connection, and those that Lambda writes itself.
const DROPPED: [&str; 12] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// A request whose body was read.
pub struct Request {
    /// Method, URI, version and headers as the client sent them.
    pub head: Parts,
    /// The whole body.
    pub body: Bytes,
    /// The client's address.
    pub peer: IpAddr,
    /// The port that it connected to.
    pub port: u16,
}

impl Request {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The headers as events have them, names in small letters (recorded: `test_lambda_url_echo_http_fixture_default`). They may
    /// repeat.
    pub fn headers(&self, arrival: &Arrival) -> Vec<(String, String)> {
        let sent = self.head.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str()));
        let mut headers: Vec<_> =
            sent.map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes()))).collect();
        // A body that came in chunks has one, too.
        if !self.body.is_empty() && self.header("content-length").is_none() {
            headers.push(("content-length".to_owned(), self.body.len().to_string()));
        }
        let before = self.header("x-forwarded-for").map(|before| format!("{before}, ")).unwrap_or_default();
        headers.extend([
            ("x-amzn-trace-id".to_owned(), arrival.trace.clone()),
            ("x-forwarded-for".to_owned(), format!("{before}{}", self.peer)),
            ("x-forwarded-port".to_owned(), self.port.to_string()),
            ("x-forwarded-proto".to_owned(), "http".to_owned()),
        ]);
        headers
    }
}
