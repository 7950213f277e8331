//! Planes: who answers which requests.
//!
//! A request that comes in is some plane's: the operations of the tables, S3, a deployed API, the cloud's own
//! endpoints. Each plane tells from a request's head alone whether it is meant; the server knows planes, not services.

use crate::context::Context;
use crate::request_body::RequestBody;
use crate::settings::Settings;
use crate::stream::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use std::net::IpAddr;
use std::sync::Arc;

/// A request as it arrived.
pub struct Arrival {
    /// Method, URI, headers, and in the extensions what a connection needs to be upgraded (`hyper::upgrade::on`).
    pub head: Parts,
    /// What follows the head, not read yet.
    pub body: RequestBody,
    /// The client's address.
    pub peer: IpAddr,
    /// The port that it came to.
    pub port: u16,
    /// For whom that port was opened, if it is not the cloud's own.
    pub owner: Option<Arc<str>>,
    /// On whose behalf it was sent.
    pub sender: Sender,
    /// The service that its signature names, if it is signed. Nothing is verified yet.
    pub signed_for: Option<String>,
}

/// As whom a service of this cloud sends a request, in the process: in the extensions of an arrival's head, where nothing that
/// comes over a connection is. Nobody looks for a signature then; permissions are asked for as for anybody else.
#[derive(Clone, Debug)]
pub struct Acting(pub Context);

/// On whose behalf a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A program, or a page of this machine.
    Direct,
    /// A browser, on behalf of a page from elsewhere.
    ForeignPage,
}

impl Arrival {
    /// The name in the Host header, without the port.
    pub fn host(&self) -> Option<&str> {
        host_name(self.head.headers.get(header::HOST)?.to_str().ok()?)
    }
}

/// How a client wrote the names of its headers, where that is known: in the extensions of an arrival's head.
#[derive(Clone, Debug)]
pub struct HeaderNames(Bytes);

impl HeaderNames {
    /// The names in the head of an HTTP/1.1 request.
    pub fn of_head(head: Bytes) -> Self {
        Self(head)
    }

    /// How the client wrote a header's name, where it sent that header for the `nth` time (from 0).
    pub fn as_written(&self, name: &HeaderName, nth: usize) -> Option<&str> {
        let lines = self.0.split(|byte| *byte == b'\n').skip(1);
        let names = lines.filter_map(|line| line.get(..line.iter().position(|byte| *byte == b':')?));
        let mut same = names.filter(|written| written.eq_ignore_ascii_case(name.as_str().as_bytes()));
        same.nth(nth).and_then(|written| std::str::from_utf8(written).ok())
    }
}

/// The name in a Host header, without the port.
pub fn host_name(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            port.parse::<u16>().ok()?;
            name
        }
        _ => host,
    };
    (!name.is_empty() && !name.contains(['/', '@', '?', '#', ' ', ','])).then_some(name)
}

/// Whether a request is a plane's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is.
    Mine,
    /// It is, unless another plane claims it: S3 is what remains, as on AWS any path may be a bucket's.
    Rest,
    /// It is not.
    No,
}

/// Who answers some of the requests.
pub trait Plane: Send + Sync + 'static {
    /// Whether a request is for this plane, by its head alone.
    fn claim(&self, arrival: &Arrival) -> Claim;

    /// Answers a request that was claimed, or that came to a port which this plane opened.
    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>>;
}

/// The folder of the cloud's own endpoints. They need no signature, so the server lets no page call them; see also [`admit`].
pub const OWN: &str = "/_slam/";

/// An answer of the cloud itself, in JSON.
pub fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Lets a request to one of the cloud's own endpoints through, or says what it lacks. Those that tell more than that the
/// cloud runs, or change something, ask this: deployed functions and visitors of APIs can send requests to loopback, too.
///
/// # Errors
/// The refusal, for a request without the installation's token.
pub fn admit(settings: &Settings, head: &Parts) -> Result<(), Box<Response<Body>>> {
    if settings.token.is_with(&head.headers) {
        return Ok(());
    }
    let message = "this endpoint needs the installation's token, as `Authorization: Bearer TOKEN`; \
                   `slam env` prints it as SLAM_TOKEN";
    let mut response = refusal(StatusCode::UNAUTHORIZED, message);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Err(Box::new(response))
}

/// A refusal of the cloud itself.
pub fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    json(status, &serde_json::json!({ "message": message }))
}
