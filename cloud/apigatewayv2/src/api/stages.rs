//! Where deployments are on the air.

use super::paging::page;
use super::texts::checked_description;
use super::{log_delivery, stage_rules};
use crate::ApiGatewayV2;
use crate::error::{bad_request, conflict, no_deployment, no_stage, not_found, too_many};
use crate::model::wire::answered;
use crate::model::{RouteSettings, Stage, Texts, now};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigatewayv2 as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Creates a stage.
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateStage,
) -> AwsResult<wire::CreateStageResponse> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.api_id)?;
    let mut stage = fresh(&api.id, &input.stage_name)?;
    stage.tags = input.tags.unwrap_or_default();
    super::tags::check(&stage.tags)?;
    let update = wire::UpdateStage {
        access_log_settings: input.access_log_settings,
        auto_deploy: input.auto_deploy,
        default_route_settings: input.default_route_settings,
        deployment_id: input.deployment_id,
        description: input.description,
        route_settings: input.route_settings,
        stage_variables: input.stage_variables,
        ..wire::UpdateStage::default()
    };
    apply(&mut stage, update)?;
    check(&service, &context, &stage)?;
    if service.store.stages.get(&scope, &key(&api.id, &stage.name)).is_some() {
        return Err(conflict("Stage already exists"));
    }
    if service.store.stages_of(&scope, &api.id).len() >= stage_rules::STAGES {
        return Err(too_many("stages", stage_rules::STAGES));
    }
    log_delivery::permit(&service, &context, stage.access_log.as_ref()).await?;
    let id = key(&api.id, &stage.name);
    service.store.stages.put(&scope, &id, stage).await?;
    service.deploy_automatically(&context, &api).await?;
    let stored = service.store.stages.get(&scope, &id).ok_or_else(no_stage)?;
    answered(wire::Stage::from(&*stored))
}

/// A stage that serves nothing yet.
///
/// # Errors
/// `BadRequestException` for a name that it may not have.
pub(super) fn fresh(api_id: &str, name: &str) -> AwsResult<Stage> {
    stage_rules::check_name(name)?;
    Ok(Stage {
        api_id: api_id.to_owned(),
        name: name.to_owned(),
        deployment_id: None,
        description: None,
        auto_deploy: false,
        last_deployment_status_message: None,
        variables: Texts::new(),
        default_route_settings: RouteSettings::default(),
        route_settings: BTreeMap::new(),
        access_log: None,
        tags: Texts::new(),
        created: now(),
        last_updated: now(),
        managed: false,
    })
}

fn apply(stage: &mut Stage, input: wire::UpdateStage) -> AwsResult<()> {
    if let Some(log) = input.access_log_settings {
        stage.access_log = Some(stage_rules::access_log(log)?);
    }
    if let Some(auto_deploy) = input.auto_deploy {
        stage.auto_deploy = auto_deploy;
    }
    if let Some(settings) = input.default_route_settings {
        stage.default_route_settings = stage_rules::settings(settings)?;
    }
    if let Some(deployment) = input.deployment_id.filter(|id| !id.is_empty()) {
        // <https://github.com/aws-controllers-k8s/apigatewayv2-controller/pull/15>
        if stage.auto_deploy {
            return Err(bad_request("Deployment ID cannot be set on stage because AutoDeploy is enabled"));
        }
        stage.deployment_id = Some(deployment);
    }
    if input.description.is_some() {
        stage.description = checked_description(input.description)?;
    }
    for (key, settings) in input.route_settings.into_iter().flatten() {
        stage.route_settings.insert(key, stage_rules::settings(settings)?);
    }
    stage_rules::set_variables(&mut stage.variables, input.stage_variables.unwrap_or_default())
}

/// Whether what a stage refers to is there.
fn check(service: &ApiGatewayV2, context: &Context, stage: &Stage) -> AwsResult<()> {
    let api = service.store.api(context, &stage.api_id)?;
    stage_rules::check_settings(&api, stage)?;
    let deployment = stage.deployment_id.as_ref().map(|id| key(&stage.api_id, id));
    let is_there = |id: &String| service.store.deployments.get(&Scope::regional(context), id).is_some();
    if deployment.as_ref().is_some_and(|id| !is_there(id)) { Err(no_deployment()) } else { Ok(()) }
}

/// Answers a stage.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetStage,
) -> AwsResult<wire::GetStageResponse> {
    answered(wire::Stage::from(&*service.store.stage(&context, &input.api_id, &input.stage_name)?))
}

/// Answers the stages of an API.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetStages,
) -> AwsResult<wire::GetStagesResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    let all = service.store.stages_of(&Scope::regional(&context), &api.id);
    let (found, next_token) =
        page(all, |stage| &stage.name, input.next_token.as_deref(), input.max_results.as_deref())?;
    Ok(wire::GetStagesResponse { items: Some(found.iter().map(|stage| (&**stage).into()).collect()), next_token })
}

/// Changes a stage, at once: what is given.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateStage,
) -> AwsResult<wire::UpdateStageResponse> {
    let _one_at_a_time = service.store.changing.lock().await;
    let (api_id, name) = (input.api_id.clone(), input.stage_name.clone());
    let mut stage = Stage::clone(&*service.store.stage(&context, &api_id, &name)?);
    apply(&mut stage, input)?;
    check(&service, &context, &stage)?;
    log_delivery::permit(&service, &context, stage.access_log.as_ref()).await?;
    stage.last_updated = now();
    let scope = Scope::regional(&context);
    let id = key(&api_id, &name);
    service.store.stages.put(&scope, &id, stage).await?;
    service.deploy_automatically(&context, &*service.store.api(&context, &api_id)?).await?;
    let stored = service.store.stages.get(&scope, &id).ok_or_else(no_stage)?;
    answered(wire::Stage::from(&*stored))
}

/// Takes a stage off the air.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteStage,
) -> AwsResult<wire::DeleteStageOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let stage = service.store.stage(&context, &input.api_id, &input.stage_name)?;
    let scope = Scope::regional(&context);
    service.store.stages.remove(&scope, &key(&stage.api_id, &stage.name)).await?;
    service.forsake(&scope, &stage.api_id, stage.deployment_id.as_deref()).await?;
    service.runtime.forget(&stage.api_id);
    service.runtime.forget_decisions_of(&stage.api_id, &stage.name);
    Ok(wire::DeleteStageOutput {})
}

/// Ends a stage's access log.
pub async fn delete_access_log(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteAccessLogSettings,
) -> AwsResult<wire::DeleteAccessLogSettingsOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let end = |stage: &mut Stage| {
        stage.access_log = None;
        stage.last_updated = now();
        Ok(())
    };
    service.store.change_stage(&context, (&input.api_id, &input.stage_name), end).await?;
    service.runtime.forget(&input.api_id);
    Ok(wire::DeleteAccessLogSettingsOutput {})
}

/// Has a route follow the stage's default settings again.
pub async fn delete_route_settings(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteRouteSettings,
) -> AwsResult<wire::DeleteRouteSettingsOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let unknown = || not_found("Unable to find Route by key within the RouteSettings of the stage");
    let end = |stage: &mut Stage| {
        stage.last_updated = now();
        stage.route_settings.remove(&input.route_key).map(drop).ok_or_else(unknown)
    };
    service.store.change_stage(&context, (&input.api_id, &input.stage_name), end).await?;
    service.runtime.forget(&input.api_id);
    Ok(wire::DeleteRouteSettingsOutput {})
}
