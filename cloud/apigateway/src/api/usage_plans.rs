//! Usage plans.

use super::paging::page;
use super::tags;
use super::usage_plan_patch::{self, Draft};
use super::usage_plan_rules::{checked_quota, invalid_stage, throttle, unknown_stage};
use crate::ApiGateway;
use crate::error::{conflict, limit_exceeded_in_account, no_usage_plan};
use crate::model::{ApiStage, Period, Quota, UsagePlan};
use crate::patch;
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API".
const PLANS: usize = 300;

/// Creates a plan.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateUsagePlan,
) -> AwsResult<wire::UsagePlan> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    if service.store.usage_plans.list(&scope).len() >= PLANS {
        return Err(limit_exceeded_in_account("Usage Plans"));
    }
    let stages = input.api_stages.unwrap_or_default().into_iter().map(api_stage);
    let plan = UsagePlan {
        id: id::made_by(&context.request_id, "UsagePlan", 6),
        name: input.name,
        description: input.description,
        api_stages: stages.collect::<AwsResult<_>>()?,
        throttle: input.throttle.as_ref().map(throttle).transpose()?,
        quota: input.quota.map(quota).transpose()?,
        product_code: None,
        keys: Vec::new(),
        tags: input.tags.unwrap_or_default(),
        order: slam_cloud_core::Timestamp::now().as_microsecond(),
    };
    tags::check(&plan.tags)?;
    check(&service, &scope, &plan)?;
    put(&service, &scope, plan).await.map(|plan| plan.shape())
}

async fn put(service: &ApiGateway, scope: &Scope, plan: UsagePlan) -> AwsResult<Arc<UsagePlan>> {
    let stored = service.store.usage_plans.put(scope, &plan.id.clone(), plan).await?;
    service.runtime.forget_clients();
    Ok(stored)
}

fn api_stage(stage: wire::ApiStage) -> AwsResult<ApiStage> {
    let (Some(api_id), Some(name)) = (stage.api_id, stage.stage) else { return Err(invalid_stage()) };
    let throttles = stage.throttle.unwrap_or_default().into_iter();
    let throttles = throttles.map(|(method, limits)| Ok((method, throttle(&limits)?)));
    Ok(ApiStage { api_id, stage: name, throttle: throttles.collect::<AwsResult<_>>()? })
}

fn quota(quota: wire::QuotaSettings) -> AwsResult<Quota> {
    let period = quota.period.as_deref().and_then(Period::parse);
    checked_quota(quota.limit, quota.offset.unwrap_or(0), period)
}

/// Whether a plan's stages are there, and none of its keys has another plan for one of them: "a given API key can only be
/// associated with one usage plan for each stage of your API"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>).
fn check(service: &ApiGateway, scope: &Scope, plan: &UsagePlan) -> AwsResult<()> {
    for stage in &plan.api_stages {
        if service.store.stages.get(scope, &key(&stage.api_id, &stage.stage)).is_none() {
            return Err(unknown_stage(plan, &stage.api_id, &stage.stage));
        }
    }
    plan.keys.iter().try_for_each(|key_id| alone(service, scope, plan, key_id))
}

/// Whether no other plan of a key is for a stage of this one.
pub(super) fn alone(service: &ApiGateway, scope: &Scope, plan: &UsagePlan, key_id: &str) -> AwsResult<()> {
    let others = service.store.usage_plans.list(scope).into_iter().map(|(_, other)| other);
    for other in others.filter(|other| other.id != plan.id && other.keys.iter().any(|id| id == key_id)) {
        if let Some(stage) = plan.api_stages.iter().find(|stage| other.covers(&stage.api_id, &stage.stage).is_some()) {
            let (api, name, other) = (&stage.api_id, &stage.stage, &other.id);
            return Err(conflict(format!(
                "API Key {key_id} has the usage plan {other} for the API Stage {{api: {api}, stage: {name}}} already"
            )));
        }
    }
    Ok(())
}

/// Answers a plan.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetUsagePlan) -> AwsResult<wire::UsagePlan> {
    let id = &input.usage_plan_id;
    let plan = service.store.usage_plans.get(&Scope::regional(&context), id).ok_or_else(no_usage_plan)?;
    Ok(with_tags(&plan))
}

/// Recorded: test_usage_plan_crud. One plan by itself is answered with tags even where it has none.
fn with_tags(plan: &UsagePlan) -> wire::UsagePlan {
    let mut shape = plan.shape();
    shape.tags.get_or_insert_default();
    shape
}

/// Answers the plans of the account and region, the oldest first: all, or those of a key.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetUsagePlans,
) -> AwsResult<wire::UsagePlans> {
    let all = service.store.usage_plans.list(&Scope::regional(&context)).into_iter().map(|(_, plan)| plan);
    let mut plans: Vec<Arc<UsagePlan>> =
        all.filter(|plan| input.key_id.as_ref().is_none_or(|key_id| plan.keys.contains(key_id))).collect();
    plans.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    let (items, position) = page(plans, |plan| &plan.id, input.position.as_deref(), input.limit);
    Ok(wire::UsagePlans { position, items: Some(items.iter().map(|plan| plan.shape()).collect()) })
}

/// Changes a plan.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateUsagePlan,
) -> AwsResult<wire::UsagePlan> {
    let patches = patch::read(input.patch_operations)?;
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let plan = service.store.usage_plans.get(&scope, &input.usage_plan_id).ok_or_else(no_usage_plan)?;
    let mut draft = Draft::of(&plan);
    for patch in &patches {
        usage_plan_patch::apply(&mut draft, patch)?;
    }
    let changed = draft.finish()?;
    check(&service, &scope, &changed)?;
    Ok(with_tags(&*put(&service, &scope, changed).await?))
}

/// Deletes a plan, and what was counted by it.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteUsagePlan,
) -> AwsResult<wire::DeleteUsagePlanOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let plan = service.store.usage_plans.remove(&scope, &input.usage_plan_id).await?.ok_or_else(no_usage_plan)?;
    service.runtime.forget_clients();
    for (id, _) in service.store.usage_of(&scope, &plan.id) {
        service.store.usage.remove(&scope, &id).await?;
    }
    Ok(wire::DeleteUsagePlanOutput {})
}
