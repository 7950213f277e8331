//! What is told of an invocation that ended.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use super::event::{Condition, Ended, PendingEvent};
use serde_json::{Value, json};
use slam_cloud_core::Context;
use slam_cloud_wire::events::PutEventsRequestEntry;
use slam_cloud_wire::sqs::MessageAttributeValue;
use slam_cloud_wire::timestamp::iso8601;
use std::collections::BTreeMap;

/// "The first 1 KB of the error message."
const MESSAGE: usize = 1024;

/// The record of an invocation, version 1.0 (recorded: `test_lambda_destination_default_retries`, `test_maxeventage`,
/// `test_assess_lambda_destination_invocation`).
pub fn of(context: &Context, event: &PendingEvent, ended: &Ended) -> Value {
    let function = crate::model::name::function_arn(context, &event.function);
    let qualifier = event.qualifier.as_deref().unwrap_or("$LATEST");
    let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let mut record = json!({
        "version": "1.0",
        "timestamp": iso8601(ended.at),
        "requestContext": {
            "requestId": event.id,
            "functionArn": format!("{function}:{qualifier}"),
            "condition": format!("{:?}", ended.condition),
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": parse(&event.payload),
    });
    if let Some(response) = &ended.response {
        record["responseContext"] = json!({ "statusCode": 200, "executedVersion": response.version });
        if response.failed {
            record["responseContext"]["functionError"] = json!("Unhandled");
        }
        record["responsePayload"] = parse(&response.payload);
    }
    record
}

/// The record as an event on a bus (recorded: `test_invoke_lambda_eventbridge`).
pub fn on_a_bus(context: &Context, event: &PendingEvent, ended: &Ended, bus: &str) -> PutEventsRequestEntry {
    let record = of(context, event, ended);
    let function = record["requestContext"]["functionArn"].as_str().unwrap_or_default().to_owned();
    let end = if ended.condition == Condition::Success { "Success" } else { "Failure" };
    PutEventsRequestEntry {
        source: Some("lambda".to_owned()),
        detail_type: Some(format!("Lambda Function Invocation Result - {end}")),
        detail: Some(record.to_string()),
        resources: Some(vec![bus.to_owned(), function]),
        event_bus_name: Some(bus.to_owned()),
        ..PutEventsRequestEntry::default()
    }
}

/// The attributes of an event in a dead-letter queue (recorded: `test_dead_letter_queue`).
pub fn attributes(event: &PendingEvent, ended: &Ended) -> BTreeMap<String, MessageAttributeValue> {
    let (code, message) = match (&ended.response, &ended.refusal) {
        (Some(response), _) => (200, message_of(&response.payload)),
        (None, Some((status, message))) => (*status, Some(message.clone())),
        (None, None) => (200, None),
    };
    let attribute = |kind: &str, value: String| MessageAttributeValue {
        data_type: kind.to_owned(),
        string_value: Some(value),
        ..MessageAttributeValue::default()
    };
    let message = message.filter(|message| !message.is_empty());
    let message = message.map(|message| ("ErrorMessage".to_owned(), attribute("String", shortened(message))));
    let always = [
        ("RequestID".to_owned(), attribute("String", event.id.clone())),
        ("ErrorCode".to_owned(), attribute("Number", code.to_string())),
    ];
    always.into_iter().chain(message).collect()
}

fn message_of(payload: &str) -> Option<String> {
    let document: Value = serde_json::from_str(payload).ok()?;
    document.get("errorMessage")?.as_str().map(str::to_owned)
}

fn shortened(mut text: String) -> String {
    let end = (0..=MESSAGE.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_off_between_characters() {
        assert_eq!(shortened("short".into()), "short");
        let long = shortened("ü".repeat(1000));
        assert_eq!((long.len(), long.chars().count()), (1024, 512));
        assert_eq!(shortened(format!("x{}", "ü".repeat(1000))).len(), 1023);
    }
}
