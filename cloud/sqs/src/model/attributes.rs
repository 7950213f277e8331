//! Attributes of queues: read, checked, told.

use super::name;
use super::policy;
use super::queue::{Fifo, Queue};
use super::redrive::{Redrive, RedriveAllow};
use crate::error::{invalid_attribute, invalid_attribute_because, invalid_name, unknown_attribute};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;

/// Attributes by their names.
pub type Given = BTreeMap<String, String>;

/// What the store counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Messages that can be received.
    pub ready: i64,
    /// Messages that are delayed.
    pub delayed: i64,
    /// Messages in flight.
    pub in_flight: i64,
}

/// Sets one attribute.
///
/// # Errors
/// AWS's for names and values that cannot be.
pub fn set(queue: &mut Queue, name: &str, value: &str) -> AwsResult<()> {
    let fifo = queue.settings.fifo;
    let number = |range| number(name, value, range);
    let settings = &mut queue.settings;
    match name {
        "VisibilityTimeout" => settings.visibility = number(0..=43_200)?,
        "DelaySeconds" => settings.delay = number(0..=900)?,
        "MessageRetentionPeriod" => settings.retention = number(60..=1_209_600)?,
        "ReceiveMessageWaitTimeSeconds" => settings.wait = number(0..=20)?,
        "MaximumMessageSize" => settings.largest = number(1_024..=1_048_576)?,
        "SqsManagedSseEnabled" => settings.managed_sse = boolean(name, value)?,
        // There is no KMS here, and nothing that a key would be used for; none is what AWS has without one.
        "KmsMasterKeyId" if value.is_empty() => settings.managed_sse = false,
        "KmsMasterKeyId" => return Err(AwsError::unsupported("the attribute KmsMasterKeyId of queues")),
        "KmsDataKeyReusePeriodSeconds" => {
            number(60..=86_400)?;
        }
        "Policy" => queue.policy = policy::checked(value)?,
        "RedrivePolicy" => settings.redrive = given(value).map(Redrive::parse).transpose()?,
        "RedriveAllowPolicy" => settings.redrive_allow = given(value).map(RedriveAllow::parse).transpose()?,
        "FifoQueue" => match fifo {
            // Recorded: `test_set_unsupported_attribute_fifo`, `test_set_unsupported_attribute_standard`.
            None => return Err(unknown_attribute(name)),
            Some(_) if boolean(name, value)? => {}
            Some(_) => return Err(invalid_attribute_because(name, "Modifying queue type is not supported.")),
        },
        "ContentBasedDeduplication" => match &mut settings.fifo {
            Some(fifo) => fifo.by_content = boolean(name, value)?,
            None => return Err(unknown_attribute(name)),
        },
        "DeduplicationScope" => {
            of_fifo(&mut settings.fifo, name)?.by_group = choice(name, value, "queue", "messageGroup")?;
        }
        "FifoThroughputLimit" => {
            of_fifo(&mut settings.fifo, name)?.limit_per_group = choice(name, value, "perQueue", "perMessageGroupId")?;
        }
        _ => return Err(unknown_attribute(name)),
    }
    Ok(())
}

/// What attributes demand of each other.
///
/// # Errors
/// When a throughput limit per group goes with deduplication in the whole queue (API reference, SetQueueAttributes).
pub fn check(queue: &Queue) -> AwsResult<()> {
    match queue.settings.fifo {
        Some(Fifo { limit_per_group: true, by_group: false, .. }) => Err(invalid_attribute_because(
            "FifoThroughputLimit",
            "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.",
        )),
        _ => Ok(()),
    }
}

/// Recorded: `test_create_standard_queue_with_fifo_attribute_raises_error`.
fn of_fifo<'a>(fifo: &'a mut Option<Fifo>, name: &str) -> AwsResult<&'a mut Fifo> {
    let only = || invalid_name(format!("You can specify the {name} only when FifoQueue is set to true."));
    fifo.as_mut().ok_or_else(only)
}

fn given(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<i64>) -> AwsResult<i64> {
    let number = value.trim().parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| invalid_attribute(name))
}

fn boolean(name: &str, value: &str) -> AwsResult<bool> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Ok(true),
        _ if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(invalid_attribute(name)),
    }
}

fn choice(name: &str, value: &str, no: &str, yes: &str) -> AwsResult<bool> {
    match value {
        _ if value == yes => Ok(true),
        _ if value == no => Ok(false),
        _ => Err(invalid_attribute(name)),
    }
}

