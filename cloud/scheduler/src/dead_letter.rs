//! What is sent to a schedule's dead-letter queue when an invocation is given up.
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html>

use crate::model::attributes::written;
use crate::model::invocation::{GivenUp, Invocation};
use slam_cloud_core::Arn;
use slam_cloud_wire::sqs::{MessageAttributeValue, SendMessage};

/// The longest body in bytes, as the longest input.
const BODY: usize = 256 * 1024;

/// A queue as a `QueueUrl`: of URLs, SQS reads the path alone. A text that is no ARN is nobody's queue.
pub fn queue_url(arn: &str) -> String {
    Arn::parse(arn).map(|arn| format!("/{}/{}", arn.account, arn.resource)).unwrap_or_default()
}

/// The message to the queue of this ARN: the request that the target did not take, and why.
pub fn message(
    queue: &str,
    invocation: &Invocation,
    why: &GivenUp,
    schedule_arn: &str,
    (operation, mut body): (String, String),
) -> SendMessage {
    let is_truncated = body.len() > BODY;
    if is_truncated {
        let end = (0..=BODY).rev().find(|end| body.is_char_boundary(*end)).unwrap_or(0);
        body.truncate(end);
    }
    let told = [
        ("ERROR_CODE", Some(why.code.clone())),
        // No attribute may be empty.
        ("ERROR_MESSAGE", Some(if why.message.is_empty() { why.code.clone() } else { why.message.clone() })),
        ("EXECUTION_ID", Some(invocation.due.execution.clone())),
        ("EXHAUSTED_RETRY_CONDITION", why.exhausted.clone()),
        ("IS_PAYLOAD_TRUNCATED", Some(is_truncated.to_string())),
        ("RETRY_ATTEMPTS", Some(invocation.retries.to_string())),
        ("SCHEDULED_TIME", Some(written(invocation.due.time))),
        ("SCHEDULE_ARN", Some(schedule_arn.to_owned())),
        ("TARGET_ARN", Some(operation)),
    ];
    let attribute = |value| MessageAttributeValue {
        data_type: "String".to_owned(),
        string_value: Some(value),
        ..MessageAttributeValue::default()
    };
    SendMessage {
        queue_url: queue_url(queue),
        message_body: body,
        message_attributes: Some(
            told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), attribute(value?)))).collect(),
        ),
        ..SendMessage::default()
    }
}
