//! Where APIs, deployments and stages live.
//!
//! An API with its routes, integrations and authorizers is one document, so that each change of it is one write. Deployments
//! and stages are documents of their own under `api/id`: a deployment is as large as its API and never changes.

pub use slam_cloud_kit::documents::key;

use crate::error::{no_api, no_deployment, no_stage};
use crate::model::{Api, Deployment, Stage};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Collection, Context, Store, StoreError};
use slam_cloud_kit::documents::under;
use std::sync::Arc;

/// The collections of API Gateway's second version.
pub struct Collections {
    /// By id.
    pub apis: Collection<Api>,
    /// By `api/deployment`.
    pub deployments: Collection<Deployment>,
    /// By `api/stage`.
    pub stages: Collection<Stage>,
    /// One change at a time: deployments and stages refer to one another.
    pub changing: tokio::sync::Mutex<()>,
}

impl Collections {
    /// Opens the collections.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            apis: Collection::open(store, "apigatewayv2.apis")?,
            deployments: Collection::open(store, "apigatewayv2.deployments")?,
            stages: Collection::open(store, "apigatewayv2.stages")?,
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// An API of the caller's account and region.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn api(&self, context: &Context, id: &str) -> AwsResult<Arc<Api>> {
        self.apis.get(&Scope::regional(context), id).ok_or_else(|| no_api(context, id))
    }

    /// A stage of an API.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn stage(&self, context: &Context, api_id: &str, name: &str) -> AwsResult<Arc<Stage>> {
        self.api(context, api_id)?;
        self.stages.get(&Scope::regional(context), &key(api_id, name)).ok_or_else(no_stage)
    }

    /// A deployment of an API.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn deployment(&self, context: &Context, api_id: &str, id: &str) -> AwsResult<Arc<Deployment>> {
        self.api(context, api_id)?;
        self.deployments.get(&Scope::regional(context), &key(api_id, id)).ok_or_else(no_deployment)
    }

    /// Changes a stage; nothing is written when that fails.
    ///
    /// # Errors
    /// `NotFoundException`, or what `change` answers.
    pub async fn change_stage(
        &self,
        context: &Context,
        (api_id, name): (&str, &str),
        change: impl FnOnce(&mut Stage) -> AwsResult<()>,
    ) -> AwsResult<Arc<Stage>> {
        self.api(context, api_id)?;
        let (scope, id) = (Scope::regional(context), key(api_id, name));
        let changed = self.stages.update(&scope, &id, |stage| {
            let mut stage = stage.cloned().ok_or_else(no_stage)?;
            change(&mut stage)?;
            Ok::<_, AwsError>(Some(stage))
        });
        changed.await?.ok_or_else(no_stage)
    }

    /// The deployments of an API, the newest first.
    pub fn deployments_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<Deployment>> {
        let mut deployments: Vec<_> =
            under(&self.deployments, scope, api_id).map(|(_, deployment)| deployment).collect();
        deployments.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        deployments
    }

    /// The stages of an API by name.
    pub fn stages_of(&self, scope: &Scope, api_id: &str) -> Vec<Arc<Stage>> {
        under(&self.stages, scope, api_id).map(|(_, stage)| stage).collect()
    }
}
