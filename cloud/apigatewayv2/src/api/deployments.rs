//! Frozen copies of APIs.

use super::paging::page;
use super::texts::checked_description;
use crate::ApiGatewayV2;
use crate::error::{bad_request, no_deployment};
use crate::model::wire::answered;
use crate::model::{Api, Deployment, Stage, now};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// What AWS says of an API that answers nothing.
/// <https://github.com/mach-composer/mach-composer-cli/issues/42>
pub const NO_ROUTES: &str = "Unable to deploy API because no routes exist in this API";

/// Freezes the API as it is now and, when a stage is named, puts it on the air there.
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateDeployment,
) -> AwsResult<wire::CreateDeploymentResponse> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.api_id)?;
    if api.routes.is_empty() {
        return Err(bad_request(NO_ROUTES));
    }
    let stage = input.stage_name.filter(|name| !name.is_empty());
    let stage = stage.map(|name| service.store.stage(&context, &api.id, &name)).transpose()?;
    let deployment = Deployment {
        id: id::made_by(&context.request_id, "Deployment", 6),
        description: checked_description(input.description)?,
        created: now(),
        auto_deployed: false,
        api: Api::clone(&api),
    };
    let deployment_id = deployment.id.clone();
    let stored = service.store.deployments.put(&scope, &key(&api.id, &deployment_id), deployment).await?;
    if let Some(stage) = stage {
        serve(&service, &context, &stage, deployment_id).await?;
        service.runtime.forget(&api.id);
    }
    answered(wire::Deployment::from(&*stored))
}

async fn serve(service: &ApiGatewayV2, context: &Context, stage: &Stage, deployment_id: String) -> AwsResult<()> {
    let change = |stage: &mut Stage| {
        stage.last_deployment_status_message = Some(deployed(&deployment_id));
        stage.deployment_id = Some(deployment_id);
        stage.last_updated = now();
        Ok(())
    };
    service.store.change_stage(context, (&stage.api_id, &stage.name), change).await?;
    service.forsake(&Scope::regional(context), &stage.api_id, stage.deployment_id.as_deref()).await
}

/// What a stage tells of its last deployment.
pub fn deployed(deployment_id: &str) -> String {
    format!("Successfully deployed stage with deployment ID '{deployment_id}'")
}

/// Answers a deployment.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetDeployment,
) -> AwsResult<wire::GetDeploymentResponse> {
    answered(wire::Deployment::from(&*service.store.deployment(&context, &input.api_id, &input.deployment_id)?))
}

/// Answers the deployments of an API, the newest first.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetDeployments,
) -> AwsResult<wire::GetDeploymentsResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    let all = service.store.deployments_of(&Scope::regional(&context), &api.id);
    let (found, next_token) =
        page(all, |deployment| &deployment.id, input.next_token.as_deref(), input.max_results.as_deref())?;
    let items = found.iter().map(|deployment| (&**deployment).into()).collect();
    Ok(wire::GetDeploymentsResponse { items: Some(items), next_token })
}

/// Changes a deployment's description: what it froze stays as it is.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateDeployment,
) -> AwsResult<wire::UpdateDeploymentResponse> {
    service.store.api(&context, &input.api_id)?;
    let id = key(&input.api_id, &input.deployment_id);
    let change = |deployment: Option<&Deployment>| {
        let mut deployment = deployment.cloned().ok_or_else(no_deployment)?;
        if input.description.is_some() {
            deployment.description = checked_description(input.description)?;
        }
        Ok::<_, AwsError>(Some(deployment))
    };
    let updated = service.store.deployments.update(&Scope::regional(&context), &id, change).await?;
    answered(wire::Deployment::from(&*updated.ok_or_else(no_deployment)?))
}

/// Deletes a deployment that no stage serves.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteDeployment,
) -> AwsResult<wire::DeleteDeploymentOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let deployment = service.store.deployment(&context, &input.api_id, &input.deployment_id)?;
    let stages = service.store.stages_of(&scope, &input.api_id);
    if stages.iter().any(|stage| stage.deployment_id.as_ref() == Some(&deployment.id)) {
        return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
    }
    service.store.deployments.remove(&scope, &key(&input.api_id, &deployment.id)).await?;
    Ok(wire::DeleteDeploymentOutput {})
}