/// All names that a request may ask for.
const NAMES: [&str; 22] = [
    "All",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// Checks the names that a request asks for.
///
/// # Errors
/// For one that no queue has.
pub fn check_names(names: &[String]) -> AwsResult<()> {
    match names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        Some(unknown) => Err(unknown_attribute(unknown)),
        None => Ok(()),
    }
}

/// The attributes of a queue that are set (recorded: `test_create_and_update_queue_attributes`,
/// `test_fifo_set_content_based_deduplication_strategy`).
pub fn told(scope: &Scope, queue_name: &str, queue: &Queue) -> BTreeMap<&'static str, String> {
    let settings = &queue.settings;
    let mut told = BTreeMap::from([
        ("CreatedTimestamp", queue.created.to_string()),
        ("DelaySeconds", settings.delay.to_string()),
        ("LastModifiedTimestamp", queue.modified.to_string()),
        ("MaximumMessageSize", settings.largest.to_string()),
        ("MessageRetentionPeriod", settings.retention.to_string()),
        ("QueueArn", name::arn(scope, queue_name)),
        ("ReceiveMessageWaitTimeSeconds", settings.wait.to_string()),
        ("SqsManagedSseEnabled", settings.managed_sse.to_string()),
        ("VisibilityTimeout", settings.visibility.to_string()),
    ]);
    let mut tell = |name, value: Option<&String>| told.extend(value.map(|value| (name, value.clone())));
    tell("Policy", queue.policy.as_ref());
    tell("RedrivePolicy", settings.redrive.as_ref().map(|policy| &policy.text));
    tell("RedriveAllowPolicy", settings.redrive_allow.as_ref().map(|policy| &policy.text));
    if let Some(fifo) = settings.fifo {
        let either = |yes: &str, no: &str, is| (if is { yes } else { no }).to_owned();
        told.insert("FifoQueue", "true".to_owned());
        told.insert("ContentBasedDeduplication", fifo.by_content.to_string());
        told.insert("DeduplicationScope", either("messageGroup", "queue", fifo.by_group));
        told.insert("FifoThroughputLimit", either("perMessageGroupId", "perQueue", fifo.limit_per_group));
    }
    told
}

/// The attributes of a queue that are counted.
pub fn counted(numbers: Numbers) -> [(&'static str, String); 3] {
    [
        ("ApproximateNumberOfMessages", numbers.ready.to_string()),
        ("ApproximateNumberOfMessagesDelayed", numbers.delayed.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", numbers.in_flight.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::queue::Settings;
    use super::*;

    fn queue(fifo: bool) -> Queue {
        let settings = Settings::new(fifo);
        Queue {
            id: 1,
            key: 1,
            created: 0,
            modified: 0,
            purged: None,
            rescoped: None,
            settings,
            policy: None,
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn values_are_in_their_ranges() {
        for (name, least, most) in [
            ("VisibilityTimeout", 0, 43_200),
            ("DelaySeconds", 0, 900),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("MaximumMessageSize", 1_024, 1_048_576),
        ] {
            let set = |value: i64| set(&mut queue(false), name, &value.to_string());
            assert!(set(least).is_ok() && set(most).is_ok(), "{name}");
            for wrong in [least - 1, most + 1] {
                assert_eq!(set(wrong).unwrap_err().message, format!("Invalid value for the parameter {name}."));
            }
            assert!(super::set(&mut queue(false), name, "x").is_err());
        }
    }

    #[test]
    fn a_limit_per_group_needs_deduplication_per_group() {
        let check_with = |given: &[(&str, &str)]| {
            let mut queue = queue(true);
            given.iter().try_for_each(|(name, value)| set(&mut queue, name, value)).and_then(|()| check(&queue))
        };
        assert!(check_with(&[("DeduplicationScope", "messageGroup")]).is_ok());
        assert!(
            check_with(&[("FifoThroughputLimit", "perMessageGroupId"), ("DeduplicationScope", "messageGroup")]).is_ok()
        );
        assert_eq!(
            check_with(&[("FifoThroughputLimit", "perMessageGroupId")]).unwrap_err().code,
            "InvalidAttributeValue"
        );
        assert_eq!(check_with(&[("DeduplicationScope", "group")]).unwrap_err().code, "InvalidAttributeValue");
    }

    #[test]
    fn keys_of_kms_are_refused_by_name() {
        let error = set(&mut queue(false), "KmsMasterKeyId", "alias/aws/sqs").unwrap_err();
        assert_eq!((&*error.code, error.message.contains("KmsMasterKeyId")), ("NotImplemented", true));
        assert!(set(&mut queue(false), "KmsMasterKeyId", "").is_ok());
    }
}
