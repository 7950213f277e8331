//! An event handed to an ARN: as the service principal that a resource's policy lets in, or as a role.
//!
//! Who hands on decides what it hands on and to whom; what is the same for all of them is here: the calls, when a failed one is made
//! again, and what a dead-letter queue is sent.

use crate::service_logs::Destination;
use bytes::Bytes;
use jiff::SignedDuration;
use slam_cloud_core::{Arn, AwsError, AwsResult, Cloud, Context, Timestamp};
use slam_cloud_wire::events::{PutEvents, PutEventsRequestEntry};
use slam_cloud_wire::lambda::Invoke;
use slam_cloud_wire::logs::InputLogEvent;
use slam_cloud_wire::sns::Publish;
use slam_cloud_wire::sqs::{MessageAttributeValue, SendMessage};

/// The longest pause in seconds: with it, 185 retries, the most that AWS makes, just fill the longest age, a day. AWS says of
/// its pauses that they grow.
pub const LONGEST_PAUSE: u64 = 480;

/// Delivers an event once, without waiting for what becomes of it. `context` says as whom: a service principal with the
/// event's source as its `source_arn` ([`Context::as_service`]), or a role.
///
/// # Errors
/// What the target answers; `NotImplemented` for a target that the embedded cloud does not have, by its name.
pub async fn deliver(cloud: &Cloud, context: Context, target: &str, event: Bytes) -> AwsResult<()> {
    let service = Arn::parse(target).map(|arn| arn.service).unwrap_or_default();
    match service.as_str() {
        "lambda" => {
            let input = Invoke {
                function_name: target.to_owned(),
                invocation_type: Some("Event".to_owned()),
                payload: Some(event),
                ..Invoke::default()
            };
            cloud.call(context, input).await.map(drop)
        }
        "sqs" => send(cloud, context, target, event, None).await,
        "sns" => publish(cloud, context, target, text(event)?, None).await,
        _ => Err(AwsError::unsupported(format_args!("the delivery of events to {target}"))),
    }
}

/// Sends an event to a queue, in a group where it has one.
///
/// # Errors
/// What SQS answers, and where the event is no text.
pub async fn send(
    cloud: &Cloud,
    context: Context,
    queue: &str,
    event: Bytes,
    message_group_id: Option<String>,
) -> AwsResult<()> {
    let (queue_url, message_body) = (queue_url(queue), text(event)?);
    let input = SendMessage { queue_url, message_body, message_group_id, ..SendMessage::default() };
    cloud.call(context, input).await.map(drop)
}

/// Publishes a message to a topic.
///
/// # Errors
/// What SNS answers.
pub async fn publish(
    cloud: &Cloud,
    context: Context,
    topic: &str,
    message: String,
    subject: Option<&str>,
) -> AwsResult<()> {
    let (topic_arn, subject) = (Some(topic.to_owned()), subject.map(str::to_owned));
    cloud.call(context, Publish { topic_arn, message, subject, ..Publish::default() }).await.map(drop)
}

fn text(event: Bytes) -> AwsResult<String> {
    String::from_utf8(event.into())
        .map_err(|_| AwsError::validation("The event of a queue or a topic must be text in UTF-8."))
}

