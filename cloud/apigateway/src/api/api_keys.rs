//! API keys.

use super::paging::page;
use super::tags;
use crate::ApiGateway;
use crate::error::{bad_request, conflict, limit_exceeded_in_account, no_api_key, no_stage};
use crate::model::{ApiKey, now};
use crate::patch::{self, Op, Patch};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "API Gateway API key file format"; the same holds for keys that are created one by one.
const VALUE_LENGTH: std::ops::RangeInclusive<usize> = 20..=128;
const NAME_LENGTH: usize = 1024;
/// AWS: "Quotas for configuring and running a REST API".
const KEYS: usize = 10_000;
const VALUE_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Creates a key, with a value of its own where none is given.
pub async fn create(service: Arc<ApiGateway>, context: Context, input: wire::CreateApiKey) -> AwsResult<wire::ApiKey> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let value = match input.value.filter(|value| !value.is_empty()) {
        Some(value) => value,
        None => id::chosen(VALUE_ALPHABET, 40).map_err(|error| AwsError::internal(error.to_string()))?,
    };
    let stage_keys = input.stage_keys.unwrap_or_default().into_iter().map(|stage_key| {
        let (api, stage) = (stage_key.rest_api_id.unwrap_or_default(), stage_key.stage_name.unwrap_or_default());
        known_stage(&service, &scope, key(&api, &stage))
    });
    let made = ApiKey {
        id: id::made_by(&context.request_id, "ApiKey", 10),
        value,
        name: input.name,
        description: input.description,
        enabled: input.enabled.unwrap_or(false),
        customer_id: input.customer_id,
        stage_keys: stage_keys.collect::<AwsResult<_>>()?,
        tags: input.tags.unwrap_or_default(),
        created: now(),
        last_updated: now(),
    };
    check(&made)?;
    if with_value(&service, &scope, &made.value).is_some() {
        return Err(conflict("API Key already exists"));
    }
    put(&service, &scope, made).await.map(|made| made.shape(true))
}

/// Writes a new key, or one that replaces the one of its id.
pub(super) async fn put(service: &ApiGateway, scope: &Scope, made: ApiKey) -> AwsResult<Arc<ApiKey>> {
    let known = service.store.api_keys.get(scope, &made.id).is_some();
    if !known && service.store.api_keys.list(scope).len() >= KEYS {
        return Err(limit_exceeded_in_account("API Keys"));
    }
    let stored = service.store.api_keys.put(scope, &made.id.clone(), made).await?;
    service.runtime.forget_clients();
    Ok(stored)
}

/// The key of a value.
pub(super) fn with_value(service: &ApiGateway, scope: &Scope, value: &str) -> Option<Arc<ApiKey>> {
    service.store.api_keys.list(scope).into_iter().map(|(_, known)| known).find(|known| known.value == value)
}

/// Whether a key may be as it is.
pub(super) fn check(made: &ApiKey) -> AwsResult<()> {
    let length = made.value.chars().count();
    if length < *VALUE_LENGTH.start() {
        return Err(bad_request("API Key value should be at least 20 characters"));
    }
    if length > *VALUE_LENGTH.end() {
        return Err(bad_request("API Key value exceeds maximum size of 128 characters"));
    }
    // It must fit into a header, and into a column of a file.
    if !made.value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad_request("API Key value may only contain visible ASCII characters"));
    }
    if made.name.as_ref().is_some_and(|name| name.chars().count() > NAME_LENGTH) {
        return Err(bad_request(format!("API Key name exceeds maximum size of {NAME_LENGTH} characters")));
    }
    tags::check(&made.tags)
}

fn known_stage(service: &ApiGateway, scope: &Scope, stage: String) -> AwsResult<String> {
    match service.store.stages.get(scope, &stage) {
        Some(_) => Ok(stage),
        None => Err(no_stage()),
    }
}

