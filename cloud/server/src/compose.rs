//! All services, hung on the one door.

use crate::StartError;
use crate::body::{self, Body};
use crate::dispatch::Dispatch;
use crate::gate::Sender;
use crate::listeners::Ports;
use http::request::Parts;
use http::{Response, StatusCode};
use hyper::body::Incoming;
use slam_cloud_apigateway::ApiGateway;
use slam_cloud_core::{Cloud, Durability, Registry, Store};
use slam_cloud_iam::{Iam, RootKey};
use slam_cloud_wire::sigv4::{Failure, Presented};
use std::net::IpAddr;
use std::sync::Arc;

/// The services that the server itself talks to, beside their operations.
pub(crate) struct Composition {
    pub iam: Arc<Iam>,
    pub apigateway: Arc<ApiGateway>,
}

/// Starts every service and opens the door.
pub(crate) async fn compose(
    cloud: &Cloud,
    store: &Arc<Store>,
    root: RootKey,
    durability: Durability,
    ports: &Arc<Ports>,
) -> Result<Composition, StartError> {
    let mut registry = Registry::new();
    let iam = slam_cloud_iam::register(cloud, store, &mut registry, root)?;
    slam_cloud_logs::register(cloud, store, &mut registry)?;
    slam_cloud_dynamodb::register(cloud, store, &mut registry, durability)?;
    let apigateway = slam_cloud_apigateway::register(cloud, store, &mut registry, Arc::<Ports>::clone(ports))?;
    cloud.open(registry);
    Ok(Composition { iam, apigateway })
}

impl Composition {
    /// Called once requests can be answered: what ran before the last stop is rebuilt.
    pub(crate) async fn started(&self) -> Result<(), StartError> {
        let restored = self.apigateway.restore().await;
        restored.map_err(|error| StartError::Service { service: "API Gateway", reason: error.to_string() })
    }
}

impl Dispatch {
    pub(crate) async fn s3(
        &self,
        _: Result<Option<Presented>, Failure>,
        _: Sender,
        _: Parts,
        _: Incoming,
        _: IpAddr,
    ) -> Response<Body> {
        body::refusal(StatusCode::NOT_IMPLEMENTED, "S3 is not part of this build")
    }
}
