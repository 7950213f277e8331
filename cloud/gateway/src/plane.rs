//! Which requests are for a deployed API, for which, and who sent them.

use crate::BODY;
use crate::request::{DataPlaneRequest, Form};
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Response, StatusCode};
use slam_cloud_core::plane::{self, Arrival, Claim, Plane};
use slam_cloud_core::request_body::Unread;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{Body, Cloud, Context};
use slam_cloud_wire::auth;
use slam_cloud_wire::sigv4::{Failure, Presented, hex_sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The service that requests for deployed APIs are signed for.
const SIGNING_NAME: &str = "execute-api";

/// A service with deployed APIs.
pub trait Apis: Send + Sync + 'static {
    /// The cloud that it is in.
    fn cloud(&self) -> &Cloud;

    /// Whether a request that names this API is this service's to answer.
    fn answers_for(&self, api_id: &str) -> bool;

    /// Answers a request for a deployed API.
    fn handle(self: Arc<Self>, request: DataPlaneRequest) -> BoxFuture<'static, Response<Body>>;
}

/// The plane of a service's deployed APIs.
pub struct DataPlane<S> {
    service: Arc<S>,
}

impl<S: Apis> DataPlane<S> {
    /// The plane of this service.
    pub fn new(service: Arc<S>) -> Self {
        Self { service }
    }

    /// Whoever signed the request; `None` when nobody did. Methods say whether a signature is needed.
    fn caller(&self, head: &Parts, body: &[u8], peer: IpAddr) -> Result<Option<Context>, Failure> {
        let Some(presented) = Presented::of(head)? else { return Ok(None) };
        if presented.service != SIGNING_NAME {
            return Err(Failure::Scope(format!("Credential should be scoped to correct service: '{SIGNING_NAME}'.")));
        }
        let cloud = self.service.cloud();
        let caller = auth::verify(cloud, &presented, head, &hex_sha256(body))?;
        Ok(Some(caller.context(cloud, &head.headers, peer)))
    }

    async fn respond(&self, arrival: Arrival) -> Response<Body> {
        let Some((api_id, form)) = api_of(&arrival) else {
            return plane::refusal(StatusCode::NOT_FOUND, "the request names no API");
        };
        let Arrival { head: parts, body, peer: client, port, .. } = arrival;
        let body = match body.read(BODY as u64).await {
            Ok(body) => Some(body),
            // What says that it is too much may be configured.
            Err(Unread::TooLarge) => None,
            Err(Unread::Crowded) => {
                return plane::refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
            }
            Err(Unread::TimedOut | Unread::Broken) => {
                return plane::refusal(StatusCode::REQUEST_TIMEOUT, "Request Timeout");
            }
        };
        let (caller, refused) = match self.caller(&parts, body.as_deref().unwrap_or_default(), client) {
            Ok(caller) => (caller, None),
            Err(failure) => (None, Some(failure.into_error(Protocol::RestJson))),
        };
        let request = DataPlaneRequest { api_id, form, parts, body, client, port, caller, refused };
        Arc::clone(&self.service).handle(request).await
    }
}

impl<S: Apis> Plane for DataPlane<S> {
    fn claim(&self, arrival: &Arrival) -> Claim {
        match api_of(arrival) {
            Some((api_id, _)) if self.service.answers_for(&api_id) => Claim::Mine,
            _ => Claim::No,
        }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.respond(arrival).await })
    }
}

/// The API that a request is for, and how it is named: by the port that was opened for it, by AWS's host name
/// (`ID.execute-api.REGION.amazonaws.com/STAGE`), or by two paths that need no name resolution and are known from
/// LocalStack, `/_aws/execute-api/ID/STAGE` and `/restapis/ID/STAGE/_user_request_`.
fn api_of(arrival: &Arrival) -> Option<(String, Form)> {
    let by_port = arrival.owner.as_ref().map(|owner| (owner.to_string(), Form::Port));
    let by_host = || by_host(arrival.host()?).map(|id| (id, Form::Host));
    by_port.or_else(by_host).or_else(|| by_path(arrival.head.uri.path()))
}

fn by_host(host: &str) -> Option<String> {
    let (api_id, rest) = host.split_once('.')?;
    (rest == "execute-api" || rest.starts_with("execute-api.")).then(|| api_id.to_ascii_lowercase())
}

fn by_path(path: &str) -> Option<(String, Form)> {
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let api_id = rest.split('/').next().unwrap_or(rest);
        return Some((api_id.to_owned(), Form::ExecuteApi));
    }
    let mut segments = path.strip_prefix("/restapis/")?.splitn(4, '/');
    let (api_id, _stage, marker) = (segments.next()?, segments.next()?, segments.next()?);
    (marker == "_user_request_").then(|| (api_id.to_owned(), Form::UserRequest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use slam_cloud_core::plane::Sender;
    use slam_cloud_core::request_body::RequestBody;

    #[test]
    fn apis_are_named_in_four_ways() {
        let check = |owner: Option<&str>, host: &str, uri: &str, expected: Option<(&str, Form)>| {
            let (head, ()) = Request::get(uri).header("host", host).body(()).unwrap().into_parts();
            let arrival = Arrival {
                head,
                body: RequestBody::new(http_body_util::Empty::new()),
                peer: IpAddr::from([127, 0, 0, 1]),
                port: 4566,
                owner: owner.map(Into::into),
                sender: Sender::Direct,
                signed_for: None,
            };
            let found = api_of(&arrival);
            assert_eq!(found.as_ref().map(|(id, form)| (id.as_str(), *form)), expected, "{host} {uri}");
        };
        check(Some("abc"), "localhost:4600", "/prod/a", Some(("abc", Form::Port)));
        check(None, "abc.execute-api.us-east-1.amazonaws.com", "/prod/a?b=c", Some(("abc", Form::Host)));
        check(None, "abc.execute-api.localhost:4566", "/prod", Some(("abc", Form::Host)));
        check(None, "localhost:4566", "/_aws/execute-api/abc/prod/a%2Fb?x", Some(("abc", Form::ExecuteApi)));
        check(None, "localhost:4566", "/_aws/execute-api/abc", Some(("abc", Form::ExecuteApi)));
        check(None, "localhost:4566", "/restapis/abc/prod/_user_request_/a?b", Some(("abc", Form::UserRequest)));
        check(None, "localhost:4566", "/restapis/abc/prod/_user_request_", Some(("abc", Form::UserRequest)));
        check(None, "localhost:4566", "/restapis/abc/resources/r", None);
        check(None, "execute-api.us-east-1.amazonaws.com", "/", None);
        check(None, "127.0.0.1:4566", "/", None);
    }
}
