//! API Gateway's REST APIs (v1): what clients configure, and what answers when the configured APIs are called.
//!
//! - [`api`]: the control plane, one file per kind of thing; [`patch`]: the grammar of its updates.
//! - [`model`], [`store`]: what an API is, and where it is kept.
//! - [`rest`]: the data plane of REST APIs; what it shares with others' is in `slam_cloud_gateway`.
//! - [`openapi`]: APIs as OpenAPI documents.
//! - [`vtl`]: the language of mapping templates.
//!
//! Refused by name: private endpoints, VPC links, canaries, cache clusters, `https` endpoints, integrations with services that are
//! not here.

mod api;
mod dialect;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod model;
mod openapi;
mod patch;
mod rest;
mod store;
mod vtl;

use futures_util::future::BoxFuture;
use http::Response;
use http::request::Parts;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::service::{BodyLimit, Deployed};
use slam_cloud_core::{AwsResult, Body, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_gateway::SERVICE;
use slam_cloud_gateway::jwt::Issuers;
use slam_cloud_gateway::jwt::issuers::KEPT_BY_REST_APIS;
use slam_cloud_gateway::logs::LogWriter;
use slam_cloud_gateway::plane::{Apis, DataPlane};
use slam_cloud_gateway::ports;
use slam_cloud_gateway::request::DataPlaneRequest;
use slam_cloud_kit::documents::{sweep, sweep_orphans};
use slam_cloud_kit::outside::Outside;
use slam_cloud_kit::role::Roles;
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// The service.
pub struct ApiGateway {
    cloud: Cloud,
    store: store::Collections,
    /// An integration's credentials and the account's role for logs.
    roles: Arc<Roles>,
    runtime: rest::Runtime,
    logs: LogWriter,
    http: Outside,
    /// Whose tokens authorizers take.
    issuers: Issuers,
}

/// Opens the service's collections and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<ApiGateway>, StoreError> {
    let service = Arc::new(ApiGateway::new(cloud, store)?);
    api::register(&service, registry);
    Ok(service)
}

impl ApiGateway {
    fn new(cloud: &Cloud, store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            cloud: cloud.clone(),
            store: store::Collections::open(store)?,
            roles: Arc::new(Roles::new(SERVICE, "BackplaneAssumeRoleSession")),
            runtime: rest::Runtime::default(),
            logs: LogWriter::default(),
            http: Outside::new(cloud.settings()),
            issuers: Issuers::new(cloud, KEPT_BY_REST_APIS),
        })
    }

    /// Sweeps what deleted APIs left behind and opens the ports of the others, each at its number if that is free.
    async fn restore(self: &Arc<Self>) -> AwsResult<()> {
        sweep_orphans(&self.store.stages, &self.store.apis).await?;
        sweep_orphans(&self.store.deployments, &self.store.apis).await?;
        sweep_orphans(&self.store.documentation_versions, &self.store.apis).await?;
        ports::open_all(self, &self.store.apis, |api| &mut api.port).await
    }

    async fn close_ports(&self) {
        ports::close_all(&self.cloud, &self.store.apis).await;
    }

    /// The day it is, of UTC.
    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.cloud.clock().now()).date()
    }

    /// Deletes the deployments, stages and documentation versions of an API.
    async fn sweep(&self, scope: &Scope, api_id: &str) -> AwsResult<()> {
        sweep(&self.store.stages, scope, api_id).await?;
        sweep(&self.store.deployments, scope, api_id).await?;
        Ok(sweep(&self.store.documentation_versions, scope, api_id).await?)
    }
}

impl Apis for ApiGateway {
    fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// An API that nobody has answers like one of ours that has no such stage, so what no other service answers for is ours.
    fn answers_for(&self, _: &str) -> bool {
        true
    }

    fn handle(self: Arc<Self>, request: DataPlaneRequest) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.answer(request).await })
    }
}

impl Service for ApiGateway {
    fn name(&self) -> &'static str {
        "apigateway"
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&wire::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    /// "Amazon API Gateway quotas": a definition to be imported has at most 6 MB.
    fn body_limit(&self, _: &Parts) -> BodyLimit {
        BodyLimit { bytes: 8 * 1024 * 1024, operation: None }
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(DataPlane::new(self))]
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        Box::pin(async move { self.restore().await })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            let _one_at_a_time = self.store.changing.lock().await;
            self.close_ports().await;
            self.store.apis.clear().await?;
            self.store.stages.clear().await?;
            self.store.deployments.clear().await?;
            self.store.documentation_versions.clear().await?;
            self.store.accounts.clear().await?;
            self.store.api_keys.clear().await?;
            self.store.usage_plans.clear().await?;
            self.store.usage.clear().await?;
            self.roles.clear();
            self.runtime.forget_all();
            Ok(())
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.close_ports())
    }

    /// Every deployed stage of every API.
    fn deployed(&self) -> Vec<Deployed> {
        let apis = self.store.apis.all().into_iter();
        apis.flat_map(|(scope, id, api)| {
            let base = ports::url(&self.cloud, &id);
            let stages = self.store.stages_of(&scope, &id).into_iter();
            let told = stages.map(|stage| Deployed {
                name: api.name.clone(),
                id: id.clone(),
                stage: stage.name.clone(),
                region: scope.region.to_string(),
                url: format!("{base}/{}/", stage.name),
            });
            told.collect::<Vec<_>>()
        })
        .collect()
    }
}
