//! Lambda authorizers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use super::source;
use crate::ApiGatewayV2;
use crate::http::authorizer::{Answered, CompiledFunction, Verdict};
use crate::http::exchange::Exchange;
use crate::http::failure::Failure;
use crate::http::identity::Identity;
use crate::http::lambda::{Called, invoke};
use crate::http::{event, event_one};
use crate::model::PayloadFormat;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use slam_cloud_gateway::payload_two::{cookies, headers, joined};
use slam_cloud_gateway::verdict::{self, Judgement};
use std::sync::Arc;
use std::time::Duration;

/// "Lambda authorizer … timeout: 10,000 milliseconds" (quotas of HTTP APIs).
const PATIENCE: Duration = Duration::from_secs(10);

/// Decides by what a function answers, or has answered.
///
/// # Errors
/// 401 when an identity source is missing, 403 when the function does not let the request in, 500 when it cannot be asked or
/// answers something else.
pub async fn check(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    asked: &CompiledFunction,
) -> Result<Identity, Failure> {
    let sources: Option<Vec<String>> = asked.sources.iter().map(|expression| source(exchange, expression)).collect();
    let sources = sources.ok_or(Failure::Unauthorized(None))?;
    let ttl = Duration::from_secs(u64::try_from(asked.settings.result_ttl).unwrap_or(0));
    let now = service.cloud.clock().now_ms();
    let identity = asked.key(&sources);
    let known = if ttl.is_zero() { None } else { asked.decisions.get(&identity, now) };
    let answered = match known {
        Some(answered) => answered,
        None => {
            let answered = Arc::new(ask(service, exchange, asked, &sources).await?);
            if !ttl.is_zero() {
                let until = now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
                asked.decisions.put(identity, Arc::clone(&answered), now, until);
            }
            answered
        }
    };
    let lets_in = match &answered.verdict {
        Verdict::Simple(lets_in) => *lets_in,
        Verdict::Policy(document) => {
            let judged =
                verdict::judge(&service.cloud, &exchange.anonymous(), &exchange.request_arn(), &document.to_string());
            judged.is_ok_and(|judged| judged == Judgement::Allowed)
        }
    };
    match lets_in {
        true => Ok(Identity::Lambda { context: answered.context.clone(), principal: answered.principal.clone() }),
        false => Err(Failure::Forbidden(None)),
    }
}

async fn ask(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    asked: &CompiledFunction,
    sources: &[String],
) -> Result<Answered, Failure> {
    let payload = match asked.settings.payload_format {
        PayloadFormat::One => event_of_one(exchange, sources),
        PayloadFormat::Two => event_of_two(exchange, sources),
    };
    let called = Called {
        function: &asked.function,
        credentials: asked.credentials.as_deref(),
        source_arn: &exchange
            .stage
            .context
            .arn("execute-api", format!("{}/authorizers/{}", exchange.stage.api_id, asked.id)),
    };
    let failed = |why: &dyn std::fmt::Display| Failure::Internal(format!("The authorizer failed: {why}"));
    let answer = invoke(service, exchange, called, Bytes::from(payload.to_string()), PATIENCE).await;
    let answer = answer.map_err(|failure| failed(&failure.reason().unwrap_or("it cannot be called")))?;
    if let Some(kind) = answer.function_error {
        return Err(failed(&kind));
    }
    read(&answer.payload.unwrap_or_default(), asked.settings.simple_responses).map_err(|why| failed(&why))
}

/// Reads what a function answered.
fn read(payload: &[u8], simple: bool) -> Result<Answered, &'static str> {
    let answer: Value = serde_json::from_slice(payload).map_err(|_| "its answer is no JSON")?;
    let context = match answer.get("context") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(context)) => context.clone(),
        Some(_) => return Err("the context in its answer is no object"),
    };
    if simple {
        let verdict = answer.get("isAuthorized").and_then(Value::as_bool);
        let verdict = verdict.map(Verdict::Simple).ok_or("its answer has no isAuthorized")?;
        return Ok(Answered { verdict, context, principal: None });
    }
    let document = answer.get("policyDocument").filter(|document| verdict::is_policy(document));
    let verdict = document.cloned().map(Verdict::Policy).ok_or("its answer has no policyDocument")?;
    let principal = answer.get("principalId").and_then(Value::as_str).map(str::to_owned);
    Ok(Answered { verdict, context, principal })
}

fn event_of_two(exchange: &Exchange<'_>, sources: &[String]) -> Value {
    let request = &exchange.request;
    let mut members = json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": exchange.request_arn(),
        "identitySource": (!sources.is_empty()).then_some(sources),
        "routeKey": exchange.route_key(),
        "rawPath": request.full_path(),
        "rawQueryString": request.query_text,
        "headers": headers(&request.headers),
        "requestContext": event::request_context(exchange, false),
    });
    let mut tell = |name: &str, value: Value| members[name] = value;
    if let Some(cookies) = cookies(&request.headers) {
        tell("cookies", cookies.into());
    }
    if !request.query.is_empty() {
        tell("queryStringParameters", json!(joined(&request.query)));
    }
    if !request.path_parameters.is_empty() {
        tell("pathParameters", json!(event_one::last_values(&request.path_parameters)));
    }
    if !exchange.stage.variables.is_empty() {
        tell("stageVariables", json!(exchange.stage.variables));
    }
    members
}

fn event_of_one(exchange: &Exchange<'_>, sources: &[String]) -> Value {
    let request = &exchange.request;
    let headers: Vec<(String, String)> =
        request.headers.iter().map(|(name, value)| (event_one::written(name), value.clone())).collect();
    let token = (!sources.is_empty()).then(|| sources.join(","));
    json!({
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": exchange.request_arn(),
        "identitySource": token,
        "authorizationToken": token,
        "resource": event_one::resource(exchange),
        "path": request.full_path(),
        "httpMethod": request.method.as_str(),
        "headers": event_one::last_values(&headers),
        "queryStringParameters": event_one::last_values(&request.query),
        "pathParameters": event_one::last_values(&request.path_parameters),
        "stageVariables": exchange.stage.variables,
        "requestContext": event_one::request_context(exchange, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: Value, simple: bool, expected: Option<Verdict>) {
        let read = read(payload.to_string().as_bytes(), simple);
        assert_eq!(
            read.as_ref().ok().map(|answered| answered.verdict.clone()),
            expected,
            "{payload} {simple}: {read:?}"
        );
    }

    /// "Lambda authorizer response format".
    #[test]
    fn answers_are_a_word_or_a_policy() {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let policy = json!({"principalId": "a", "policyDocument": document});
        check(json!({"isAuthorized": true}), true, Some(Verdict::Simple(true)));
        check(json!({"isAuthorized": false, "context": {"a": [1]}}), true, Some(Verdict::Simple(false)));
        check(json!({"isAuthorized": "true"}), true, None);
        check(json!({"isAuthorized": true, "context": "x"}), true, None);
        check(policy.clone(), true, None);
        check(policy, false, Some(Verdict::Policy(document)));
        check(json!({"isAuthorized": true}), false, None);
        check(json!({"policyDocument": {}}), false, None);
        check(json!(null), false, None);
        check(json!("Allow"), true, None);
    }
}
