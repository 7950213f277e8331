//! Requests to deployed APIs: handed to the API Gateway crate whole.

use crate::body::{self, Body, BodyError};
use crate::dispatch::Dispatch;
use http::request::Parts;
use http::{Response, StatusCode};
use hyper::body::Incoming;
use slam_cloud_apigateway::{BODY, DataPlaneRequest, Form};
use slam_cloud_core::Context;
use slam_cloud_wire::sigv4::{Presented, hex_sha256};
use std::net::IpAddr;

impl Dispatch {
    /// Answers a request to an API. Its methods say whether a signature is needed; one that is not right counts as
    /// none.
    pub(crate) async fn api(
        &self,
        (api_id, form): (String, Form),
        head: Parts,
        body: Incoming,
        (client, port): (IpAddr, u16),
    ) -> Response<Body> {
        let body = match body::read(body, BODY as u64).await {
            Ok(body) => body,
            // What says that it is too much may be configured, so API Gateway says it; it need not see all of it.
            Err(BodyError::TooLarge) => vec![0; BODY + 1].into(),
            Err(BodyError::TimedOut | BodyError::Broken) => {
                return body::refusal(StatusCode::REQUEST_TIMEOUT, "Request Timeout");
            }
        };
        let caller = self.api_caller(&head, &body, client);
        let request = DataPlaneRequest { api_id, form, parts: head, body, client, port, caller };
        body::of(self.services.apigateway.handle(request).await)
    }

    fn api_caller(&self, head: &Parts, body: &[u8], client: IpAddr) -> Option<Context> {
        let presented = Presented::of(head).ok().flatten().filter(|presented| presented.service == "execute-api")?;
        let caller = self.authenticator.verify(&presented, head, &hex_sha256(body)).ok()?;
        Some(self.authenticator.context(caller, &head.headers, client))
    }
}
