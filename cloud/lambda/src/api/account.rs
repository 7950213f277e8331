//! GetAccountSettings, and what is the same for every function.

use crate::LambdaService;
use crate::error::function_not_found;
use crate::model::limits::{CODE_STORAGE, CONCURRENCY, UNZIPPED, ZIPPED};
use crate::model::{Function, FunctionName};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// GetAccountSettings.
pub(super) async fn get_settings(
    service: Arc<LambdaService>,
    context: Context,
    _: wire::GetAccountSettings,
) -> AwsResult<wire::GetAccountSettingsResponse> {
    let scope = Scope::regional(&context);
    let functions = service.store.functions.list(&scope);
    let layers = service.store.layers.list(&scope);
    let code: i64 = functions.iter().flat_map(|(_, function)| function.all_versions().map(|it| it.code.size)).sum();
    // Recorded: `test_account_settings_total_code_size`.
    let layers: i64 = layers.iter().flat_map(|(_, layer)| layer.versions.values().map(|it| it.code.size)).sum();
    Ok(wire::GetAccountSettingsResponse {
        account_limit: Some(wire::AccountLimit {
            total_code_size: Some(CODE_STORAGE),
            code_size_unzipped: i64::try_from(UNZIPPED).ok(),
            code_size_zipped: i64::try_from(ZIPPED).ok(),
            concurrent_executions: Some(CONCURRENCY),
            unreserved_concurrent_executions: Some(CONCURRENCY - service.store.reserved(&scope, None)),
        }),
        account_usage: Some(wire::AccountUsage {
            total_code_size: Some(code + layers),
            function_count: i64::try_from(functions.len()).ok(),
        }),
    })
}

/// GetFunctionCodeSigningConfig: none has one.
pub(super) async fn get_code_signing_config(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionCodeSigningConfig,
) -> AwsResult<wire::GetFunctionCodeSigningConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    service.function(&context, &name)?;
    Ok(wire::GetFunctionCodeSigningConfigResponse { code_signing_config_arn: String::new(), function_name: name.name })
}

/// GetFunctionRecursionConfig.
pub(super) async fn get_recursion_config(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionRecursionConfig,
) -> AwsResult<wire::GetFunctionRecursionConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.function(&context, &name)?;
    Ok(wire::GetFunctionRecursionConfigResponse { recursive_loop: Some(recursion(function.may_loop)) })
}

/// PutFunctionRecursionConfig (recorded: `test_put_function_recursion_config_allow`,
/// `test_put_function_recursion_config_invalid_value`).
pub(super) async fn put_recursion_config(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::PutFunctionRecursionConfig,
) -> AwsResult<wire::PutFunctionRecursionConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let may_loop = input.recursive_loop == "Allow";
    let change = |present: Option<&Function>| {
        let function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        Ok::<_, AwsError>(Some(Function { may_loop, ..function }))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::PutFunctionRecursionConfigResponse { recursive_loop: Some(recursion(may_loop)) })
}

fn recursion(may_loop: bool) -> String {
    if may_loop { "Allow" } else { "Terminate" }.to_owned()
}

/// GetRuntimeManagementConfig: AWS's default.
pub(super) async fn get_runtime_management_config(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetRuntimeManagementConfig,
) -> AwsResult<wire::GetRuntimeManagementConfigResponse> {
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let function = function.ok_or_else(|| function_not_found(&name.qualified_arn(&context)))?;
    function.version(&context, name.qualifier.as_deref())?;
    Ok(wire::GetRuntimeManagementConfigResponse {
        update_runtime_on: Some("Auto".to_owned()),
        function_arn: Some(name.qualified_arn(&context)),
        runtime_version_arn: None,
    })
}
