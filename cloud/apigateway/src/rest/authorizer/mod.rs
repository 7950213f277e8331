//! Methods whose callers a function of the API's owner lets in.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>.
//!
//! - [`event`]: what the function is asked.
//! - [`mod@test`]: an authorizer asked by its owner.

mod event;
mod test;

pub use test::test;

use super::authorized::Answered;
use super::compiled_authorizer::{CompiledAuthorizer, Identity};
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::target::Target;
use crate::{ApiGateway, SERVICE};
use bytes::Bytes;
use slam_cloud_core::{AwsError, Context, id};
use slam_cloud_gateway::verdict::Verdict;
use slam_cloud_wire::lambda::{InvocationResponse, Invoke};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As long as an integration may take.
const TIMEOUT: Duration = Duration::from_secs(29);

/// Has an authorizer say who calls: from its memory, or by its function.
///
/// # Errors
/// 401 where the request does not say who calls or the function says so, 500 where the function cannot be asked or answers
/// what cannot be used.
pub async fn ask(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    authorizer: &CompiledAuthorizer,
) -> Result<Answered, GatewayResponse> {
    let identity = identity(exchange, authorizer).ok_or(GatewayResponse::Unauthorized)?;
    let now = service.cloud.clock().now_ms();
    if authorizer.ttl > 0
        && let Some(verdict) = authorizer.answers.get(&identity, now)
    {
        return Ok(Answered { verdict, latency: Duration::ZERO });
    }
    let began = Instant::now();
    let payload = match &authorizer.identity {
        Identity::Token { .. } => event::token(exchange, &identity),
        Identity::Request { .. } => event::request(exchange),
    };
    let answer = invoke(service, exchange, authorizer, payload).await?;
    let verdict = Arc::new(read(&answer)?);
    if authorizer.ttl > 0 {
        authorizer.answers.put(identity, Arc::clone(&verdict), now, now + authorizer.ttl * 1000);
    }
    Ok(Answered { verdict, latency: began.elapsed() })
}

/// By what the caller is known, which is also under what the answer is remembered: a token that looks as it must, or the values of
/// all identity sources. "When caching is enabled, API Gateway calls the authorizer's Lambda function only after successfully
/// verifying that all the specified identity sources are present at runtime. If a specified identify source is missing, null, or
/// empty, API Gateway returns a 401 Unauthorized response"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html>).
fn identity(exchange: &Exchange<'_>, authorizer: &CompiledAuthorizer) -> Option<String> {
    match &authorizer.identity {
        Identity::Token { header, pattern } => {
            let token = exchange.request.header(header).filter(|token| !token.is_empty())?;
            let fits = pattern.as_ref().is_none_or(|pattern| pattern.is_match(token).unwrap_or(false));
            fits.then(|| token.to_owned())
        }
        Identity::Request { sources } => {
            let values = sources.iter().map(|source| source.of_request(exchange).pop().unwrap_or_default());
            let values: Vec<String> = values.collect();
            let complete = authorizer.ttl == 0 || values.iter().all(|value| !value.is_empty());
            // Of two lists of values no two have the same text.
            complete.then(|| serde_json::Value::from(values).to_string())
        }
    }
}

/// The invocation runs on a task of its own: on AWS a function goes on when API Gateway has stopped waiting.
async fn invoke(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    authorizer: &CompiledAuthorizer,
    payload: Bytes,
) -> Result<InvocationResponse, GatewayResponse> {
    let misconfigured = GatewayResponse::AuthorizerConfiguration;
    let function = match &authorizer.target {
        Target::Lambda(function) => function,
        Target::Invalid(reason) => return Err(misconfigured(reason.clone())),
        _ => return Err(misconfigured("the authorizer names no function".into())),
    };
    let context = caller(service, exchange, authorizer).await;
    let mut context = context.map_err(|error| misconfigured(error.to_string()))?;
    (context.account, context.region) = (Arc::clone(&function.account), Arc::clone(&function.region));
    let operation = Invoke {
        function_name: function.arn.clone(),
        qualifier: function.qualifier.clone(),
        payload: Some(payload),
        ..Invoke::default()
    };
    let cloud = service.cloud.clone();
    let invocation = tokio::spawn(async move { cloud.call(context, operation).await });
    match tokio::time::timeout(TIMEOUT, invocation).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(refused(&error)),
        Ok(Err(failure)) => Err(misconfigured(failure.to_string())),
        Err(_) => Err(GatewayResponse::AuthorizerFailure("the authorizer's function takes too long".into())),
    }
}

