//! The plane of the cloud's own endpoints under `/_slam/`, for the command line on the same machine. All but health need the
//! installation's token. Services have further ones there, in planes of their own.

use crate::data::DataFolder;
use crate::deliveries::Deliveries;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::{Map, json};
use slam_cloud_core::plane::{self, Arrival, Claim, Plane};
use slam_cloud_core::{Body, Cloud};
use std::sync::Arc;

/// What they need.
pub(crate) struct Admin {
    cloud: Cloud,
    version: String,
    /// Which process of which installation answers: other commands compare it with what they know of theirs.
    instance: String,
    home: String,
    deliveries: Arc<Deliveries>,
}

impl Admin {
    pub(crate) fn new(cloud: Cloud, version: String, folder: &DataFolder, deliveries: Arc<Deliveries>) -> Self {
        let (instance, home) = (folder.instance().to_owned(), folder.path().display().to_string());
        Self { cloud, version, instance, home, deliveries }
    }

    async fn respond(&self, head: &Parts) -> Response<Body> {
        if (&head.method, head.uri.path()) == (&Method::GET, "/_slam/health") {
            return self.health();
        }
        if let Err(refusal) = plane::admit(self.cloud.settings(), head) {
            return *refusal;
        }
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/_slam/apis") => {
                let ports = self.cloud.ports().all().into_iter();
                let apis: Map<_, _> = ports.map(|(owner, port)| (owner, json!({ "port": port }))).collect();
                plane::json(StatusCode::OK, &apis.into())
            }
            (&Method::GET, "/_slam/deliveries") => {
                plane::json(StatusCode::OK, &self.deliveries.after(head.uri.query().unwrap_or_default()).await)
            }
            (&Method::POST, "/_slam/reset") => self.reset().await,
            (_, "/_slam/health" | "/_slam/apis" | "/_slam/deliveries" | "/_slam/reset") => plane::refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "GET /_slam/health, GET /_slam/apis, GET /_slam/deliveries, POST /_slam/reset",
            ),
            _ => plane::refusal(
                StatusCode::NOT_FOUND,
                "there are /_slam/health, /_slam/apis, /_slam/deliveries, /_slam/runtimes/NAME and /_slam/reset",
            ),
        }
    }

    fn health(&self) -> Response<Body> {
        let (settings, services) = (self.cloud.settings(), self.cloud.services());
        let mut health = Map::new();
        health.insert("status".to_owned(), "running".into());
        health.insert("version".to_owned(), self.version.as_str().into());
        health.insert("instance".to_owned(), self.instance.as_str().into());
        health.insert("home".to_owned(), self.home.as_str().into());
        health.insert("pid".to_owned(), std::process::id().into());
        health.insert("services".to_owned(), services.iter().map(|service| service.name()).collect());
        health.extend(services.iter().flat_map(|service| service.health()));
        health.insert("account".to_owned(), settings.account.as_str().into());
        health.insert("region".to_owned(), settings.region.as_str().into());
        health.insert("open".to_owned(), settings.open.into());
        health.insert("time_scale".to_owned(), settings.clock.scale().into());
        plane::json(StatusCode::OK, &health.into())
    }

    /// Resets every service, the last registered first: those who use others before those who are used.
    async fn reset(&self) -> Response<Body> {
        let mut failed = Map::new();
        for service in self.cloud.services().iter().rev() {
            if let Err(error) = service.reset().await {
                failed.insert(service.name().to_owned(), error.to_string().into());
            }
        }
        if failed.is_empty() {
            return plane::json(StatusCode::OK, &json!({ "status": "reset" }));
        }
        let message = json!({ "message": "not everything was reset", "failed": failed });
        plane::json(StatusCode::INTERNAL_SERVER_ERROR, &message)
    }
}

impl Plane for Admin {
    fn claim(&self, arrival: &Arrival) -> Claim {
        if arrival.head.uri.path().starts_with(plane::OWN) { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.respond(&arrival.head).await })
    }
}
