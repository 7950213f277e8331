//! Who may call with which API key, and how often anybody may call.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>, "How throttling limit
//! settings are applied": a client's limits for the method, those of its usage plan, those of the stage's method, those of the
//! account. A quota counts what passed them.

use super::authorized::Authorized;
use super::compiled::KeySource;
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use crate::ApiGateway;
use crate::model::{ApiKey, MethodSetting, Throttle, UsagePlan};
use crate::store::key;
use slam_cloud_core::StoreError;
use slam_cloud_core::collection::Scope;
use std::sync::Arc;
use std::time::Instant;

/// Lets a request in, or not.
///
/// # Errors
/// 403 without a key that counts, 429 when there were too many requests.
pub async fn check(service: &ApiGateway, exchange: &mut Exchange<'_>) -> Result<(), GatewayResponse> {
    let client = if exchange.method.needs_key { Some(client(service, exchange)?) } else { None };
    let now = Instant::now();
    if let Some((_, plan)) = &client {
        throttle_client(service, exchange, plan, now)?;
    }
    let method = exchange.method.throttle.as_ref();
    if method.is_some_and(|throttle| !throttle.take(now)) || !account(service, exchange, now) {
        return Err(GatewayResponse::Throttled);
    }
    match client {
        Some((client, plan)) => count(service, &exchange.stage.context, &client, &plan).await,
        None => Ok(()),
    }
}

/// The key that a request brings or its authorizer named, and the plan that covers the stage.
fn client(service: &ApiGateway, exchange: &mut Exchange<'_>) -> Result<(Arc<ApiKey>, Arc<UsagePlan>), GatewayResponse> {
    let value = match exchange.stage.key_source {
        KeySource::Header => exchange.request.header("x-api-key"),
        KeySource::Authorizer => exchange.authorized.as_ref().and_then(Authorized::usage_identifier_key),
    };
    let clients = service.clients(&Scope::regional(&exchange.stage.context));
    let (stage, name) = (&exchange.stage.api_id, &exchange.stage.name);
    let (key, plan) = value.and_then(|value| clients.find(value, stage, name)).ok_or(GatewayResponse::InvalidApiKey)?;
    exchange.api_key = Some(Arc::clone(key));
    Ok((Arc::clone(key), Arc::clone(plan)))
}

fn throttle_client(
    service: &ApiGateway,
    exchange: &Exchange<'_>,
    plan: &UsagePlan,
    now: Instant,
) -> Result<(), GatewayResponse> {
    let client = exchange.api_key.as_ref().map(|key| key.id.as_str()).unwrap_or_default();
    let (api, stage) = (&exchange.stage.api_id, &exchange.stage.name);
    let take = |name: String, throttle: &Throttle| {
        let rate = throttle.rate_limit.unwrap_or(MethodSetting::RATE);
        let burst = throttle.burst_limit.unwrap_or(MethodSetting::BURST);
        match service.runtime.throttles.take(&name, rate, burst, now) {
            true => Ok(()),
            false => Err(GatewayResponse::Throttled),
        }
    };
    let methods = plan.covers(api, stage).map(|stage| &stage.throttle).filter(|methods| !methods.is_empty());
    if let Some(methods) = methods {
        // `/pets/GET`, and `//GET` of the root.
        let method = format!("{}/{}", exchange.resource.path, exchange.method.verb);
        if let Some(throttle) = methods.get(&method) {
            take(format!("{}/{client}/{api}/{stage}{method}", plan.id), throttle)?;
        }
    }
    plan.throttle.as_ref().map_or(Ok(()), |throttle| take(format!("{}/{client}", plan.id), throttle))
}

/// "By default, API Gateway limits the steady-state request rate to 10,000 requests per second. It limits the burst to 5,000 requests
/// across all APIs within an AWS account", in a region.
fn account(service: &ApiGateway, exchange: &Exchange<'_>, now: Instant) -> bool {
    let context = &exchange.stage.context;
    let name = format!("{}:{}", context.account, context.region);
    service.runtime.throttles.take(&name, MethodSetting::RATE, MethodSetting::BURST, now)
}

/// What can go wrong while a request is counted.
enum Uncounted {
    Exceeded,
    Store,
}

impl From<StoreError> for Uncounted {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

/// Counts a request before it goes on, durably: a quota counts over a restart, too.
async fn count(
    service: &ApiGateway,
    context: &slam_cloud_core::Context,
    client: &ApiKey,
    plan: &UsagePlan,
) -> Result<(), GatewayResponse> {
    let Some(quota) = plan.quota else { return Ok(()) };
    let today = service.today();
    let (scope, id) = (Scope::regional(context), key(&plan.id, &client.id));
    let counted = service.store.usage.update(&scope, &id, |usage| {
        let mut usage = usage.cloned().unwrap_or_default();
        usage.count(&quota, today).map_err(|_| Uncounted::Exceeded)?;
        Ok::<_, Uncounted>(Some(usage))
    });
    match counted.await {
        Ok(_) => Ok(()),
        Err(Uncounted::Exceeded) => Err(GatewayResponse::QuotaExceeded),
        Err(Uncounted::Store) => Err(GatewayResponse::Configuration("the request could not be counted".into())),
    }
}
