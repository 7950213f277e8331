//! The page at `/`, for whoever opens the cloud's port in a browser: what this is, and what is deployed.
//!
//! S3's ListBuckets has the same place. A browser is told apart by what it accepts and by having no signature; every
//! other request there gets AWS's answer as ever.

use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Response, header};
use slam_cloud_core::plane::{Arrival, Claim, Plane, Sender};
use slam_cloud_core::service::Deployed;
use slam_cloud_core::{Body, Cloud, Settings};
use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

/// More stages are only counted.
const MOST_STAGES: usize = 200;

/// Nothing is loaded from anywhere, nothing is sent anywhere, and no other page may show this one in a frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;\
                     color:#1c1e21;background:#fff}h1{margin:0;font-size:1.6rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
                     code,pre{font:14px/1.6 ui-monospace,monospace;background:#f2f3f5;border-radius:4px}\
                     code{padding:.1em .3em}pre{padding:.7rem 1rem;overflow-x:auto}\
                     td{padding:.15rem 1.2rem .15rem 0;vertical-align:top}small{color:#65676b}a{color:#0b57d0}\
                     @media(prefers-color-scheme:dark){body{color:#e4e6eb;background:#18191a}\
                     code,pre{background:#2a2b2d}small{color:#a8abaf}a{color:#8ab4f8}}";

/// The plane of the page.
pub(crate) struct Page {
    cloud: Cloud,
    version: String,
}

/// What the page tells.
struct Told<'a> {
    version: &'a str,
    settings: &'a Settings,
    services: Vec<&'static str>,
    deployed: Vec<Deployed>,
}

impl Page {
    pub(crate) fn new(cloud: Cloud, version: String) -> Self {
        Self { cloud, version }
    }
}

impl Plane for Page {
    fn claim(&self, arrival: &Arrival) -> Claim {
        if is_asked_for(arrival) { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, _: Arrival) -> BoxFuture<'static, Response<Body>> {
        let services = self.cloud.services();
        let mut deployed: Vec<_> = services.iter().flat_map(|service| service.deployed()).collect();
        deployed.sort();
        let response = answer(&Told {
            version: &self.version,
            settings: self.cloud.settings(),
            services: services.iter().map(|service| service.name()).collect(),
            deployed,
        });
        Box::pin(async { response })
    }
}

/// Whether the page is asked for, and not a bucket list.
fn is_asked_for(arrival: &Arrival) -> bool {
    let head = &arrival.head;
    let text = |name: header::HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
    let accepts = text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    // At a host of its own `/` is a bucket's.
    let plain = arrival.host().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse::<IpAddr>().is_ok()
    });
    let unsigned = !head.headers.contains_key(header::AUTHORIZATION) && head.uri.query().is_none();
    head.method == Method::GET
        && head.uri.path() == "/"
        && accepts
        && plain
        && unsigned
        && arrival.sender == Sender::Direct
}

/// The page.
fn answer(told: &Told<'_>) -> Response<Body> {
    let mut response = Response::new(Body::from(html(told)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

fn html(told: &Told<'_>) -> String {
    let Told { version, settings, services, deployed } = told;
    let port = settings.port;
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>slam</title><style>{STYLE}</style>\
         <h1>This is slam's embedded cloud</h1>\
         <p>A serverless cloud on this machine that speaks the AWS protocols, version {}. \
         Account <code>{}</code>, region <code>{}</code>.",
        Escaped(version),
        Escaped(&settings.account),
        Escaped(&settings.region),
    );
    page.push_str("<h2>Deployed APIs</h2>");
    if deployed.is_empty() {
        page.push_str("<p>None yet: <code>slam deploy</code> in a project brings one.");
    } else {
        page.push_str("<table>");
    }
    for stage in deployed.iter().take(MOST_STAGES) {
        let (name, label, region) = (Escaped(&stage.name), Escaped(&stage.stage), Escaped(&stage.region));
        let url = Escaped(&stage.url);
        let region = if stage.region == settings.region { String::new() } else { format!(" <small>{region}</small>") };
        let _ = write!(page, "<tr><td>{name}<td>{label}{region}<td><a href=\"{url}\">{url}</a>");
    }
    if !deployed.is_empty() {
        page.push_str("</table>");
    }
    if let Some(more) = deployed.len().checked_sub(MOST_STAGES).filter(|more| *more > 0) {
        let _ = write!(page, "<p>And {more} more.");
    }
    let _ = write!(
        page,
        "<h2>Point your tools at it</h2><pre>eval \"$(slam env)\"      # the endpoint, a key and a region, for every AWS tool\n\
         aws s3 ls\nslam status             # in a project</pre>\
         <p>The endpoint is <code>http://127.0.0.1:{port}</code>. Requests are signed, and permissions are enforced, as on \
         AWS.\
         <h2>Services</h2><p>{}\
         <p>An operation that is not supported is refused by its name. <code>docs/embedded-cloud.md</code> lists them all, \
         and what differs from AWS; <code>slam cloud --help</code> tells how to stop this cloud or empty it.</html>",
        Escaped(&services.join(", ")),
    );
    page
}

/// Text in HTML, in an attribute's quotation marks too.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use slam_cloud_core::request_body::RequestBody;
    use slam_cloud_core::{RootKey, Token};

    #[test]
    fn only_browsers_get_the_page() {
        let check = |uri: &str, headers: &[(&str, &str)], expected: bool| {
            let mut request = Request::get(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            let mut arrival = Arrival {
                head,
                body: RequestBody::new(http_body_util::Empty::new()),
                peer: IpAddr::from([127, 0, 0, 1]),
                port: 4566,
                owner: None,
                sender: Sender::Direct,
                signed_for: None,
            };
            assert_eq!(is_asked_for(&arrival), expected, "{uri} {headers:?}");
            arrival.sender = Sender::ForeignPage;
            assert!(!is_asked_for(&arrival));
        };
        let html = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        check("/", &[("host", "localhost:4566"), html], true);
        check("/", &[("host", "127.0.0.1"), html], true);
        check("/", &[("host", "[::1]:4566"), html], true);
        check("/", &[("host", "localhost:4566")], false);
        check("/", &[("host", "localhost:4566"), ("accept", "*/*")], false);
        check("/", &[("host", "photos.s3.localhost:4566"), html], false);
        check("/", &[("host", "localhost:4566"), html, ("authorization", "AWS4-HMAC-SHA256 …")], false);
        check("/?X-Amz-Signature=a", &[("host", "localhost:4566"), html], false);
        check("/photos", &[("host", "localhost:4566"), html], false);
    }

    #[test]
    fn what_others_named_is_text() {
        let settings = Settings {
            data: std::path::PathBuf::new(),
            port: 4566,
            account: "000000000000".into(),
            region: "us-east-1".into(),
            open: false,
            root: RootKey { access_key_id: "AKIAROOT".into(), secret_access_key: "secret".into() },
            allowed_hosts: Arc::default(),
            token: Token::new("token"),
            clock: Default::default(),
        };
        let stage = Deployed {
            id: "abc".into(),
            name: "<script>alert('1')</script>".into(),
            stage: "dev".into(),
            region: "eu-west-1".into(),
            url: "http://localhost:4600/dev/".into(),
        };
        let page = html(&Told { version: "1", settings: &settings, services: vec!["s3"], deployed: vec![stage] });
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
        assert!(page.contains("<a href=\"http://localhost:4600/dev/\">"), "{page}");
    }
}
