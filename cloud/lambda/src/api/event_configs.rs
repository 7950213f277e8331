//! The settings of asynchronous invocation: Put-, Update-, Get-, Delete- and ListFunctionEventInvokeConfig(s).

use super::page::page;
use crate::LambdaService;
use crate::error::{invalid_parameter, not_found};
use crate::invoke::destination::{Destination, Kind, as_role};
use crate::model::function::LATEST;
use crate::model::{EventConfig, Function, FunctionName};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// What Put and Update carry, and the function or alias they are about.
struct Change {
    name: FunctionName,
    retries: Option<i64>,
    age: Option<i64>,
    on_success: Option<String>,
    on_failure: Option<String>,
}

impl Change {
    async fn new(
        service: &LambdaService,
        context: &Context,
        name: FunctionName,
        (retries, age): (Option<i64>, Option<i64>),
        destinations: Option<wire::DestinationConfig>,
    ) -> AwsResult<Self> {
        if retries.is_none() && age.is_none() && destinations.is_none() {
            return Err(invalid_parameter("You must specify at least one of error handling or destination setting."));
        }
        let destinations = destinations.unwrap_or_default();
        let on_success = destinations.on_success.and_then(|on| on.destination);
        let on_failure = destinations.on_failure.and_then(|on| on.destination);
        let (success, failure) = (on_success.as_deref(), on_failure.as_deref());
        for (destination, is_failure) in
            success.map(|arn| (arn, false)).into_iter().chain(failure.map(|arn| (arn, true)))
        {
            check(service, context, &name, destination, is_failure)
                .await?
                .ok_or_else(|| invalid_destinations(success, failure))?;
        }
        Ok(Self { name, retries, age, on_success, on_failure })
    }
}

/// PutFunctionEventInvokeConfig: replaces what was set.
pub(super) async fn put(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::PutFunctionEventInvokeConfig,
) -> AwsResult<wire::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let numbers = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
    let change = Change::new(&service, &context, name, numbers, input.destination_config).await?;
    exists(&service, &context, &change.name)?;
    write(&service, &context, &change, |_| {
        Ok(EventConfig {
            retries: change.retries,
            age: change.age,
            on_success: change.on_success.clone(),
            on_failure: change.on_failure.clone(),
            modified: Timestamp::now(),
        })
    })
    .await
}

/// UpdateFunctionEventInvokeConfig: leaves what is not named as it was.
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateFunctionEventInvokeConfig,
) -> AwsResult<wire::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let missing = none(&context, &name);
    let numbers = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
    let change = Change::new(&service, &context, name, numbers, input.destination_config).await?;
    write(&service, &context, &change, |before| {
        let before = before.ok_or(missing)?;
        Ok(EventConfig {
            retries: change.retries.or(before.retries),
            age: change.age.or(before.age),
            on_success: change.on_success.clone().or_else(|| before.on_success.clone()),
            on_failure: change.on_failure.clone().or_else(|| before.on_failure.clone()),
            modified: Timestamp::now(),
        })
    })
    .await
}

async fn write(
    service: &LambdaService,
    context: &Context,
    change: &Change,
    next: impl FnOnce(Option<&EventConfig>) -> AwsResult<EventConfig>,
) -> AwsResult<wire::FunctionEventInvokeConfig> {
    let name = &change.name;
    let mut shown = None;
    let update = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| not_found("The function doesn't exist."))?;
        let config = next(function.event_configs.get(qualifier(name)))?;
        shown = Some(config.shown(arn(context, name)));
        function.event_configs.insert(qualifier(name).to_owned(), config);
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(context), &name.name, update).await?;
    shown.ok_or_else(|| AwsError::internal("the settings were not written"))
}

/// GetFunctionEventInvokeConfig.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionEventInvokeConfig,
) -> AwsResult<wire::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let config = function.as_ref().and_then(|function| function.event_configs.get(qualifier(&name)));
    Ok(config.ok_or_else(|| none(&context, &name))?.shown(arn(&context, &name)))
}

/// DeleteFunctionEventInvokeConfig.
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteFunctionEventInvokeConfig,
) -> AwsResult<wire::DeleteFunctionEventInvokeConfigOutput> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| none(&context, &name))?;
        function.event_configs.remove(qualifier(&name)).ok_or_else(|| none(&context, &name))?;
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::DeleteFunctionEventInvokeConfigOutput {})
}

/// ListFunctionEventInvokeConfigs.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListFunctionEventInvokeConfigs,
) -> AwsResult<wire::ListFunctionEventInvokeConfigsResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let function = function.ok_or_else(|| not_found("The function doesn't exist."))?;
    let items = function
        .event_configs
        .iter()
        .map(|(qualifier, config)| (qualifier.clone(), config.shown(format!("{}:{qualifier}", name.arn(&context)))));
    let (configs, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListFunctionEventInvokeConfigsResponse { function_event_invoke_configs: Some(configs), next_marker })
}

fn qualifier(name: &FunctionName) -> &str {
    name.qualifier.as_deref().unwrap_or(LATEST)
}

fn arn(context: &Context, name: &FunctionName) -> String {
    format!("{}:{}", name.arn(context), qualifier(name))
}

fn none(context: &Context, name: &FunctionName) -> AwsError {
    not_found(format!("The function {} doesn't have an EventInvokeConfig", arn(context, name)))
}

fn exists(service: &LambdaService, context: &Context, name: &FunctionName) -> AwsResult<()> {
    let function = service.store.functions.get(&Scope::regional(context), &name.name);
    let found = function.is_some_and(|function| function.version(context, name.qualifier.as_deref()).is_ok());
    if found { Ok(()) } else { Err(not_found("The function doesn't exist.")) }
}

/// Whether an ARN may be a destination; `None` where AWS has no such ones.
async fn check(
    service: &LambdaService,
    context: &Context,
    name: &FunctionName,
    arn: &str,
    is_failure: bool,
) -> AwsResult<Option<()>> {
    let Some(destination) = Destination::parse(arn) else { return Ok(None) };
    match destination.kind() {
        Kind::S3 if !is_failure => return Ok(None),
        Kind::Lambda => {
            let other = FunctionName::parse(context, arn, None);
            let other = other.ok().filter(|other| exists(service, context, other).is_ok());
            let invalid = || invalid_parameter(format!("The destination ARN {arn} is invalid."));
            if other.ok_or_else(invalid)?.name == name.name {
                return Err(invalid_parameter("You can't specify the function as a destination for itself."));
            }
        }
        _ => {}
    }
    // Of a function that is not there the caller is told afterwards.
    if let Some(function) = service.store.functions.get(&Scope::regional(context), &name.name)
        && let Ok(target) = function.version(context, name.qualifier.as_deref())
    {
        let as_role = as_role(&service.cloud, context, &name.name, &target.version.role).await?;
        destination.check(&service.cloud, &as_role).await?;
    }
    Ok(Some(()))
}

fn invalid_destinations(on_success: Option<&str>, on_failure: Option<&str>) -> AwsError {
    let shown = |kind: &str, arn: Option<&str>| {
        arn.map_or_else(|| "null".to_owned(), |arn| format!("{kind}(destination={arn})"))
    };
    invalid_parameter(format!(
        "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
        shown("OnSuccess", on_success),
        shown("OnFailure", on_failure)
    ))
}
