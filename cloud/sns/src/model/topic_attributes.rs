//! Attributes of topics: read, checked, told.

use super::delivery_policy;
use super::name::Reference;
use super::policy;
use super::topic::Topic;
use crate::error::{invalid, invalid_because};
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The sizes that a topic's messages may be limited to (API reference, CreateTopic).
const SIZES: RangeInclusive<i64> = 1_024..=1_048_576;
/// The longest `DisplayName` (API reference, SetTopicAttributes).
const DISPLAY_NAME: usize = 100;
/// The kinds of subscriptions whose deliveries are logged.
pub const LOGGED: [&str; 3] = ["HTTP", "Lambda", "SQS"];
/// Those that this cloud has not.
const NOT_LOGGED: [&str; 2] = ["Firehose", "Application"];
/// What is said of each of them.
const FEEDBACK: [&str; 3] = ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];

/// Sets one attribute.
///
/// # Errors
/// AWS's for names and values that cannot be.
pub fn set(topic: &mut Topic, name: &str, value: &str) -> AwsResult<()> {
    let settings = &mut topic.settings;
    match name {
        "DisplayName" if value.chars().count() > DISPLAY_NAME => {
            return Err(invalid_because("DisplayName", "Display name must be at most 100 characters long"));
        }
        "DisplayName" => value.clone_into(&mut settings.display_name),
        "Policy" => topic.policy = policy::checked(value)?,
        "DeliveryPolicy" if value.is_empty() => settings.delivery = None,
        "DeliveryPolicy" => settings.delivery = Some(delivery_policy::of_topic(value)?),
        "MaximumMessageSize" => {
            let size = value.parse().ok().filter(|size| SIZES.contains(size));
            settings.largest = Some(size.ok_or_else(|| invalid("MaximumMessageSize"))?);
        }
        "SignatureVersion" => {
            settings.signature = Some(match value {
                "1" => 1,
                "2" => 2,
                _ => return Err(invalid("SignatureVersion")),
            });
        }
        "TracingConfig" => match value {
            "PassThrough" => settings.tracing = Some(value.to_owned()),
            // There is no X-Ray here that could be sent segments.
            "Active" => return Err(AwsError::unsupported("the value Active of the attribute TracingConfig of topics")),
            _ => return Err(invalid("TracingConfig")),
        },
        // There is no KMS here, and nothing that a key would be used for.
        "KmsMasterKeyId" if value.is_empty() => {}
        "KmsMasterKeyId" | "ArchivePolicy" => {
            return Err(AwsError::unsupported(format_args!("the attribute {name} of topics")));
        }
        "ContentBasedDeduplication" | "FifoThroughputScope" if settings.fifo.is_none() => {
            return Err(invalid("AttributeName"));
        }
        "ContentBasedDeduplication" => {
            if let Some(fifo) = &mut settings.fifo {
                fifo.by_content = boolean(name, value)?;
            }
        }
        "FifoThroughputScope" => {
            if let Some(fifo) = &mut settings.fifo {
                fifo.by_group = Some(match value {
                    "Topic" => false,
                    "MessageGroup" => true,
                    _ => return Err(invalid("FifoThroughputScope")),
                });
            }
        }
        _ => return feedback(topic, name, value),
    }
    Ok(())
}

fn feedback(topic: &mut Topic, name: &str, value: &str) -> AwsResult<()> {
    let is_of = |kinds: &[&str]| {
        kinds.iter().any(|kind| name.strip_prefix(kind).is_some_and(|attribute| FEEDBACK.contains(&attribute)))
    };
    if is_of(&NOT_LOGGED) {
        return Err(AwsError::unsupported(format_args!("the attribute {name} of topics")));
    }
    if !is_of(&LOGGED) {
        // Recorded: `test_topic_get_attributes_with_fifo_false`.
        return Err(invalid("AttributeName"));
    }
    let feedback = &mut topic.settings.feedback;
    if value.is_empty() {
        feedback.remove(name);
        return Ok(());
    }
    let is_fine = match name.ends_with("SampleRate") {
        true => value.parse().is_ok_and(|rate: u8| rate <= 100),
        false => value.starts_with("arn:") && value.contains(":iam::") && value.contains(":role/"),
    };
    if !is_fine {
        return Err(invalid(name));
    }
    feedback.insert(name.to_owned(), value.to_owned());
    Ok(())
}

/// Reads a boolean.
///
/// # Errors
/// When it is none.
pub fn boolean(name: &str, value: &str) -> AwsResult<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(name)),
    }
}

/// How many subscriptions a topic has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    /// Confirmed ones.
    pub confirmed: usize,
    /// Those that wait for it.
    pub pending: usize,
}

/// The attributes as they are told (recorded: `test_create_topic_test_arn`, `test_topic_delivery_policy_crud`,
/// `test_delivery_lambda`, `test_publish_batch_messages_from_fifo_topic_to_fifo_queue`).
pub fn told(reference: &Reference, topic: &Topic, numbers: Numbers) -> BTreeMap<String, String> {
    let (arn, account, settings) = (reference.arn(), &*reference.scope.account, &topic.settings);
    let effective = delivery_policy::Effective::of(settings.delivery.as_ref(), None);
    let mut told = BTreeMap::from([
        ("DisplayName".to_owned(), settings.display_name.clone()),
        ("EffectiveDeliveryPolicy".to_owned(), effective.of_topic().to_string()),
        ("Owner".to_owned(), account.to_owned()),
        ("Policy".to_owned(), topic.policy(&arn, account)),
        ("SubscriptionsConfirmed".to_owned(), numbers.confirmed.to_string()),
        ("SubscriptionsDeleted".to_owned(), topic.deleted.to_string()),
        ("SubscriptionsPending".to_owned(), numbers.pending.to_string()),
        ("TopicArn".to_owned(), arn),
    ]);
    let delivery = settings.delivery.clone().map(|policy| Value::Object(policy).to_string());
    let by_group = settings.fifo.and_then(|fifo| fifo.by_group);
    let optional = [
        ("DeliveryPolicy", delivery),
        ("MaximumMessageSize", settings.largest.map(|size| size.to_string())),
        ("SignatureVersion", settings.signature.map(|version| version.to_string())),
        ("TracingConfig", settings.tracing.clone()),
        ("FifoTopic", settings.fifo.map(|_| "true".to_owned())),
        ("ContentBasedDeduplication", settings.fifo.map(|fifo| fifo.by_content.to_string())),
        ("FifoThroughputScope", by_group.map(|by_group| if by_group { "MessageGroup" } else { "Topic" }.to_owned())),
    ];
    told.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    told.extend(settings.feedback.clone());
    told
}
