//! PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency.

use crate::LambdaService;
use crate::error::{function_not_found, invalid_parameter};
use crate::model::limits::{CONCURRENCY, UNRESERVED};
use crate::model::{Function, FunctionName};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// PutFunctionConcurrency.
pub(super) async fn put(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::PutFunctionConcurrency,
) -> AwsResult<wire::Concurrency> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    if name.qualifier.is_some() {
        return Err(invalid_parameter(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN.",
        ));
    }
    let scope = Scope::regional(&context);
    let wanted = input.reserved_concurrent_executions;
    // AWS names the version here, and here only.
    let missing = || function_not_found(&format!("{}:$LATEST", name.arn(&context)));
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(missing)?;
        if service.store.reserved(&scope, Some(&name.name)) + wanted > CONCURRENCY - UNRESERVED {
            let message = format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                 below its minimum value of [{UNRESERVED}]."
            );
            return Err(AwsError::bad_request("InvalidParameterValueException", message));
        }
        function.reserved_concurrency = Some(wanted);
        Ok(Some(function))
    };
    service.store.functions.update(&scope, &name.name, change).await?;
    Ok(wire::Concurrency { reserved_concurrent_executions: Some(wanted) })
}

/// GetFunctionConcurrency.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetFunctionConcurrency,
) -> AwsResult<wire::GetFunctionConcurrencyResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let reserved = service.function(&context, &name)?.reserved_concurrency;
    Ok(wire::GetFunctionConcurrencyResponse { reserved_concurrent_executions: reserved })
}

/// DeleteFunctionConcurrency.
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteFunctionConcurrency,
) -> AwsResult<wire::DeleteFunctionConcurrencyOutput> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        function.reserved_concurrency = None;
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::DeleteFunctionConcurrencyOutput {})
}
