//! Where APIs, deployments and stages live.
//!
//! An API is one document, so that each change of it is one write. Deployments and stages are documents of their own
//! under `api/id`: a deployment is as large as its API and never changes.

use crate::error::no_api;
use crate::model::{Account, Deployment, RestApi, Stage};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Collection, Context, Store, StoreError};
use std::sync::Arc;

/// The collections of API Gateway.
pub struct Collections {
    /// By id.
    pub apis: Collection<RestApi>,
    /// By `api/deployment`.
    pub deployments: Collection<Deployment>,
    /// By `api/stage`.
    pub stages: Collection<Stage>,
    /// One, [`ACCOUNT`].
    pub accounts: Collection<Account>,
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
            stages: Collection::open(store, "apigateway.stages")?,
            accounts: Collection::open(store, "apigateway.accounts")?,
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
        let mut deployments = under(&self.deployments, scope, api_id);
        deployments.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        deployments
    }

    /// The stages of an API by name.
    pub fn stages_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<Stage>> {
        under(&self.stages, scope, api_id)
    }
}

/// The documents whose ids begin with `api/`.
fn under<T>(collection: &Collection<T>, scope: &Scope, api_id: &str) -> Vec<Arc<T>>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let of_api = |id: &str| id.strip_prefix(api_id).is_some_and(|rest| rest.starts_with('/'));
    collection.list(scope).into_iter().filter(|(id, _)| of_api(id)).map(|(_, item)| item).collect()
}

/// The document id of what belongs to an API.
pub fn key(api_id: &str, id: &str) -> String {
    format!("{api_id}/{id}")
}
