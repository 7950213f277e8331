//! CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction.

use super::configuration::{Settings, check_dead_letters, logging};
use super::page::page;
use crate::LambdaService;
use crate::error::{conflict, function_not_found, invalid_parameter, unsupported};
use crate::model::configuration::{Progress, shown};
use crate::model::function::{LATEST, Logging};
use crate::model::runtime::Runtime;
use crate::model::{Function, FunctionName, Version, limits};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::lambda as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// CreateFunction.
pub(super) async fn create(
    service: Arc<LambdaService>,
    context: Context,
    mut input: wire::CreateFunction,
) -> AwsResult<wire::FunctionConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    if name.qualifier.is_some() {
        return Err(invalid_parameter("The function name of a new function cannot have a qualifier."));
    }
    name.check_length()?;
    refuse_image(&input)?;
    // Before it is known whether the function is there already (recorded: `test_layer_function_exceptions`).
    let (layers, layer_holds) = service.attached(&context, &input.layers.take().unwrap_or_default()).await?;
    let scope = Scope::regional(&context);
    let exists = || conflict(format!("Function already exist: {}", name.name));
    if service.store.functions.get(&scope, &name.name).is_some() {
        return Err(exists());
    }
    let tags = input.tags.take().unwrap_or_default();
    limits::tags(&tags)?;
    let runtime = input.runtime.take().ok_or_else(|| missing("Runtime"))?;
    let handler = input.handler.take().ok_or_else(|| missing("Handler"))?;
    let code = std::mem::take(&mut input.code);
    let settings = Settings::of_new(input)?;
    service.check_runtime(&runtime).await?;
    let arn = name.arn(&context);
    crate::pool::role::check(&service.cloud, &context, &arn, &settings.role, &name.name).await?;
    if let Some(letters) = &settings.dead_letters {
        check_dead_letters(&service, &context, &name, &settings.role, letters).await?;
    }
    let (package, hold) = service.fetch(&context, super::source::Source::of_new(code)?).await?;
    service.check_unzipped(&package, &layers).await?;

    let mut latest = Version {
        label: LATEST.to_owned(),
        runtime,
        role: settings.role,
        handler,
        code: package,
        layers,
        description: settings.description.unwrap_or_default(),
        timeout: settings.timeout.unwrap_or(3),
        memory: settings.memory.unwrap_or(128),
        environment: settings.environment,
        tracing: settings.tracing.unwrap_or_else(|| "PassThrough".to_owned()),
        architectures: settings.architectures.unwrap_or_else(|| vec!["x86_64".to_owned()]),
        ephemeral_storage: settings.ephemeral_storage.unwrap_or(512),
        logging: logging(&Logging::of(&name.name), &name.name, settings.logging)?,
        dead_letters: settings.dead_letters,
        revision: String::new(),
        modified: Timestamp::now(),
        generation: String::new(),
    };
    latest.touch();
    let mut function = Function {
        name: name.name.clone(),
        latest,
        versions: BTreeMap::new(),
        next_version: 1,
        aliases: BTreeMap::new(),
        policies: BTreeMap::new(),
        tags,
        reserved_concurrency: None,
        event_configs: BTreeMap::new(),
        may_loop: false,
        urls: BTreeMap::new(),
    };
    let published = settings.publish.then(|| function.publish(None));
    let mut configuration = shown(&context, &name.name, arn, &function.latest, Progress::Creating);
    if let Some(number) = published {
        configuration.version = Some(number.to_string());
    }
    let created = service.store.functions.update(&scope, &name.name, |present| match present {
        Some(_) => Err(exists()),
        None => Ok(Some(function)),
    });
    created.await?;
    drop((hold, layer_holds));
    Ok(configuration)
}

fn missing(member: &str) -> AwsError {
    invalid_parameter(format!("{member} is mandatory for functions created with deployment packages."))
}

/// Images are refused in words that say what is not there.
fn refuse_image(input: &wire::CreateFunction) -> AwsResult<()> {
    let image = input.package_type.as_deref() == Some("Image") || input.code.image_uri.is_some();
    if image {
        return Err(unsupported("PackageType Image (functions from container images) of CreateFunction"));
    }
    Ok(())
}