/// Puts one event on the bus that it names.
///
/// # Errors
/// What EventBridge answers, of the event, too.
pub async fn put(cloud: &Cloud, context: Context, event: PutEventsRequestEntry) -> AwsResult<()> {
    let answer = cloud.call(context, PutEvents { entries: vec![event], endpoint_id: None }).await?;
    match answer.entries.unwrap_or_default().into_iter().next() {
        Some(entry) if entry.event_id.is_none() => {
            Err(AwsError::bad_request(entry.error_code.unwrap_or_default(), entry.error_message.unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

/// Writes one event of a log, into a stream that is made for it. CloudWatch Logs lives by the machine's clock, by which it is now.
///
/// # Errors
/// What CloudWatch Logs answers.
pub async fn log(
    cloud: &Cloud,
    context: Context,
    group: String,
    stream: String,
    timestamp: Option<i64>,
    message: String,
) -> AwsResult<()> {
    let timestamp = timestamp.unwrap_or_else(|| Timestamp::now().as_millisecond());
    let to = Destination { group, stream, own_group: false };
    to.write(cloud, &context, vec![InputLogEvent { timestamp, message }], &mut false).await
}

/// A queue as a `QueueUrl`: of URLs, SQS reads the path alone. A text that is no ARN is nobody's queue.
pub fn queue_url(arn: &str) -> String {
    Arn::parse(arn).map(|arn| format!("/{}/{}", arn.account, arn.resource)).unwrap_or_default()
}

/// How often, and for how many seconds, a delivery is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// `MaximumRetryAttempts`
    pub retries: i64,
    /// `MaximumEventAgeInSeconds`
    pub age: i64,
}

/// What becomes of a delivery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again after so many seconds.
    Again(u64),
    /// It is given up, and which part of the policy was used up, if it was one.
    GivenUp(Option<&'static str>),
}

impl Patience {
    /// What becomes of a delivery of this age after so many retries. `was_late` says that it was not even tried, as it was too old.
    pub fn after(self, error: &AwsError, retries: u32, age: SignedDuration, was_late: bool) -> Next {
        let pause = 1_u64.checked_shl(retries).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE));
        if !is_transient(error) {
            Next::GivenUp(None)
        } else if i64::from(retries) >= self.retries && !was_late {
            Next::GivenUp(Some("MaximumRetryAttempts"))
        } else if was_late || !self.lasts(age, pause) {
            Next::GivenUp(Some("MaximumEventAgeInSeconds"))
        } else {
            Next::Again(pause)
        }
    }

    /// Whether a delivery of this age is not too old yet after a pause in seconds.
    pub fn lasts(self, age: SignedDuration, pause: u64) -> bool {
        age <= SignedDuration::from_secs(self.age.saturating_sub_unsigned(pause))
    }
}

/// Whether the same may go well later: AWS does not call again who refused.
pub fn is_transient(error: &AwsError) -> bool {
    (error.status >= 500 && error.status != 501) || error.status == 429 || error.code.contains("Throttl")
}

/// The message to the dead-letter queue of this ARN: what was not taken, and what is told of that. No attribute may be empty.
pub fn dead_letter<'n>(
    queue: &str,
    message_body: String,
    told: impl IntoIterator<Item = (&'n str, Option<String>)>,
) -> SendMessage {
    let attribute = |value| MessageAttributeValue {
        data_type: "String".to_owned(),
        string_value: Some(value),
        ..MessageAttributeValue::default()
    };
    let told = told.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    SendMessage {
        queue_url: queue_url(queue),
        message_body,
        message_attributes: Some(told.map(|(name, value)| (name.to_owned(), attribute(value))).collect()),
        ..SendMessage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_delivery_is_tried_again_as_long_as_its_policy_lets_it() {
        let check = |status: u16, retries: u32, age: i64, was_late: bool, expected: Next| {
            let error = AwsError::new("Failure", status, "");
            let next =
                Patience { retries: 3, age: 100 }.after(&error, retries, SignedDuration::from_secs(age), was_late);
            assert_eq!(next, expected, "{status} {retries} {age} {was_late}");
        };
        check(500, 0, 0, false, Next::Again(1));
        check(429, 2, 90, false, Next::Again(4));
        check(500, 2, 97, false, Next::GivenUp(Some("MaximumEventAgeInSeconds")));
        check(500, 3, 0, false, Next::GivenUp(Some("MaximumRetryAttempts")));
        check(500, 3, 200, true, Next::GivenUp(Some("MaximumEventAgeInSeconds")));
        check(400, 0, 0, false, Next::GivenUp(None));
        check(501, 0, 0, false, Next::GivenUp(None));
    }

    #[test]
    fn a_queue_is_found_by_its_arn() {
        assert_eq!(queue_url("arn:aws:sqs:us-east-1:000000000000:q"), "/000000000000/q");
        assert_eq!(queue_url("q"), "");
    }
}
