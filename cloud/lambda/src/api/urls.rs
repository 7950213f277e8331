//! CreateFunctionUrlConfig, GetFunctionUrlConfig, UpdateFunctionUrlConfig, DeleteFunctionUrlConfig, ListFunctionUrlConfigs.

use super::page::page;
use crate::LambdaService;
use crate::error::{conflict, invalid_parameter, not_found};
use crate::model::url::Cors;
use crate::model::{Function, FunctionName, FunctionUrl};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp, id};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// What AWS's schema of `AWS::Lambda::Url` lists; the API reference says that all others are none.
const METHODS: [&str; 7] = ["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"];

/// CreateFunctionUrlConfig.
pub(super) async fn create(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::CreateFunctionUrlConfig,
) -> AwsResult<wire::CreateFunctionUrlConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let now = Timestamp::now();
    let mut url = FunctionUrl {
        id: id::made_by(&context.request_id, "FunctionUrl", 32),
        auth_type: input.auth_type,
        cors: input.cors.map(checked).transpose()?.flatten(),
        invoke_mode: input.invoke_mode,
        created: now,
        modified: now,
        port: None,
    };
    check_free(service.store.functions.get(&Scope::regional(&context), &name.name).as_deref(), &context, &name)?;
    url.port = service.open_url(&context, &name, &url).await;
    let made = url.clone();
    let change = |present: Option<&Function>| {
        let mut function = check_free(present, &context, &name)?.clone();
        function.urls.insert(key(&name), url);
        Ok::<_, AwsError>(Some(function))
    };
    if let Err(error) = service.store.functions.update(&Scope::regional(&context), &name.name, change).await {
        service.close_url(&made.id).await;
        return Err(error);
    }
    let config = made.shown(name.qualified_arn(&context), service.address(&context.region, &made));
    Ok(wire::CreateFunctionUrlConfigResponse {
        function_url: config.function_url,
        function_arn: config.function_arn,
        auth_type: config.auth_type,
        cors: config.cors,
        creation_time: config.creation_time,
        invoke_mode: made.invoke_mode,
    })
}

/// GetFunctionUrlConfig.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionUrlConfig,
) -> AwsResult<wire::GetFunctionUrlConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let url = function.as_ref().and_then(|function| function.urls.get(&key(&name))).ok_or_else(none)?;
    let config = url.shown(name.qualified_arn(&context), service.address(&context.region, url));
    Ok(wire::GetFunctionUrlConfigResponse {
        function_url: config.function_url,
        function_arn: config.function_arn,
        auth_type: config.auth_type,
        cors: config.cors,
        creation_time: config.creation_time,
        last_modified_time: config.last_modified_time,
        invoke_mode: config.invoke_mode,
    })
}

/// UpdateFunctionUrlConfig: leaves what is not named as it was (recorded: `test_lambda_update_function_url_config`).
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateFunctionUrlConfig,
) -> AwsResult<wire::UpdateFunctionUrlConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let cors = input.cors.map(checked).transpose()?;
    let mut changed = None;
    let change = |present: Option<&Function>| {
        let mut function = there(present, &name)?.clone();
        let url = function.urls.get_mut(&key(&name)).ok_or_else(none)?;
        url.auth_type = input.auth_type.unwrap_or_else(|| url.auth_type.clone());
        url.cors = cors.unwrap_or_else(|| url.cors.clone());
        url.invoke_mode = input.invoke_mode.or_else(|| url.invoke_mode.clone());
        url.modified = Timestamp::now();
        changed = Some(url.clone());
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    let url = changed.ok_or_else(|| AwsError::internal("the function URL was not changed"))?;
    let config = url.shown(name.qualified_arn(&context), service.address(&context.region, &url));
    Ok(wire::UpdateFunctionUrlConfigResponse {
        function_url: config.function_url,
        function_arn: config.function_arn,
        auth_type: config.auth_type,
        cors: config.cors,
        creation_time: config.creation_time,
        last_modified_time: config.last_modified_time,
        invoke_mode: url.invoke_mode,
    })
}

/// DeleteFunctionUrlConfig. Without a qualifier those of aliases stay (recorded: `test_url_config_deletion_without_qualifier`).
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteFunctionUrlConfig,
) -> AwsResult<wire::DeleteFunctionUrlConfigOutput> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let mut deleted = None;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(none)?;
        deleted = Some(function.urls.remove(&key(&name)).ok_or_else(none)?);
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    if let Some(url) = deleted {
        service.close_url(&url.id).await;
    }
    Ok(wire::DeleteFunctionUrlConfigOutput {})
}

/// ListFunctionUrlConfigs: the function's own and those of its aliases (recorded: `test_url_config_list_paging`).
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListFunctionUrlConfigs,
) -> AwsResult<wire::ListFunctionUrlConfigsResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name).ok_or_else(no_function)?;
    let items = function.urls.iter().map(|(qualifier, url)| {
        let qualifier = Some(qualifier.clone()).filter(|qualifier| !qualifier.is_empty());
        let arn = FunctionName { name: name.name.clone(), qualifier }.qualified_arn(&context);
        (arn.clone(), url.shown(arn, service.address(&context.region, url)))
    });
    let (function_url_configs, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListFunctionUrlConfigsResponse { function_url_configs, next_marker })
}

/// Under which a function has the URL: its alias, the empty string for the function's own.
fn key(name: &FunctionName) -> String {
    name.qualifier.clone().unwrap_or_default()
}

/// The function, with the alias that was named.
fn there<'f>(function: Option<&'f Function>, name: &FunctionName) -> AwsResult<&'f Function> {
    let is_there =
        |function: &&Function| name.qualifier.as_ref().is_none_or(|alias| function.aliases.contains_key(alias));
    function.filter(is_there).ok_or_else(no_function)
}

/// The same, which has no URL yet.
fn check_free<'f>(function: Option<&'f Function>, context: &Context, name: &FunctionName) -> AwsResult<&'f Function> {
    let function = there(function, name)?;
    if function.urls.contains_key(&key(name)) {
        // Recorded: `test_url_config_lifecycle`.
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for \
             this Lambda function",
            name.qualified_arn(context)
        )));
    }
    Ok(function)
}

/// A configuration that says anything.
fn checked(cors: wire::Cors) -> AwsResult<Option<Cors>> {
    let unknown = cors.allow_methods.iter().flatten().find(|method| !METHODS.contains(&method.as_str()));
    if let Some(method) = unknown {
        return Err(invalid_parameter(format!(
            "Invalid method {method} in the CORS configuration of the function URL"
        )));
    }
    Ok(Some(Cors::from(cors)).filter(|cors| *cors != Cors::default()))
}

/// What is said where a function is looked for (recorded: `test_url_config_exceptions`), and where its URL is.
fn no_function() -> AwsError {
    not_found("Function does not exist")
}

fn none() -> AwsError {
    not_found("The resource you requested does not exist.")
}
