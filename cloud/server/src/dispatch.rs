//! Where a request goes.

use crate::auth::Authenticator;
use crate::body::{self, Body};
use crate::compose::Composition;
use crate::gate::{Gate, Sender};
use crate::listeners::Ports;
use crate::{admin, operation, page, plane};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use slam_cloud_apigateway::Form;
use slam_cloud_core::{AwsError, Cloud};
use slam_cloud_wire::route::{Router, Target};
use slam_cloud_wire::sigv4::Presented;
use slam_cloud_wire::{protocol, sigv2, sts};
use std::net::IpAddr;
use std::sync::Arc;

/// Everything a request may need.
pub(crate) struct Dispatch {
    pub gate: Gate,
    pub cloud: Cloud,
    pub router: Router,
    pub authenticator: Authenticator,
    pub services: Composition,
    pub ports: Arc<Ports>,
    pub version: String,
}

impl Dispatch {
    /// Answers a request on the cloud's own port.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let (head, body) = request.into_parts();
        let sender = match self.gate.check(&head) {
            Ok(sender) => sender,
            Err((status, reason)) => return body::refusal(status, reason),
        };
        if head.uri.path().starts_with(admin::PREFIX) {
            return admin::answer(&self.cloud, &self.services.lambda, &self.ports, &self.version, &head, sender).await;
        }
        if let Some(api) = plane::api_of(&head) {
            return self.api(api, head, body, (peer, self.cloud.settings().port)).await;
        }
        if page::is_asked_for(&head, sender) {
            return page::answer(&page::Told {
                version: &self.version,
                settings: self.cloud.settings(),
                services: self.cloud.services().iter().map(|service| service.name()).collect(),
                stages: self.services.apigateway.stages(),
            });
        }
        let presented = Presented::of(&head);
        let scope = presented.as_ref().ok().and_then(|presented| Some(presented.as_ref()?.service.clone()));
        let target = if sigv2::Presented::of(&head).is_some() {
            Target::S3
        } else {
            self.router.target(&head, scope.as_deref())
        };
        match target {
            Target::S3 => self.s3(presented, sender, head, body, peer).await,
            _ if sender == Sender::ForeignPage => {
                body::refusal(StatusCode::FORBIDDEN, "pages from elsewhere may not call the control plane")
            }
            Target::Service(service) => {
                let request = (head, body, peer);
                operation::answer(&self.cloud, &self.router, &self.authenticator, service, presented, request).await
            }
            Target::Foreign(name) => foreign(name, &head),
        }
    }

    /// Answers a request on an API's own port, where every path is the API's.
    pub(crate) async fn answer_api(
        &self,
        api_id: String,
        port: u16,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Response<Body> {
        let (head, body) = request.into_parts();
        match self.gate.check(&head) {
            Ok(_) => self.api((api_id, Form::Port), head, body, (peer, port)).await,
            Err((status, reason)) => body::refusal(status, reason),
        }
    }
}

/// A service that this cloud does not have, refused in the protocol that its request speaks.
fn foreign(name: &str, head: &Parts) -> Response<Body> {
    let error = AwsError::unsupported(format_args!("the service {name}"));
    let json = head.headers.contains_key("x-amz-target");
    let like = if json { &slam_cloud_wire::logs::SERVICE } else { &sts::SERVICE };
    body::whole(protocol::encode_error(like, &error, &slam_cloud_core::id::request_id()))
}
