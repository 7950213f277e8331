//! UpdateFunctionConfiguration, and the settings that it shares with CreateFunction.

use crate::LambdaService;
use crate::error::{function_not_found, invalid_parameter, revision_mismatch};
use crate::invoke::destination::{Destination, Kind, as_role};
use crate::model::configuration::{Progress, shown};
use crate::model::function::Logging;
use crate::model::{Function, FunctionName, limits};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The settings of a new function, checked.
pub(super) struct Settings {
    pub(super) role: String,
    pub(super) description: Option<String>,
    pub(super) timeout: Option<i64>,
    pub(super) memory: Option<i64>,
    pub(super) environment: Option<BTreeMap<String, String>>,
    pub(super) tracing: Option<String>,
    pub(super) architectures: Option<Vec<String>>,
    pub(super) ephemeral_storage: Option<i64>,
    pub(super) logging: Option<wire::LoggingConfig>,
    pub(super) dead_letters: Option<String>,
    pub(super) publish: bool,
}

impl Settings {
    pub(super) fn of_new(input: wire::CreateFunction) -> AwsResult<Self> {
        let settings = Self {
            role: input.role,
            description: input.description,
            timeout: input.timeout,
            memory: input.memory_size,
            environment: input.environment.map(|environment| environment.variables.unwrap_or_default()),
            tracing: input.tracing_config.and_then(|tracing| tracing.mode),
            architectures: input.architectures.filter(|architectures| !architectures.is_empty()),
            ephemeral_storage: input.ephemeral_storage.map(|storage| storage.size),
            logging: input.logging_config,
            dead_letters: input.dead_letter_config.and_then(|letters| letters.target_arn).filter(|arn| !arn.is_empty()),
            publish: input.publish.unwrap_or(false),
        };
        check(settings.timeout, settings.memory, settings.ephemeral_storage, settings.environment.as_ref())?;
        Ok(settings)
    }
}

fn check(
    timeout: Option<i64>,
    memory: Option<i64>,
    ephemeral_storage: Option<i64>,
    environment: Option<&BTreeMap<String, String>>,
) -> AwsResult<()> {
    timeout.map_or(Ok(()), limits::timeout)?;
    memory.map_or(Ok(()), limits::memory)?;
    ephemeral_storage.map_or(Ok(()), limits::ephemeral_storage)?;
    environment.map_or(Ok(()), limits::environment)
}

/// Whether a function with this role may send what is given up to a queue or topic.
///
/// # Errors
/// AWS's, when there is no such place, or the role may not.
pub(super) async fn check_dead_letters(
    service: &LambdaService,
    context: &Context,
    name: &FunctionName,
    role: &str,
    arn: &str,
) -> AwsResult<()> {
    let place = Destination::parse(arn).filter(|place| matches!(place.kind(), Kind::Sqs | Kind::Sns));
    let Some(place) = place else {
        // In words of ours.
        return Err(invalid_parameter(format!(
            "The target {arn} of DeadLetterConfig is neither a queue of SQS nor a topic of SNS."
        )));
    };
    let as_role = as_role(&service.cloud, context, &name.name, role).await?;
    place.check(&service.cloud, &as_role).await
}

/// The logging of a function after a change; levels go with JSON alone.
pub(super) fn logging(before: &Logging, function: &str, change: Option<wire::LoggingConfig>) -> AwsResult<Logging> {
    let Some(change) = change else { return Ok(before.clone()) };
    let json = change.log_format.as_deref().map_or(before.json, |format| format == "JSON");
    let levels = change.application_log_level.is_some() || change.system_log_level.is_some();
    if levels && !json {
        return Err(invalid_parameter("To use ApplicationLogLevel or SystemLogLevel, you must set LogFormat to JSON."));
    }
    let level = |change: Option<String>, before: &Option<String>| {
        json.then(|| change.or_else(|| before.clone()).unwrap_or_else(|| "INFO".to_owned()))
    };
    let group = change
        .log_group
        .filter(|group| !group.is_empty())
        .unwrap_or_else(|| if before.group.is_empty() { Logging::of(function).group } else { before.group.clone() });
    Ok(Logging {
        group,
        json,
        application_level: level(change.application_log_level, &before.application_level),
        system_level: level(change.system_log_level, &before.system_level),
    })
}

/// UpdateFunctionConfiguration.
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateFunctionConfiguration,
) -> AwsResult<wire::FunctionConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let scope = Scope::regional(&context);
    let function = service.function(&context, &name)?;
    let environment = input.environment.map(|environment| environment.variables.unwrap_or_default());
    let storage = input.ephemeral_storage.map(|storage| storage.size);
    check(input.timeout, input.memory_size, storage, environment.as_ref())?;
    if let Some(runtime) = &input.runtime {
        service.check_runtime(runtime).await?;
    }
    if let Some(role) = input.role.as_ref().filter(|role| **role != function.latest.role) {
        crate::pool::role::check(&service.cloud, &context, &name.arn(&context), role, &name.name).await?;
    }
    // One without a target changes nothing, as recorded (`test_dead_letter_queue`), and an empty target takes it away.
    let dead_letters = input.dead_letter_config.and_then(|letters| letters.target_arn);
    if let Some(arn) = dead_letters.as_deref().filter(|arn| !arn.is_empty()) {
        let role = input.role.as_deref().unwrap_or(&function.latest.role);
        check_dead_letters(&service, &context, &name, role, arn).await?;
    }
    let (layers, layer_holds) = match &input.layers {
        Some(arns) => {
            let (layers, holds) = service.attached(&context, arns).await?;
            service.check_unzipped(&function.latest.code, &layers).await?;
            (Some(layers), holds)
        }
        None => (None, Vec::new()),
    };
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        if input.revision_id.as_ref().is_some_and(|revision| *revision != function.latest.revision) {
            return Err(revision_mismatch("GetFunction/GetAlias"));
        }
        let latest = &mut function.latest;
        let before = latest.clone();
        let set = |place: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *place = value;
            }
        };
        set(&mut latest.role, input.role);
        set(&mut latest.handler, input.handler);
        set(&mut latest.description, input.description);
        set(&mut latest.runtime, input.runtime);
        set(&mut latest.tracing, input.tracing_config.and_then(|tracing| tracing.mode));
        latest.timeout = input.timeout.unwrap_or(latest.timeout);
        latest.memory = input.memory_size.unwrap_or(latest.memory);
        latest.ephemeral_storage = storage.unwrap_or(latest.ephemeral_storage);
        latest.environment = environment.or_else(|| latest.environment.take());
        if let Some(arn) = dead_letters {
            latest.dead_letters = Some(arn).filter(|arn| !arn.is_empty());
        }
        latest.layers = layers.unwrap_or_else(|| std::mem::take(&mut latest.layers));
        latest.logging = logging(&before.logging, &name.name, input.logging_config)?;
        if *latest == before {
            latest.revision = slam_cloud_core::id::request_id();
        } else {
            latest.touch();
        }
        Ok::<_, AwsError>(Some(function))
    };
    let updated = service.store.functions.update(&scope, &name.name, change).await?;
    let function = updated.ok_or_else(|| function_not_found(&name.arn(&context)))?;
    drop(layer_holds);
    service.pool.retire(&scope, &name.name);
    service.code.sweep_soon();
    Ok(shown(&context, &name.name, name.arn(&context), &function.latest, Progress::Updating))
}
