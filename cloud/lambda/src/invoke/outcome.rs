//! Telling a destination how an asynchronous invocation ended.

use super::event::PendingEvent;
use crate::pool::environment::Execution;
use crate::pool::role;
use serde_json::{Value, json};
use slam_cloud_core::{AwsResult, Cloud, Context, Timestamp};
use slam_cloud_kit::delivery::deliver;
use std::sync::Arc;

/// How an asynchronous invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
}

/// Invokes the destination, another function, as the function's role does on AWS.
pub(super) async fn tell(
    cloud: &Cloud,
    context: &Context,
    role: &str,
    event: &PendingEvent,
    condition: Condition,
    execution: Option<&Execution>,
    destination: &str,
) {
    let record = record(context, event, condition, execution).to_string();
    let told: AwsResult<()> = async {
        let arn = crate::model::name::function_arn(context, &event.function);
        let session = role::assume(cloud, role::as_lambda(context, &arn), role, &event.function).await?;
        let mut context = context.clone();
        context.principal = Arc::new(session.principal);
        context.request_id = slam_cloud_core::id::request_id().into();
        deliver(cloud, context, destination, record.into()).await
    }
    .await;
    if let Err(error) = told {
        tracing::warn!(function = event.function, destination, %error, "a destination was not told of an invocation");
    }
}

/// The record in AWS's form, version 1.0.
fn record(context: &Context, event: &PendingEvent, condition: Condition, execution: Option<&Execution>) -> Value {
    let arn = crate::model::name::function_arn(context, &event.function);
    let qualifier = event.qualifier.as_deref().unwrap_or("$LATEST");
    let parse = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let mut record = json!({
        "version": "1.0",
        "timestamp": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "requestContext": {
            "requestId": event.id,
            "functionArn": format!("{arn}:{qualifier}"),
            "condition": format!("{condition:?}"),
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": parse(event.payload.as_bytes()),
    });
    if let Some(execution) = execution {
        let mut response = json!({ "statusCode": 200, "executedVersion": execution.version });
        if execution.failed {
            response["functionError"] = json!("Unhandled");
        }
        record["responseContext"] = response;
        record["responsePayload"] = parse(&execution.payload);
    }
    record
}
