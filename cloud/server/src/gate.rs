//! Which requests may speak to the cloud at all, before anything is read of what they ask.
//!
//! The cloud listens on loopback, and so does every web page that its user opens: a page can make the browser send
//! requests here. Two things stop that. The Host header must be a name that only means this cloud, so that a page
//! cannot let its own name point here (DNS rebinding). And what a browser sends on behalf of a foreign page is told
//! apart by its Origin and Sec-Fetch-Site headers; only data planes, which have their own CORS, may answer it.

use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri, header};
use slam_cloud_core::plane::{Sender, host_name};
use std::net::{IpAddr, Ipv6Addr};

/// Why a request is refused: status and reason.
pub(crate) type Refusal = (StatusCode, &'static str);

/// The rules.
pub(crate) struct Gate {
    /// Whether other machines may be let in: then they name this one by its address.
    allow_remote: bool,
}

/// Names that resolve to this machine only, or that clients are told to resolve to it.
const SUFFIXES: [&str; 5] = ["localhost", "localhost.localstack.cloud", "amazonaws.com", "amazonaws.com.cn", "on.aws"];

impl Gate {
    pub(crate) fn new(allow_remote: bool) -> Self {
        Self { allow_remote }
    }

    /// Lets a request in, or says why not.
    pub(crate) fn check(&self, head: &Parts) -> Result<Sender, Refusal> {
        if head.uri.authority().is_some() {
            return Err((
                StatusCode::BAD_REQUEST,
                "this is not a proxy: the request must name a path, not a whole URL",
            ));
        }
        let mut hosts = head.headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err((StatusCode::BAD_REQUEST, "a request needs exactly one Host header"));
        };
        let host = host.to_str().ok().and_then(host_name);
        if !host.is_some_and(|host| self.allows(host)) {
            return Err((StatusCode::FORBIDDEN, "the Host header names another server than this embedded cloud"));
        }
        Ok(sender(&head.headers))
    }

    fn allows(&self, host: &str) -> bool {
        match ip(host) {
            Some(address) => address.is_loopback() || self.allow_remote,
            None => is_ours(host),
        }
    }
}

fn is_ours(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    SUFFIXES.iter().any(|suffix| {
        let rest = host.strip_suffix(suffix);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn ip(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

fn sender(headers: &HeaderMap) -> Sender {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let cross_site = headers.contains_key("sec-fetch-site") && text("sec-fetch-site") == Some("cross-site");
    let foreign_origin = headers.contains_key(header::ORIGIN) && !text("origin").is_some_and(is_local_origin);
    if cross_site || foreign_origin { Sender::ForeignPage } else { Sender::Direct }
}

/// Pages of this machine: `http://localhost:3000`. What is `null` may be anything.
fn is_local_origin(origin: &str) -> bool {
    let Some(host) = origin.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)) else { return false };
    let names = ["localhost", "localhost.localstack.cloud"];
    ip(&host).map_or_else(
        || names.iter().any(|name| host == *name || host.ends_with(&format!(".{name}"))),
        |address| address.is_loopback(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn check(headers: &[(&str, &str)], uri: &str, expected: Result<Sender, u16>) {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let found = Gate::new(false).check(&head).map_err(|(status, _)| status.as_u16());
        assert_eq!(found, expected, "{headers:?} {uri}");
    }

    #[test]
    fn the_host_is_one_of_ours() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:4566",
            "localhost:4566",
            "[::1]:4566",
            "abc.execute-api.localhost:4566",
            "lambda.us-east-1.amazonaws.com",
            "S3.localhost.localstack.cloud:4566",
            "dynamodb.cn-north-1.amazonaws.com.cn",
            "abc.lambda-url.us-east-1.on.aws",
        ] {
            check(&[("host", host)], "/", Ok(Sender::Direct));
        }
        for host in
            ["evil.com", "evil.com:4566", "localhost.evil.com", "evillocalhost", "192.168.1.1", "a@localhost", ""]
        {
            check(&[("host", host)], "/", Err(403));
        }
        check(&[], "/", Err(400));
        check(&[("host", "localhost"), ("host", "localhost")], "/", Err(400));
        check(&[("host", "localhost")], "http://evil.com/", Err(400));
    }

    #[test]
    fn foreign_pages_are_told_apart() {
        let with = |name, value, expected| check(&[("host", "localhost"), (name, value)], "/", Ok(expected));
        with("origin", "https://evil.com", Sender::ForeignPage);
        with("origin", "null", Sender::ForeignPage);
        with("origin", "http://localhost.evil.com", Sender::ForeignPage);
        with("origin", "http://localhost:3000", Sender::Direct);
        with("origin", "http://127.0.0.1:5173", Sender::Direct);
        with("sec-fetch-site", "cross-site", Sender::ForeignPage);
        with("sec-fetch-site", "same-origin", Sender::Direct);
        with("sec-fetch-site", "none", Sender::Direct);
    }
}
