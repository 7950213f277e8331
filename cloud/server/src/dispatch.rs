//! Where a request goes.

use crate::gate::{Gate, Refusal};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use slam_cloud_core::plane::{self, Arrival, Plane, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_core::{Body, Cloud};
use slam_cloud_wire::sigv4::Presented;
use std::net::IpAddr;
use std::sync::Arc;

/// The planes behind the gate.
pub(crate) struct Dispatch {
    gate: Gate,
    cloud: Cloud,
}

impl Dispatch {
    pub(crate) fn new(gate: Gate, cloud: Cloud) -> Self {
        Self { gate, cloud }
    }

    /// Answers a request on the cloud's own port.
    pub(crate) async fn answer(&self, request: Request<Incoming>, (peer, port): (IpAddr, u16)) -> Response<Body> {
        let arrival = match self.arrival(request, (peer, port), None) {
            Ok(arrival) => arrival,
            Err((status, reason)) => return plane::refusal(status, reason),
        };
        let own = arrival.head.uri.path().starts_with(plane::OWN);
        if own && (arrival.sender == Sender::ForeignPage || arrival.head.headers.contains_key("origin")) {
            return plane::refusal(StatusCode::FORBIDDEN, "pages may not call the cloud's own endpoints");
        }
        match self.cloud.plane_of(&arrival) {
            Some(plane) => plane.answer(arrival).await,
            None => plane::refusal(StatusCode::NOT_FOUND, "no service takes such a request"),
        }
    }

    /// Answers a request on a port that a plane has opened for itself.
    pub(crate) async fn answer_at(
        &self,
        plane: Arc<dyn Plane>,
        owner: Arc<str>,
        request: Request<Incoming>,
        from: (IpAddr, u16),
    ) -> Response<Body> {
        match self.arrival(request, from, Some(owner)) {
            Ok(arrival) => plane.answer(arrival).await,
            Err((status, reason)) => plane::refusal(status, reason),
        }
    }

    fn arrival(
        &self,
        request: Request<Incoming>,
        (peer, port): (IpAddr, u16),
        owner: Option<Arc<str>>,
    ) -> Result<Arrival, Refusal> {
        let (head, body) = request.into_parts();
        let sender = self.gate.check(&head)?;
        let signed_for = Presented::of(&head).ok().flatten().map(|presented| presented.service);
        Ok(Arrival { head, body: RequestBody::new(body), peer, port, owner, sender, signed_for })
    }
}
