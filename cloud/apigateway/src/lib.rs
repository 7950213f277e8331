//! API Gateway's REST APIs (v1): what clients configure, and what answers when the configured APIs are called.
//!
//! - [`register`] hangs the service on the door; [`ApiGateway::handle`] answers requests for deployed APIs.
//! - [`api`]: the control plane, one file per kind of thing; [`patch`]: the grammar of its updates.
//! - [`model`], [`store`]: what an API is, and where it is kept.
//! - [`runtime`]: the data plane; [`vtl`]: the language of mapping templates.
//! - [`listeners`]: the loopback ports that APIs have for themselves.
//! - [`logs`], [`roles`]: what is written about requests, and as whom.
//!
//! Refused by name: private endpoints, VPC links, custom and Cognito authorizers, API keys, canaries, cache clusters,
//! `https` endpoints, integrations with services other than Lambda.

mod access;
mod api;
mod error;
pub mod listeners;
mod logs;
mod model;
mod page;
mod patch;
mod registration;
mod roles;
mod runtime;
mod store;
mod vtl;

pub use listeners::{Listeners, NoListeners};
pub use registration::register;
pub use runtime::{BODY, DataPlaneRequest, Form};

use futures_util::future::BoxFuture;
use model::RestApi;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Cloud, Service, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A stage that answers.
pub struct DeployedStage {
    /// The API's id.
    pub api_id: String,
    /// The API's name.
    pub name: String,
    /// The stage's name.
    pub stage: String,
    /// Where it was made.
    pub region: String,
    /// The port that the API has for itself.
    pub port: Option<u16>,
}

/// The service.
pub struct ApiGateway {
    cloud: Cloud,
    store: store::Collections,
    roles: Arc<roles::Roles>,
    runtime: runtime::Runtime,
    logs: logs::LogWriter,
    http: runtime::HttpClient,
    listeners: Arc<dyn Listeners>,
    /// The ports that are open now.
    ports: RwLock<BTreeMap<String, u16>>,
}

impl ApiGateway {
    fn new(cloud: &Cloud, store: &Arc<Store>, listeners: Arc<dyn Listeners>) -> Result<Self, StoreError> {
        Ok(Self {
            cloud: cloud.clone(),
            store: store::Collections::open(store)?,
            roles: Arc::default(),
            runtime: runtime::Runtime::default(),
            logs: logs::LogWriter::default(),
            http: runtime::client(),
            listeners,
            ports: RwLock::default(),
        })
    }

    /// After a start: sweeps what deleted APIs left behind and opens the ports of the others, each at its number if
    /// that is free.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn restore(&self) -> AwsResult<()> {
        let stages = self.store.stages.all().into_iter().map(|(scope, id, _)| (scope, id));
        let deployments = self.store.deployments.all().into_iter().map(|(scope, id, _)| (scope, id));
        for (scope, id) in stages.chain(deployments) {
            let api_id = id.split('/').next().unwrap_or_default();
            if self.store.apis.get(&scope, api_id).is_none() {
                self.sweep(&scope, api_id).await?;
            }
        }
        for (scope, id, api) in self.store.apis.all() {
            let port = self.open_port(&id, api.port).await;
            if port != api.port {
                let moved = |api: Option<&RestApi>| Ok(api.map(|api| RestApi { port, ..api.clone() }));
                self.store.apis.update::<StoreError>(&scope, &id, moved).await?;
            }
        }
        Ok(())
    }

    /// The APIs that have a port of their own, with it.
    pub fn apis(&self) -> Vec<(String, u16)> {
        let ports = self.ports.read().unwrap_or_else(PoisonError::into_inner);
        ports.iter().map(|(id, port)| (id.clone(), *port)).collect()
    }

    /// Every deployed stage of every API, by the API's name.
    pub fn stages(&self) -> Vec<DeployedStage> {
        let ports = self.ports.read().unwrap_or_else(PoisonError::into_inner);
        let mut stages: Vec<_> = self
            .store
            .apis
            .all()
            .into_iter()
            .flat_map(|(scope, api_id, api)| {
                let stages = self.store.stages_of(&scope, &api_id);
                let port = ports.get(&api_id).copied();
                stages
                    .into_iter()
                    .map(move |stage| DeployedStage {
                        api_id: api_id.clone(),
                        name: api.name.clone(),
                        stage: stage.name.clone(),
                        region: scope.region.to_string(),
                        port,
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        stages.sort_by(|one, other| {
            (&one.name, &one.api_id, &one.stage).cmp(&(&other.name, &other.api_id, &other.stage))
        });
        stages
    }

    /// Opens a port for an API. Without one the API is still reached by the cloud's own port.
    async fn open_port(&self, api_id: &str, preferred: Option<u16>) -> Option<u16> {
        match self.listeners.open(api_id, preferred).await {
            Ok(port) => {
                self.ports.write().unwrap_or_else(PoisonError::into_inner).insert(api_id.to_owned(), port);
                Some(port)
            }
            Err(error) => {
                tracing::warn!(api = api_id, %error, "the API gets no port of its own");
                None
            }
        }
    }

    async fn close_port(&self, api_id: &str) {
        let open = self.ports.write().unwrap_or_else(PoisonError::into_inner).remove(api_id);
        if open.is_some() {
            self.listeners.close(api_id).await;
        }
    }

    /// Deletes the deployments and stages of an API.
    async fn sweep(&self, scope: &Scope, api_id: &str) -> AwsResult<()> {
        for stage in self.store.stages_of(scope, api_id) {
            self.store.stages.remove(scope, &store::key(api_id, &stage.name)).await?;
        }
        for deployment in self.store.deployments_of(scope, api_id) {
            self.store.deployments.remove(scope, &store::key(api_id, &deployment.id)).await?;
        }
        Ok(())
    }
}

impl Service for ApiGateway {
    fn name(&self) -> &'static str {
        "apigateway"
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            let _one_at_a_time = self.store.changing.lock().await;
            for (id, _) in self.apis() {
                self.close_port(&id).await;
            }
            self.store.apis.clear().await?;
            self.store.stages.clear().await?;
            self.store.deployments.clear().await?;
            self.store.accounts.clear().await?;
            self.roles.clear();
            self.runtime.forget_all();
            Ok(())
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for (id, _) in self.apis() {
                self.close_port(&id).await;
            }
        })
    }
}
