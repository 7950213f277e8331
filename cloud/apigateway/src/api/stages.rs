//! Where deployments are on the air.

use super::stage_patch;
use super::stage_rules::{check_variable, check_variable_count};
use crate::ApiGateway;
use crate::error::{bad_request, conflict, limit_exceeded, no_deployment, no_documentation_version, no_stage};
use crate::model::{Stage, Texts, now};
use crate::patch;
use crate::store::{ACCOUNT, key};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API".
const STAGES: usize = 10;
const NAME_LENGTH: usize = 128;

/// Creates a stage.
pub async fn create(service: Arc<ApiGateway>, context: Context, input: wire::CreateStage) -> AwsResult<wire::Stage> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.rest_api_id)?;
    if service.store.deployments.get(&scope, &key(&api.id, &input.deployment_id)).is_none() {
        return Err(no_deployment());
    }
    if service.store.stages.get(&scope, &key(&api.id, &input.stage_name)).is_some() {
        return Err(conflict("Stage already exists"));
    }
    let mut stage = new_stage(&service, &scope, &api.id, &input.stage_name, &input.deployment_id)?;
    stage.description = input.description;
    stage.documentation_version = input.documentation_version.filter(|version| !version.is_empty());
    check_documentation(&service, &scope, &stage)?;
    stage.cache_cluster_size = input.cache_cluster_size;
    stage.variables = checked_variables(input.variables.unwrap_or_default())?;
    stage.tracing_enabled = input.tracing_enabled.unwrap_or(false);
    stage.tags = input.tags.unwrap_or_default();
    super::tags::check(&stage.tags)?;
    let stored = service.store.stages.put(&scope, &key(&api.id, &stage.name.clone()), stage).await?;
    service.runtime.forget(&api.id);
    Ok((&*stored).into())
}

/// Whether the version of the documentation that a stage has is there.
fn check_documentation(service: &ApiGateway, scope: &Scope, stage: &Stage) -> AwsResult<()> {
    let found =
        |version: &String| service.store.documentation_versions.get(scope, &key(&stage.api_id, version)).is_some();
    match &stage.documentation_version {
        Some(version) if !found(version) => Err(no_documentation_version()),
        _ => Ok(()),
    }
}

fn new_stage(service: &ApiGateway, scope: &Scope, api_id: &str, name: &str, deployment_id: &str) -> AwsResult<Stage> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME_LENGTH || !name.bytes().all(word) {
        return Err(bad_request("Stage name only allows a-zA-Z0-9_-"));
    }
    if service.store.stages_of(scope, api_id).len() >= STAGES {
        return Err(limit_exceeded("stages"));
    }
    Ok(Stage::new(api_id, name, deployment_id))
}

/// The stage that a CreateDeployment names, new or as it was, pointing to the new deployment.
pub(super) fn for_deployment(
    service: &ApiGateway,
    scope: &Scope,
    deployment_id: &str,
    input: &wire::CreateDeployment,
) -> AwsResult<Option<Stage>> {
    let Some(name) = input.stage_name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
    let api_id = &input.rest_api_id;
    let mut stage = match service.store.stages.get(scope, &key(api_id, name)) {
        Some(stage) => Stage::clone(&stage),
        None => new_stage(service, scope, api_id, name, deployment_id)?,
    };
    deployment_id.clone_into(&mut stage.deployment_id);
    stage.last_updated = now();
    if let Some(description) = &input.stage_description {
        stage.description = Some(description.clone()).filter(|text| !text.is_empty());
    }
    if let Some(size) = &input.cache_cluster_size {
        stage.cache_cluster_size = Some(size.clone());
    }
    if let Some(variables) = &input.variables {
        stage.variables = checked_variables(variables.clone())?;
    }
    if let Some(tracing) = input.tracing_enabled {
        stage.tracing_enabled = tracing;
    }
    Ok(Some(stage))
}

fn checked_variables(variables: Texts) -> AwsResult<Texts> {
    for (name, value) in &variables {
        check_variable(name, value)?;
    }
    check_variable_count(&variables)?;
    Ok(variables)
}

/// Answers a stage.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetStage) -> AwsResult<wire::Stage> {
    let id = key(&input.rest_api_id, &input.stage_name);
    let stage = service.store.stages.get(&Scope::regional(&context), &id).ok_or_else(no_stage)?;
    Ok((&*stage).into())
}

/// Answers the stages of an API, or those that serve a deployment.
pub async fn list(service: Arc<ApiGateway>, context: Context, input: wire::GetStages) -> AwsResult<wire::Stages> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let mut stages = service.store.stages_of(&Scope::regional(&context), &api.id);
    if let Some(deployment) = &input.deployment_id {
        stages.retain(|stage| stage.deployment_id == *deployment);
    }
    Ok(wire::Stages { item: Some(stages.iter().map(|stage| (&**stage).into()).collect()) })
}

/// Changes a stage, at once.
pub async fn update(service: Arc<ApiGateway>, context: Context, input: wire::UpdateStage) -> AwsResult<wire::Stage> {
    let patches = patch::read(input.patch_operations)?;
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let logs_possible =
        service.store.accounts.get(&scope, ACCOUNT).is_some_and(|account| account.cloudwatch_role_arn.is_some());
    let id = key(&input.rest_api_id, &input.stage_name);
    let updated = service
        .store
        .stages
        .update(&scope, &id, |stage| {
            let mut stage = stage.cloned().ok_or_else(no_stage)?;
            for patch in &patches {
                stage_patch::apply(&mut stage, patch, logs_possible)?;
            }
            if service.store.deployments.get(&scope, &key(&stage.api_id, &stage.deployment_id)).is_none() {
                return Err(no_deployment());
            }
            check_documentation(&service, &scope, &stage)?;
            stage.last_updated = now();
            Ok::<_, AwsError>(Some(stage))
        })
        .await?
        .ok_or_else(no_stage)?;
    service.runtime.forget(&input.rest_api_id);
    Ok((&*updated).into())
}

/// Takes a stage off the air.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteStage,
) -> AwsResult<wire::DeleteStageOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let id = key(&input.rest_api_id, &input.stage_name);
    service.store.stages.remove(&Scope::regional(&context), &id).await?.ok_or_else(no_stage)?;
    service.runtime.forget(&input.rest_api_id);
    Ok(wire::DeleteStageOutput {})
}
