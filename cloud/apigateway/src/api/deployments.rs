//! Frozen copies of APIs.

use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, no_deployment};
use crate::model::{self, Deployment, RestApi, now};
use crate::patch::{self, Patch};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Freezes the API as it is now and, when a stage is named, puts it on the air there.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateDeployment,
) -> AwsResult<wire::Deployment> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.rest_api_id)?;
    check(&api)?;
    let deployment = Deployment {
        id: id::made_by(&context.request_id, "Deployment", 6),
        description: input.description.clone(),
        created: now(),
        api: RestApi::clone(&api),
    };
    // The stage is checked before anything is written.
    let stage = super::stages::for_deployment(&service, &scope, &deployment.id, &input)?;
    let stored = service.store.deployments.put(&scope, &key(&api.id, &deployment.id.clone()), deployment).await?;
    if let Some(stage) = stage {
        service.store.stages.put(&scope, &key(&api.id, &stage.name.clone()), stage).await?;
        service.runtime.forget(&api.id);
    }
    Ok(model::wire::deployment(&stored, false))
}

fn check(api: &RestApi) -> AwsResult<()> {
    if api.methods().next().is_none() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    match api.methods().find(|(_, method)| method.integration.is_none()) {
        Some(_) => Err(bad_request("No integration defined for method")),
        None => Ok(()),
    }
}

/// Answers a deployment.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDeployment,
) -> AwsResult<wire::Deployment> {
    let with_summary = match input.embed.as_deref().unwrap_or_default() {
        [] => false,
        [one] if one == "apisummary" => true,
        _ => return Err(bad_request("Invalid embed parameter. Valid options are: [apisummary]")),
    };
    let id = key(&input.rest_api_id, &input.deployment_id);
    let deployment = service.store.deployments.get(&Scope::regional(&context), &id).ok_or_else(no_deployment)?;
    Ok(model::wire::deployment(&deployment, with_summary))
}

/// Answers the deployments of an API, the newest first.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDeployments,
) -> AwsResult<wire::Deployments> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let all = service.store.deployments_of(&Scope::regional(&context), &api.id);
    let (items, position) = page(all, |deployment| &deployment.id, input.position.as_deref(), input.limit);
    let items = items.iter().map(|deployment| model::wire::deployment(deployment, false)).collect();
    Ok(wire::Deployments { position, items: Some(items) })
}

/// Changes a deployment's description: what it froze stays as it is.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateDeployment,
) -> AwsResult<wire::Deployment> {
    let patches = patch::read(input.patch_operations)?;
    let id = key(&input.rest_api_id, &input.deployment_id);
    let updated = service
        .store
        .deployments
        .update(&Scope::regional(&context), &id, |deployment| {
            let mut deployment = deployment.cloned().ok_or_else(no_deployment)?;
            for patch in &patches {
                apply(&mut deployment, patch)?;
            }
            Ok::<_, AwsError>(Some(deployment))
        })
        .await?
        .ok_or_else(no_deployment)?;
    Ok(model::wire::deployment(&updated, false))
}

fn apply(deployment: &mut Deployment, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (patch::Op::Replace, ["description"]) => deployment.description = patch.optional_text(),
        _ => return Err(patch.unsupported("/description")),
    }
    Ok(())
}

/// Deletes a deployment that no stage serves.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteDeployment,
) -> AwsResult<wire::DeleteDeploymentOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let id = key(&input.rest_api_id, &input.deployment_id);
    service.store.deployments.get(&scope, &id).ok_or_else(no_deployment)?;
    let stages = service.store.stages_of(&scope, &input.rest_api_id);
    if stages.iter().any(|stage| stage.deployment_id == input.deployment_id) {
        return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
    }
    service.store.deployments.remove(&scope, &id).await?;
    Ok(wire::DeleteDeploymentOutput {})
}