fn refused(error: &AwsError) -> GatewayResponse {
    match error.status {
        429 => GatewayResponse::AuthorizerFailure(error.to_string()),
        _ => GatewayResponse::AuthorizerConfiguration(error.to_string()),
    }
}

/// Who asks the function: API Gateway itself for the authorizer, which the function's policy must allow, or the authorizer's role.
async fn caller(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    authorizer: &CompiledAuthorizer,
) -> Result<Context, AwsError> {
    let stage = exchange.stage;
    let arn = stage.context.arn("execute-api", format!("{}/authorizers/{}", stage.api_id, authorizer.id));
    let mut context = match &authorizer.credentials {
        Some(role) => service.roles.take_on(&service.cloud, &stage.context, role).await?,
        None => stage.context.as_service(SERVICE, Some(&arn)),
    };
    context.request_id = id::request_id().into();
    context.trace = Some(exchange.arrival.handed_on.as_str().into());
    context.source_ip = None;
    Ok(context)
}

/// What the function answered. One that fails with `Unauthorized` says that nobody is let in; any other failure is its own
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>, the example function).
fn read(answer: &InvocationResponse) -> Result<Verdict, GatewayResponse> {
    let payload = answer.payload.as_deref().unwrap_or_default();
    if let Some(kind) = &answer.function_error {
        let error: serde_json::Value = serde_json::from_slice(payload).unwrap_or_default();
        return Err(match error["errorMessage"].as_str() {
            Some("Unauthorized") => GatewayResponse::Unauthorized,
            _ => GatewayResponse::AuthorizerFailure(format!("Lambda execution failed: {kind}")),
        });
    }
    let verdict = Verdict::read(payload).map_err(GatewayResponse::AuthorizerConfiguration)?;
    // "Notice that you cannot set a JSON object or array as a valid value of any key in the context map."
    match verdict.context.iter().find(|(_, value)| value.is_object() || value.is_array()) {
        Some((name, _)) => Err(GatewayResponse::AuthorizerConfiguration(format!(
            "The value of {name} in the context that the authorizer answered is no string, number or boolean"
        ))),
        None => Ok(verdict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answered(error: Option<&str>, payload: &serde_json::Value) -> Result<Verdict, GatewayResponse> {
        read(&InvocationResponse {
            function_error: error.map(str::to_owned),
            payload: Some(payload.to_string().into()),
            ..InvocationResponse::default()
        })
    }

    #[test]
    fn a_function_lets_in_or_keeps_out_or_fails() {
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let whole = json!({"principalId": "u", "policyDocument": policy, "context": {"n": 1, "b": true, "s": "x"}});
        assert_eq!(answered(None, &whole).unwrap().principal_id, "u");
        let check = |error, payload: serde_json::Value, kind: &str| {
            assert_eq!(answered(error, &payload).unwrap_err().response_type().name(), kind, "{payload}");
        };
        check(Some("Unhandled"), json!({"errorMessage": "Unauthorized"}), "UNAUTHORIZED");
        check(Some("Unhandled"), json!({"errorMessage": "unauthorized"}), "AUTHORIZER_FAILURE");
        check(Some("Unhandled"), json!("Unauthorized"), "AUTHORIZER_FAILURE");
        check(None, json!("Unauthorized"), "AUTHORIZER_CONFIGURATION_ERROR");
        let nested = json!({"principalId": "u", "policyDocument": policy, "context": {"o": {}}});
        check(None, nested, "AUTHORIZER_CONFIGURATION_ERROR");
    }
}
