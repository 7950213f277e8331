//! Which clients a usage plan is for.

use super::api_keys::named;
use super::paging::page;
use super::usage_plans::alone;
use crate::ApiGateway;
use crate::error::{bad_request, conflict, limit_exceeded_in_account, no_api_key, no_usage_plan};
use crate::model::{ApiKey, UsagePlan};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API".
const PLANS_PER_KEY: usize = 10;
const KIND: &str = "API_KEY";

/// A plan.
pub(super) fn known_plan(service: &ApiGateway, scope: &Scope, id: &str) -> AwsResult<Arc<UsagePlan>> {
    service.store.usage_plans.get(scope, id).ok_or_else(no_usage_plan)
}

fn shape(key: &ApiKey, with_value: bool) -> wire::UsagePlanKey {
    wire::UsagePlanKey {
        id: Some(key.id.clone()),
        r#type: Some(KIND.into()),
        value: with_value.then(|| key.value.clone()),
        name: key.name.clone(),
    }
}

/// Has a plan be for a key.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateUsagePlanKey,
) -> AwsResult<wire::UsagePlanKey> {
    if input.key_type != KIND {
        return Err(bad_request("Invalid key type specified. Valid options are: [API_KEY]"));
    }
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    known_plan(&service, &scope, &input.usage_plan_id)?;
    let key = service.store.api_keys.get(&scope, &input.key_id).ok_or_else(no_api_key)?;
    join(&service, &scope, &input.usage_plan_id, &key).await?;
    Ok(shape(&key, true))
}

/// Has a plan be for a key.
pub(super) async fn join(service: &ApiGateway, scope: &Scope, plan_id: &str, key: &ApiKey) -> AwsResult<()> {
    let mut plan = UsagePlan::clone(&*known_plan(service, scope, plan_id)?);
    if plan.keys.contains(&key.id) {
        return Err(conflict(format!("API Key {} is in the usage plan {plan_id} already", key.id)));
    }
    let plans = service.store.usage_plans.list(scope);
    if plans.iter().filter(|(_, plan)| plan.keys.contains(&key.id)).count() >= PLANS_PER_KEY {
        return Err(limit_exceeded_in_account("Usage Plans of an API Key"));
    }
    alone(service, scope, &plan, &key.id)?;
    plan.keys.push(key.id.clone());
    service.store.usage_plans.put(scope, plan_id, plan).await?;
    service.runtime.forget_clients();
    Ok(())
}

/// Answers a key of a plan.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetUsagePlanKey,
) -> AwsResult<wire::UsagePlanKey> {
    let scope = Scope::regional(&context);
    let plan = known_plan(&service, &scope, &input.usage_plan_id)?;
    let key = service.store.api_keys.get(&scope, &input.key_id).filter(|key| plan.keys.contains(&key.id));
    Ok(shape(&*key.ok_or_else(no_api_key)?, true))
}

/// Answers the keys of a plan, in the order in which they came: all, or those whose names begin so.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetUsagePlanKeys,
) -> AwsResult<wire::UsagePlanKeys> {
    let scope = Scope::regional(&context);
    let plan = known_plan(&service, &scope, &input.usage_plan_id)?;
    let keys = plan.keys.iter().filter_map(|id| service.store.api_keys.get(&scope, id));
    let keys: Vec<Arc<ApiKey>> = keys.filter(|key| named(key, input.name_query.as_deref())).collect();
    let (items, position) = page(keys, |key| &key.id, input.position.as_deref(), input.limit);
    Ok(wire::UsagePlanKeys { position, items: Some(items.iter().map(|key| shape(key, true)).collect()) })
}

/// Takes a key from a plan. What was counted for it stays, so that taking it away and back gives nobody more.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteUsagePlanKey,
) -> AwsResult<wire::DeleteUsagePlanKeyOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let mut plan = UsagePlan::clone(&*known_plan(&service, &scope, &input.usage_plan_id)?);
    let position = plan.keys.iter().position(|id| *id == input.key_id).ok_or_else(no_api_key)?;
    plan.keys.remove(position);
    service.store.usage_plans.put(&scope, &input.usage_plan_id, plan).await?;
    service.runtime.forget_clients();
    Ok(wire::DeleteUsagePlanKeyOutput {})
}
