//! Calls functions.

use super::answer::Answer;
use super::compiled::CompiledIntegration;
use super::exchange::Exchange;
use super::failure::Failure;
use super::{event, event_one, reply};
use crate::model::PayloadFormat;
use crate::{ApiGatewayV2, SERVICE};
use bytes::Bytes;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_gateway::function::Function;
use slam_cloud_wire::lambda::{InvocationResponse, Invoke};
use std::sync::Arc;
use std::time::Duration;

/// Hands a request to the function of an integration.
///
/// # Errors
/// 500 when it cannot be called, fails or answers something else; 503 when it takes too long or has no room.
pub async fn proxy(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    integration: &CompiledIntegration,
    function: &Function,
    format: PayloadFormat,
) -> Result<Answer, Failure> {
    let payload = match format {
        PayloadFormat::One => event_one::event(exchange),
        PayloadFormat::Two => event::event(exchange),
    };
    let called =
        Called { function, credentials: integration.credentials.as_deref(), source_arn: &exchange.route_arn() };
    let answer = invoke(service, exchange, called, payload, integration.timeout).await?;
    match answer.function_error {
        Some(kind) => Err(Failure::Internal(format!("Lambda execution failed: {kind}"))),
        None => reply::read(&answer.payload.unwrap_or_default(), format),
    }
}

/// Who is called, as whom, and on behalf of what.
pub struct Called<'a> {
    /// The function.
    pub function: &'a Function,
    /// The role as which it is called; without one, the function's policy must let the API in.
    pub credentials: Option<&'a str>,
    /// The route or authorizer that asks, for that policy.
    pub source_arn: &'a str,
}

/// Invokes a function and waits for it. The invocation runs on a task of its own: on AWS a function goes on when API Gateway
/// has stopped waiting.
///
/// # Errors
/// 500 when it cannot be called, 503 when it takes too long or has no room.
pub async fn invoke(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    called: Called<'_>,
    payload: Bytes,
    timeout: Duration,
) -> Result<InvocationResponse, Failure> {
    let mut context =
        caller(service, exchange, called.credentials, called.source_arn).await.map_err(|error| refused(&error))?;
    context.account = Arc::clone(&called.function.account);
    context.region = Arc::clone(&called.function.region);
    let operation = Invoke {
        function_name: called.function.arn.clone(),
        qualifier: called.function.qualifier.clone(),
        payload: Some(payload),
        ..Invoke::default()
    };
    let cloud = service.cloud.clone();
    let invocation = tokio::spawn(async move { cloud.call(context, operation).await });
    match tokio::time::timeout(timeout, invocation).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(refused(&error)),
        Ok(Err(failure)) => Err(Failure::Internal(failure.to_string())),
        // <https://github.com/cortexlabs/cortex/issues/1225>
        Err(_) => Err(Failure::Unavailable("The integration did not answer in time".into())),
    }
}

/// Who calls: the role of an integration, or API Gateway itself.
///
/// # Errors
/// When the role cannot be taken on.
pub async fn caller(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    credentials: Option<&str>,
    source_arn: &str,
) -> AwsResult<Context> {
    let stage = &exchange.stage.context;
    let mut context = match credentials {
        Some(role) => service.roles.take_on(&service.cloud, stage, role).await?,
        None => stage.as_service(SERVICE, Some(source_arn)),
    };
    context.request_id = id::request_id().into();
    context.trace = Some(exchange.arrival.handed_on.as_str().into());
    context.source_ip = None;
    Ok(context)
}

fn refused(error: &AwsError) -> Failure {
    match error.code.as_ref() {
        "RequestEntityTooLargeException" | "RequestTooLargeException" => Failure::TooLarge,
        "TooManyRequestsException" => Failure::Unavailable(error.to_string()),
        _ => Failure::Internal(error.to_string()),
    }
}
