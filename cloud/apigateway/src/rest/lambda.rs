//! Calls functions.

use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::target::Target;
use crate::ApiGateway;
use crate::SERVICE;
use bytes::Bytes;
use slam_cloud_core::{AwsError, AwsResult, Context, Operation, id};
use slam_cloud_wire::lambda::{InvocationResponse, Invoke, InvokeWithResponseStream, InvokeWithResponseStreamResponse};
use std::sync::Arc;

/// Invokes the function of an integration and waits for it as long as the integration may take.
///
/// # Errors
/// 500 when the function cannot be called, 504 when it takes too long.
pub async fn invoke(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    payload: Bytes,
    invocation_type: Option<String>,
) -> Result<InvocationResponse, GatewayResponse> {
    let (function_name, qualifier, context) = called(service, exchange).await?;
    let operation = Invoke { function_name, qualifier, invocation_type, payload: Some(payload), ..Invoke::default() };
    call(service, exchange, context, operation).await
}

/// Invokes the function of an integration and waits, as long, until it begins to answer.
///
/// # Errors
/// As [`invoke`].
pub async fn stream(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    payload: Bytes,
) -> Result<InvokeWithResponseStreamResponse, GatewayResponse> {
    let (function_name, qualifier, context) = called(service, exchange).await?;
    let operation = InvokeWithResponseStream {
        function_name,
        qualifier,
        payload: Some(payload),
        ..InvokeWithResponseStream::default()
    };
    call(service, exchange, context, operation).await
}

/// The invocation runs on a task of its own: on AWS a function goes on when API Gateway has stopped waiting.
async fn call<O: Operation>(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    context: Context,
    operation: O,
) -> Result<O::Output, GatewayResponse> {
    let cloud = service.cloud.clone();
    let invocation = tokio::spawn(async move { cloud.call(context, operation).await });
    match tokio::time::timeout(exchange.method.integration.timeout, invocation).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(refused(&error)),
        Ok(Err(failure)) => Err(GatewayResponse::Configuration(failure.to_string())),
        Err(_) => Err(GatewayResponse::IntegrationTimeout),
    }
}

/// The function, its qualifier, and who calls it.
async fn called(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
) -> Result<(String, Option<String>, Context), GatewayResponse> {
    let function = match &exchange.method.integration.target {
        Target::Lambda(function) => function,
        Target::Invalid(reason) => return Err(GatewayResponse::Configuration(reason.clone())),
        _ => return Err(GatewayResponse::Configuration("the integration names no function".into())),
    };
    let mut context = caller(service, exchange).await.map_err(|error| refused(&error))?;
    context.account = Arc::clone(&function.account);
    context.region = Arc::clone(&function.region);
    Ok((function.arn.clone(), function.qualifier.clone(), context))
}

/// Who calls: API Gateway itself, which the function's policy must allow, or the integration's role.
pub async fn caller(service: &Arc<ApiGateway>, exchange: &Exchange<'_>) -> AwsResult<Context> {
    let stage = &exchange.stage.context;
    let mut context = match &exchange.method.integration.credentials {
        Some(role) => service.roles.take_on(&service.cloud, stage, role).await?,
        None => stage.as_service(SERVICE, Some(&exchange.method_arn(&exchange.resource.path))),
    };
    context.request_id = id::request_id().into();
    context.trace = Some(exchange.arrival.handed_on.as_str().into());
    context.source_ip = None;
    Ok(context)
}

fn refused(error: &AwsError) -> GatewayResponse {
    match error.code.as_ref() {
        "RequestEntityTooLargeException" | "RequestTooLargeException" => GatewayResponse::RequestTooLarge,
        _ => GatewayResponse::Configuration(error.to_string()),
    }
}
