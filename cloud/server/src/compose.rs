//! All services, hung on the one door.

use crate::StartError;
use crate::listeners::Ports;
use slam_cloud_apigateway::ApiGateway;
use slam_cloud_cloudformation::CloudFormation;
use slam_cloud_core::{Cloud, Durability, Registry, Store};
use slam_cloud_iam::{Iam, RootKey};
use slam_cloud_lambda::LambdaService;
use slam_cloud_s3::S3Service;
use std::sync::Arc;

/// The services that the server itself talks to, beside their operations.
pub(crate) struct Composition {
    pub iam: Arc<Iam>,
    pub s3: Arc<S3Service>,
    pub apigateway: Arc<ApiGateway>,
    pub lambda: Arc<LambdaService>,
    cloudformation: Arc<CloudFormation>,
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
    let for_secrets = Arc::clone(&iam);
    let secrets = Arc::new(move |key: &str| for_secrets.credential(key).map(|key| key.secret_access_key));
    let s3 = slam_cloud_s3::register(cloud, store, &mut registry, secrets)?;
    let apigateway = slam_cloud_apigateway::register(cloud, store, &mut registry, Arc::<Ports>::clone(ports))?;
    let lambda = slam_cloud_lambda::register(cloud, store, &mut registry)?;
    let cloudformation = slam_cloud_cloudformation::register(cloud, store, &mut registry)?;
    cloud.open(registry);
    Ok(Composition { iam, s3, apigateway, lambda, cloudformation })
}

impl Composition {
    /// Called once requests can be answered: what ran before the last stop is rebuilt.
    pub(crate) async fn started(&self) -> Result<(), StartError> {
        let restored = self.apigateway.restore().await;
        restored.map_err(|error| StartError::Service { service: "API Gateway", reason: error.to_string() })?;
        self.cloudformation.resume();
        Ok(())
    }
}
