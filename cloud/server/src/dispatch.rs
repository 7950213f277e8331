//! Where a request goes.

use crate::gate::{Gate, Refusal};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use slam_cloud_core::Body;
use slam_cloud_core::plane::{self, Arrival, Claim, Plane, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_wire::sigv4::Presented;
use std::net::IpAddr;
use std::sync::Arc;

/// The planes, in the order in which they are asked, behind the gate.
pub(crate) struct Dispatch {
    gate: Gate,
    planes: Vec<Arc<dyn Plane>>,
}

impl Dispatch {
    pub(crate) fn new(gate: Gate, planes: Vec<Arc<dyn Plane>>) -> Self {
        Self { gate, planes }
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
        match self.claimant(&arrival) {
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

    /// Whose a request is: the first plane's that claims it, or else that of the one which takes the rest.
    fn claimant(&self, arrival: &Arrival) -> Option<Arc<dyn Plane>> {
        let mut rest = None;
        for plane in &self.planes {
            match plane.claim(arrival) {
                Claim::Mine => return Some(Arc::clone(plane)),
                Claim::Rest => rest = rest.or(Some(plane)),
                Claim::No => {}
            }
        }
        rest.cloned()
    }
}
