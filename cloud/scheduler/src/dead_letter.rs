//! What is sent to a schedule's dead-letter queue when an invocation is given up.
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html>

use crate::model::invocation::{GivenUp, Invocation};
use slam_cloud_kit::delivery::dead_letter;
use slam_cloud_wire::sqs::SendMessage;
use slam_cloud_wire::timestamp::iso8601_seconds;

/// The longest body in bytes, as the longest input.
const BODY: usize = 256 * 1024;

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
        ("SCHEDULED_TIME", Some(iso8601_seconds(invocation.due.time))),
        ("SCHEDULE_ARN", Some(schedule_arn.to_owned())),
        ("TARGET_ARN", Some(operation)),
    ];
    dead_letter(queue, body, told)
}
