//! Where APIs, deployments and stages live, and the clients that they know.
//!
//! An API is one document, so that each change of it is one write. Deployments and stages are documents of their own
//! under `api/id`: a deployment is as large as its API and never changes.

pub use slam_cloud_kit::documents::key;

use crate::error::no_api;
use crate::model::{Account, ApiKey, Deployment, DocumentationVersion, RestApi, Stage, Usage, UsagePlan};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Collection, Context, Store, StoreError};
use slam_cloud_kit::documents::under;
use std::sync::Arc;

/// The collections of API Gateway.
pub struct Collections {
    /// By id.
    pub apis: Collection<RestApi>,
    /// By `api/deployment`.
    pub deployments: Collection<Deployment>,
    /// By `api/version`.
    pub documentation_versions: Collection<DocumentationVersion>,
    /// By `api/stage`.
    pub stages: Collection<Stage>,
    /// One, [`ACCOUNT`].
    pub accounts: Collection<Account>,
    /// By id.
    pub api_keys: Collection<ApiKey>,
    /// By id.
    pub usage_plans: Collection<UsagePlan>,
    /// By `plan/key`.
    pub usage: Collection<Usage>,
    /// One change at a time: deployments and stages refer to one another.
    pub changing: tokio::sync::Mutex<()>,
}

/// The id of an account's settings.
pub const ACCOUNT: &str = "account";

impl Collections {
    /// Opens the collections.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            apis: Collection::open(store, "apigateway.restapis")?,
            deployments: Collection::open(store, "apigateway.deployments")?,
            documentation_versions: Collection::open(store, "apigateway.documentationversions")?,
            stages: Collection::open(store, "apigateway.stages")?,
            accounts: Collection::open(store, "apigateway.accounts")?,
            api_keys: Collection::open(store, "apigateway.apikeys")?,
            usage_plans: Collection::open(store, "apigateway.usageplans")?,
            usage: Collection::open(store, "apigateway.usage")?,
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// An API of the caller's account and region.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn api(&self, context: &Context, id: &str) -> AwsResult<Arc<RestApi>> {
        self.apis.get(&Scope::regional(context), id).ok_or_else(|| no_api(context, id))
    }

    /// Changes an API and answers what `change` does; nothing is written when that fails.
    ///
    /// # Errors
    /// `missing` when there is no such API, or what `change` answers.
    pub async fn change_api<R>(
        &self,
        context: &Context,
        id: &str,
        missing: impl FnOnce() -> AwsError,
        change: impl FnOnce(&mut RestApi) -> AwsResult<R>,
    ) -> AwsResult<R> {
        let mut result = None;
        self.apis
            .update(&Scope::regional(context), id, |api| {
                let mut api = api.cloned().ok_or_else(missing)?;
                result = Some(change(&mut api)?);
                Ok::<_, AwsError>(Some(api))
            })
            .await?;
        result.ok_or_else(|| AwsError::internal("a change of an API answered nothing"))
    }

    /// The deployments of an API, the newest first.
    pub fn deployments_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<Deployment>> {
        let mut deployments: Vec<_> =
            under(&self.deployments, scope, api_id).map(|(_, deployment)| deployment).collect();
        deployments.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        deployments
    }

    /// The documentation versions of an API by name.
    pub fn documentation_versions_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<DocumentationVersion>> {
        under(&self.documentation_versions, scope, api_id).map(|(_, version)| version).collect()
    }

    /// The stages of an API by name.
    pub fn stages_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<Stage>> {
        under(&self.stages, scope, api_id).map(|(_, stage)| stage).collect()
    }

    /// What was counted by a usage plan, with the ids of these documents.
    pub fn usage_of(&self, scope: &Scope, plan_id: &str) -> Vec<(String, Arc<Usage>)> {
        under(&self.usage, scope, plan_id).collect()
    }
}
