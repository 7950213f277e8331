//! What is on the air after a change: stages that deploy by themselves follow their API.
//!
//! "If you enable automatic deployments, changes to an API are automatically released for you."
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html>

use crate::ApiGatewayV2;
use crate::api::deployments::{NO_ROUTES, deployed};
use crate::error::no_api;
use crate::model::{Api, Deployment, Stage, now};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_kit::documents::sweep;
use std::sync::Arc;

impl ApiGatewayV2 {
    /// Changes an API and deploys it where that happens by itself. Nothing is written when `change` fails.
    pub(crate) async fn change(
        &self,
        context: &Context,
        api_id: &str,
        change: impl FnOnce(&mut Api) -> AwsResult<()>,
    ) -> AwsResult<Arc<Api>> {
        let _one_at_a_time = self.store.changing.lock().await;
        let missing = || no_api(context, api_id);
        let scope = Scope::regional(context);
        let changed = self.store.apis.update(&scope, api_id, |api| {
            let mut api = api.cloned().ok_or_else(missing)?;
            change(&mut api)?;
            Ok::<_, AwsError>(Some(api))
        });
        let api = changed.await?.ok_or_else(missing)?;
        self.deploy_automatically(context, &api).await?;
        Ok(api)
    }

    /// Deploys an API to its stages that deploy by themselves. One copy serves all of them.
    pub(crate) async fn deploy_automatically(&self, context: &Context, api: &Api) -> AwsResult<()> {
        let scope = Scope::regional(context);
        let stages: Vec<Arc<Stage>> =
            self.store.stages_of(&scope, &api.id).into_iter().filter(|stage| stage.auto_deploy).collect();
        let deployment = match stages.is_empty() || api.routes.is_empty() {
            true => None,
            false => Some(self.freeze(&scope, api).await?),
        };
        for stage in stages {
            let message = match &deployment {
                Some(id) => deployed(id),
                None => format!("Deployment attempt failed: {NO_ROUTES}"),
            };
            let deployment = deployment.clone();
            let follow = |stage: &mut Stage| {
                stage.last_deployment_status_message = Some(message);
                if deployment.is_some() {
                    stage.deployment_id = deployment;
                }
                Ok(())
            };
            self.store.change_stage(context, (&api.id, &stage.name), follow).await?;
            self.forsake(&scope, &api.id, stage.deployment_id.as_deref()).await?;
        }
        self.runtime.forget(&api.id);
        Ok(())
    }

    async fn freeze(&self, scope: &Scope, api: &Api) -> AwsResult<String> {
        let deployment = Deployment {
            id: id::lower_alphanumeric(6),
            description: Some("Automatic deployment triggered by changes to the Api configuration".into()),
            created: now(),
            auto_deployed: true,
            api: api.clone(),
        };
        let id = deployment.id.clone();
        self.store.deployments.put(scope, &key(&api.id, &id), deployment).await?;
        Ok(id)
    }

    /// Deletes a deployment that was made by itself and that no stage serves any longer: each is as large as its API, and
    /// there is one for each change. Not verified on AWS, which may keep them for a while.
    pub(crate) async fn forsake(&self, scope: &Scope, api_id: &str, deployment_id: Option<&str>) -> AwsResult<()> {
        let Some(id) = deployment_id else { return Ok(()) };
        let serves = |stage: &Arc<Stage>| stage.deployment_id.as_deref() == Some(id);
        let found = self.store.deployments.get(scope, &key(api_id, id)).filter(|found| found.auto_deployed);
        if found.is_some() && !self.store.stages_of(scope, api_id).iter().any(serves) {
            self.store.deployments.remove(scope, &key(api_id, id)).await?;
        }
        Ok(())
    }

    /// Deletes the deployments and stages of an API.
    pub(crate) async fn sweep(&self, scope: &Scope, api_id: &str) -> AwsResult<()> {
        sweep(&self.store.stages, scope, api_id).await?;
        Ok(sweep(&self.store.deployments, scope, api_id).await?)
    }
}
