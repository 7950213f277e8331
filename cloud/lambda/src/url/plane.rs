//! Which requests are for a function URL, and for which.

use super::exchange;
use super::failure::Failure;
use super::request::Request;
use crate::LambdaService;
use crate::model::limits::REQUEST;
use futures_util::future::BoxFuture;
use http::header::CONNECTION;
use http::{HeaderValue, Response, StatusCode};
use slam_cloud_core::Body;
use slam_cloud_core::plane::{self, Arrival, Claim, Plane};
use slam_cloud_core::request_body::Unread;
use slam_cloud_gateway::arrival::Arrival as Names;
use std::sync::Arc;

/// The plane of all function URLs.
pub struct UrlPlane {
    service: Arc<LambdaService>,
}

impl UrlPlane {
    /// That of a service.
    pub fn new(service: Arc<LambdaService>) -> Self {
        Self { service }
    }

    async fn respond(&self, arrival: Arrival) -> Response<Body> {
        let id = id_of(&arrival).unwrap_or_default();
        let Arrival { head, body, peer, port, .. } = arrival;
        let names = Names::new(head.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok()));
        let body = match body.read(REQUEST as u64).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return closing(Failure::too_large().response(&names)),
            Err(Unread::Crowded) => return plane::refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Err(Unread::TimedOut | Unread::Broken) => {
                return closing(plane::refusal(StatusCode::REQUEST_TIMEOUT, "Request Timeout"));
            }
        };
        exchange::answer(&self.service, &id, Request { head, body, peer, port }, &names).await
    }
}

impl Plane for UrlPlane {
    fn claim(&self, arrival: &Arrival) -> Claim {
        if id_of(arrival).is_some() { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.respond(arrival).await })
    }
}

/// The id of the URL: that for which the port was opened, or else that in the host, `ID.lambda-url.REGION.on.aws` on AWS.
fn id_of(arrival: &Arrival) -> Option<String> {
    let by_host = || {
        let (id, rest) = arrival.host()?.split_once('.')?;
        rest.starts_with("lambda-url.").then(|| id.to_ascii_lowercase())
    };
    arrival.owner.as_ref().map(|owner| owner.to_string()).or_else(by_host)
}

/// What is left of the body must not be taken for the next request.
fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::plane::Sender;
    use slam_cloud_core::request_body::RequestBody;
    use std::net::IpAddr;

    #[test]
    fn urls_are_named_by_port_or_host() {
        let check = |owner: Option<&str>, host: &str, expected: Option<&str>| {
            let (head, ()) = http::Request::get("/a").header("host", host).body(()).unwrap().into_parts();
            let arrival = Arrival {
                head,
                body: RequestBody::new(http_body_util::Empty::new()),
                peer: IpAddr::from([127, 0, 0, 1]),
                port: 4566,
                owner: owner.map(Into::into),
                sender: Sender::Direct,
                signed_for: None,
            };
            assert_eq!(id_of(&arrival).as_deref(), expected, "{host}");
        };
        check(Some("abc"), "localhost:4600", Some("abc"));
        check(None, "abc.lambda-url.us-east-1.on.aws", Some("abc"));
        check(None, "ABC.lambda-url.us-east-1.localhost:4566", Some("abc"));
        check(None, "lambda-url.us-east-1.on.aws", None);
        check(None, "lambda.us-east-1.amazonaws.com", None);
        check(None, "127.0.0.1:4566", None);
    }
}