/// GetFunction.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunction,
) -> AwsResult<wire::GetFunctionResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.function(&context, &name)?;
    let version = function.version(&context, name.qualifier.as_deref())?.version;
    let link = service.links.to(&version.code.hash);
    Ok(wire::GetFunctionResponse {
        configuration: Some(shown(&context, &name.name, name.qualified_arn(&context), version, Progress::Done)),
        code: Some(wire::FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: Some(format!("{}{link}", service.cloud.settings().endpoint())),
            ..Default::default()
        }),
        tags: (name.qualifier.is_none() && !function.tags.is_empty()).then(|| function.tags.clone()),
        concurrency: function
            .reserved_concurrency
            .map(|reserved| wire::Concurrency { reserved_concurrent_executions: Some(reserved) }),
        ..Default::default()
    })
}

/// GetFunctionConfiguration.
pub(super) async fn get_configuration(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionConfiguration,
) -> AwsResult<wire::FunctionConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.function(&context, &name)?;
    let version = function.version(&context, name.qualifier.as_deref())?.version;
    Ok(shown(&context, &name.name, name.qualified_arn(&context), version, Progress::Done))
}

/// ListFunctions.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListFunctions,
) -> AwsResult<wire::ListFunctionsResponse> {
    let all = input.function_version.as_deref() == Some("ALL");
    let functions = service.store.functions.list(&Scope::regional(&context));
    let items = functions.iter().flat_map(|(_, function)| {
        let versions = if all { function.versions.len() } else { 0 };
        function.all_versions().take(1 + versions).enumerate().map(|(index, version)| {
            let arn = crate::model::name::function_arn(&context, &function.name);
            let arn = if all { format!("{arn}:{}", version.label) } else { arn };
            // Padded, so that the order of ids is the order of versions.
            let id = format!("{} {index:08}", function.name);
            (id, shown(&context, &function.name, arn, version, Progress::Untold))
        })
    });
    let (functions, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListFunctionsResponse { functions: Some(functions), next_marker })
}

/// DeleteFunction: the whole function, or one of its versions.
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteFunction,
) -> AwsResult<wire::DeleteFunctionResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid_parameter("$LATEST version cannot be deleted without deleting the function."));
    }
    let scope = Scope::regional(&context);
    let mut urls = Vec::new();
    let change = |present: Option<&Function>| {
        // A function that is not there is not found whichever version of it was named, as recorded.
        let function = present.ok_or_else(|| function_not_found(&name.arn(&context)))?;
        match &name.qualifier {
            None => {
                urls.extend(function.urls.values().map(|url| url.id.clone()));
                Ok(None)
            }
            Some(qualifier) => without_version(function, qualifier).map(Some),
        }
    };
    service.store.functions.update(&scope, &name.name, change).await?;
    service.pool.retire(&scope, &name.name);
    service.code.sweep_soon();
    for url in urls {
        service.close_url(&url).await;
    }
    Ok(wire::DeleteFunctionResponse { status_code: Some(204) })
}

fn without_version(function: &Function, qualifier: &str) -> AwsResult<Function> {
    let Ok(number) = qualifier.parse::<u64>() else {
        return Err(invalid_parameter(
            "Deletion of aliases is not currently supported. Please use DeleteAlias to delete an alias.",
        ));
    };
    let used: Vec<&str> = function
        .aliases
        .values()
        .filter(|alias| alias.version == qualifier || alias.weights.contains_key(qualifier))
        .map(|alias| alias.name.as_str())
        .collect();
    if !used.is_empty() {
        return Err(conflict(format!(
            "Version {qualifier} of function {} is referenced by the aliases [{}] and cannot be deleted.",
            function.name,
            used.join(", ")
        )));
    }
    let mut function = function.clone();
    // Deleting what is not there succeeds.
    function.versions.remove(&number);
    function.policies.remove(qualifier);
    function.event_configs.remove(qualifier);
    Ok(function)
}

impl LambdaService {
    /// The function that was named.
    ///
    /// # Errors
    /// When there is none; the message names what was asked for, qualifier included.
    pub(super) fn function(&self, context: &Context, name: &FunctionName) -> AwsResult<Arc<Function>> {
        let function = self.store.functions.get(&Scope::regional(context), &name.name);
        function.ok_or_else(|| function_not_found(&name.qualified_arn(context)))
    }

    /// Makes sure that a runtime is one that runs here.
    ///
    /// # Errors
    /// When AWS does not have it, this cloud does not support it, or this machine lacks what it needs.
    pub(super) async fn check_runtime(&self, runtime: &str) -> AwsResult<()> {
        let (runtime, runtimes) = (Runtime::parse(runtime)?, self.runtimes.clone());
        crate::code::blocking(move || runtimes.check(&runtime).map_err(invalid_parameter)).await
    }
}
