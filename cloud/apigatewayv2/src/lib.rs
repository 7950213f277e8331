//! API Gateway's HTTP APIs (v2): what clients configure, and what answers when the configured APIs are called.
//!
//! - [`api`]: the control plane, one file per kind of thing. [`deploying`]: what is on the air after a change.
//! - [`model`], [`store`]: what an API is, and where it is kept.
//! - [`http`]: the data plane of HTTP APIs; what it shares with others' is in `slam_cloud_gateway`.
//!
//! Refused by name: WebSocket APIs, private integrations and VPC links, custom domain names with their API mappings, import and
//! export of definitions, actions of AppConfig, Kinesis and Step Functions.

mod api;
mod deploying;
mod dialect;
mod error;
mod http;
mod model;
mod store;

use ::http::Response;
use ::http::request::Parts;
use futures_util::future::BoxFuture;
use model::Api;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::service::{BodyLimit, Deployed};
use slam_cloud_core::{AwsResult, Body, Cloud, Context, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_gateway::SERVICE;
use slam_cloud_gateway::jwt::Issuers;
use slam_cloud_gateway::jwt::issuers::KEPT_BY_HTTP_APIS;
use slam_cloud_gateway::logs::LogWriter;
use slam_cloud_gateway::plane::{Apis, DataPlane};
use slam_cloud_gateway::ports;
use slam_cloud_gateway::request::DataPlaneRequest;
use slam_cloud_kit::documents::sweep_orphans;
use slam_cloud_kit::outside::Outside;
use slam_cloud_kit::role::Roles;
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// Who writes access logs.
const LOG_DELIVERY: &str = "delivery.logs.amazonaws.com";

/// The service.
pub struct ApiGatewayV2 {
    cloud: Cloud,
    store: store::Collections,
    /// The credentials of integrations and authorizers.
    roles: Arc<Roles>,
    runtime: http::Runtime,
    logs: LogWriter,
    http: Outside,
    issuers: Issuers,
}

/// Opens the service's collections and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<ApiGatewayV2>, StoreError> {
    let service = Arc::new(ApiGatewayV2 {
        cloud: cloud.clone(),
        store: store::Collections::open(store)?,
        roles: Arc::new(Roles::new(SERVICE, "BackplaneAssumeRoleSession")),
        runtime: http::Runtime::default(),
        logs: LogWriter::default(),
        issuers: Issuers::new(cloud, KEPT_BY_HTTP_APIS),
        http: Outside::new(cloud.settings()),
    });
    api::register(&service, registry);
    Ok(service)
}

impl ApiGatewayV2 {
    /// Sweeps what deleted APIs left behind and opens the ports of the others, each at its number if that is free.
    async fn restore(self: &Arc<Self>) -> AwsResult<()> {
        sweep_orphans(&self.store.stages, &self.store.apis).await?;
        sweep_orphans(&self.store.deployments, &self.store.apis).await?;
        ports::open_all(self, &self.store.apis, |api| &mut api.port).await
    }

    async fn close_ports(&self) {
        ports::close_all(&self.cloud, &self.store.apis).await;
    }

    /// An API in the shape of lists.
    fn shown(&self, context: &Context, api: &Api) -> wire::Api {
        let own_port = self.cloud.ports().of(&api.id);
        model::wire::api(api, model::wire::endpoint(context, &api.id, own_port, self.cloud.settings().port))
    }
}

impl Apis for ApiGatewayV2 {
    fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    fn answers_for(&self, api_id: &str) -> bool {
        self.store.apis.find(api_id).is_some()
    }

    fn handle(self: Arc<Self>, request: DataPlaneRequest) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.answer(request).await })
    }
}

impl Service for ApiGatewayV2 {
    fn name(&self) -> &'static str {
        "apigatewayv2"
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&wire::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    /// "Amazon API Gateway quotas": a definition to be imported has at most 6 MB, with HTTP APIs, too.
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
        let stages_of = |(scope, id, api): (Scope, String, Arc<Api>)| {
            let base = ports::url(&self.cloud, &id);
            let told = self.store.stages_of(&scope, &id).into_iter().map(|stage| Deployed {
                name: api.name.clone(),
                id: id.clone(),
                stage: stage.name.clone(),
                region: scope.region.to_string(),
                url: if stage.name == model::Stage::DEFAULT {
                    format!("{base}/")
                } else {
                    format!("{base}/{}/", stage.name)
                },
            });
            told.collect::<Vec<_>>()
        };
        apis.flat_map(stages_of).collect()
    }
}