/// Answers a key.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetApiKey) -> AwsResult<wire::ApiKey> {
    let found = service.store.api_keys.get(&Scope::regional(&context), &input.api_key).ok_or_else(no_api_key)?;
    let mut shape = found.shape(input.include_value.unwrap_or(false));
    shape.tags.get_or_insert_default();
    Ok(shape)
}

/// Answers the keys of the account and region, the oldest first: all, or those whose names begin so.
pub async fn list(service: Arc<ApiGateway>, context: Context, input: wire::GetApiKeys) -> AwsResult<wire::ApiKeys> {
    let all = service.store.api_keys.list(&Scope::regional(&context)).into_iter().map(|(_, found)| found);
    let mut keys: Vec<Arc<ApiKey>> = all
        .filter(|found| named(found, input.name_query.as_deref()))
        .filter(|found| input.customer_id.is_none() || found.customer_id == input.customer_id)
        .collect();
    keys.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    let (items, position) = page(keys, |found| &found.id, input.position.as_deref(), input.limit);
    let with_value = input.include_values.unwrap_or(false);
    let items = items.iter().map(|found| found.shape(with_value)).collect();
    Ok(wire::ApiKeys { items: Some(items), position, warnings: None })
}

/// Whether a key's name begins so.
pub(super) fn named(found: &ApiKey, query: Option<&str>) -> bool {
    query.is_none_or(|query| found.name.as_deref().unwrap_or_default().starts_with(query))
}

/// Changes a key.
pub async fn update(service: Arc<ApiGateway>, context: Context, input: wire::UpdateApiKey) -> AwsResult<wire::ApiKey> {
    let patches = patch::read(input.patch_operations)?;
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let found = service.store.api_keys.get(&scope, &input.api_key).ok_or_else(no_api_key)?;
    let mut changed = ApiKey::clone(&found);
    for patch in &patches {
        apply(&service, &scope, &mut changed, patch)?;
    }
    check(&changed)?;
    changed.last_updated = now();
    let mut shape = put(&service, &scope, changed).await?.shape(false);
    // Recorded: test_api_key_required_for_methods.
    shape.tags.get_or_insert_default();
    Ok(shape)
}

/// <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateApiKey-Patch>
fn apply(service: &ApiGateway, scope: &Scope, changed: &mut ApiKey, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (Op::Replace, ["name"]) => changed.name = patch.optional_text(),
        (Op::Replace, ["description"]) => changed.description = patch.optional_text(),
        (Op::Replace, ["customerId"]) => changed.customer_id = patch.optional_text(),
        (Op::Replace, ["enabled"]) => changed.enabled = patch.flag(),
        (Op::Add, ["stages"]) => {
            let stage = known_stage(service, scope, patch.text())?;
            if !changed.stage_keys.contains(&stage) {
                changed.stage_keys.push(stage);
            }
        }
        (Op::Remove, ["stages"]) => changed.stage_keys.retain(|stage| *stage != patch.text()),
        (_, ["labels"]) => return Err(AwsError::unsupported("the patch path /labels of UpdateApiKey")),
        _ => return Err(patch.unsupported("/name, /description, /customerId, /enabled")),
    }
    Ok(())
}

/// Deletes a key, and what was counted for it.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteApiKey,
) -> AwsResult<wire::DeleteApiKeyOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    service.store.api_keys.remove(&scope, &input.api_key).await?.ok_or_else(no_api_key)?;
    service.runtime.forget_clients();
    for (plan_id, plan) in service.store.usage_plans.list(&scope) {
        if plan.keys.contains(&input.api_key) {
            let mut plan = (*plan).clone();
            plan.keys.retain(|id| *id != input.api_key);
            service.store.usage_plans.put(&scope, &plan_id, plan).await?;
        }
        service.store.usage.remove(&scope, &key(&plan_id, &input.api_key)).await?;
    }
    Ok(wire::DeleteApiKeyOutput {})
}
