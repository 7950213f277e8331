//! Messages as they are sent, with AWS's rules for them.

use super::content::{Attribute, Attributes, Value};
use super::queue::Queue;
use crate::error::{invalid, invalid_value, missing};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;

/// The largest batch, and the largest message that any queue takes, in bytes.
pub const LARGEST: usize = 1_048_576;
/// The most attributes of a message.
const ATTRIBUTES: usize = 10;
/// The longest name or type of an attribute, in characters.
const NAME: usize = 256;
/// The longest group and deduplication id.
const ID: usize = 128;
/// The longest delay, in seconds.
const DELAY: i64 = 900;

/// What SendMessage and the entries of SendMessageBatch have.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// `MessageBody`
    pub body: String,
    /// `DelaySeconds`
    pub delay: Option<i64>,
    /// `MessageAttributes`
    pub attributes: Option<BTreeMap<String, wire::MessageAttributeValue>>,
    /// `MessageSystemAttributes`
    pub system_attributes: Option<BTreeMap<String, wire::MessageSystemAttributeValue>>,
    /// `MessageDeduplicationId`
    pub deduplication: Option<String>,
    /// `MessageGroupId`
    pub group: Option<String>,
}

/// A message that a queue takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Its text.
    pub body: String,
    /// Its attributes.
    pub attributes: Attributes,
    /// Its system attributes.
    pub system_attributes: Attributes,
    /// For how many seconds it is delayed; the queue says where it does not.
    pub delay: Option<i64>,
    /// Its group, which it need not have in a standard queue.
    pub group: Option<String>,
    /// Its deduplication id, in a FIFO queue.
    pub deduplication: Option<String>,
}

impl Sent {
    /// What the message counts in a batch.
    pub fn size(&self) -> usize {
        let attributes = self.attributes.iter().flatten().map(|(name, value)| {
            let text = value.string_value.as_ref().map_or(0, String::len);
            name.len() + value.data_type.len() + text + value.binary_value.as_ref().map_or(0, Bytes::len)
        });
        self.body.len() + attributes.sum::<usize>()
    }

    /// What is wrong with the whole request, of one message or of a batch: what a FIFO queue needs. AWS tells it with another code in
    /// a batch (recorded: `test_posting_to_fifo_requires_deduplicationid_group_id`,
    /// `test_send_batch_missing_message_group_id_for_fifo_queue`, `test_send_batch_missing_deduplication_id_for_fifo_queue`).
    ///
    /// # Errors
    /// What is missing.
    pub fn check_fifo(&self, queue: &Queue, in_batch: bool) -> AwsResult<()> {
        let Some(fifo) = queue.settings.fifo else { return Ok(()) };
        if self.group.is_none() {
            let error = missing("MessageGroupId");
            return Err(if in_batch { invalid(error.message) } else { error });
        }
        if self.deduplication.is_none() && !fifo.by_content {
            return Err(invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
        Ok(())
    }

    /// The message as its queue takes it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, queue: &Queue, in_batch: bool) -> AwsResult<Checked> {
        if self.body.is_empty() {
            return Err(missing("MessageBody"));
        }
        if !is_text(&self.body) {
            return Err(AwsError::bad_request("InvalidMessageContents", CONTENTS));
        }
        let size = self.size();
        if size > usize::try_from(queue.settings.largest).unwrap_or(LARGEST) {
            // Recorded: `test_send_message_with_updated_maximum_message_size`, `test_send_batch_message_size`.
            let what = if in_batch { "cannot be validated" } else { "are invalid" };
            let most = queue.settings.largest;
            return Err(invalid(format!(
                "One or more parameters {what}. Reason: Message must be shorter than {most} bytes."
            )));
        }
        let attributes = self.attributes.unwrap_or_default();
        if attributes.len() > ATTRIBUTES {
            return Err(invalid(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES}].",
                attributes.len()
            )));
        }
        let attributes = attributes.into_iter().map(|(name, value)| {
            check_name(&name)?;
            let attribute = attribute(&name, "user", Given::from(value))?;
            Ok((name, attribute))
        });
        let attributes = attributes.collect::<AwsResult<Attributes>>()?;
        let system_attributes = self.system_attributes.unwrap_or_default().into_iter().map(|(name, value)| {
            if name != TRACE {
                return Err(invalid(format!("Message system attribute name '{name}' is invalid.")));
            }
            let attribute = attribute(&name, "system", Given::from(value))?;
            if attribute.kind != "String" {
                let message =
                    format!("The message system attribute '{name}' has an invalid data type, it must be String.");
                return Err(invalid(message));
            }
            Ok((name, attribute))
        });
        let system_attributes = system_attributes.collect::<AwsResult<Attributes>>()?;
        for (id, name) in [(&self.group, "MessageGroupId"), (&self.deduplication, "MessageDeduplicationId")] {
            id.as_ref().map_or(Ok(()), |id| check_id(id, name))?;
        }
        let delay = delay(self.delay, queue)?;
        let deduplication = match queue.settings.fifo {
            None if self.deduplication.is_some() => {
                let reason = "The request include parameter that is not valid for this queue type.";
                let given = self.deduplication.unwrap_or_default();
                return Err(invalid_value(given, "MessageDeduplicationId", reason));
            }
            None => None,
            Some(_) => Some(self.deduplication.unwrap_or_else(|| hex::encode(Sha256::digest(self.body.as_bytes())))),
        };
        Ok(Checked { body: self.body, attributes, system_attributes, delay, group: self.group, deduplication })
    }
}

/// `AWSTraceHeader`
pub const TRACE: &str = "AWSTraceHeader";

/// API reference, SendMessage.
const CONTENTS: &str = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 \
                        to #xFFFD | #x10000 to #x10FFFF";

/// A message's own delay. A FIFO queue takes none but 0, which means that of the queue (recorded:
/// `test_fifo_queue_send_message_with_delay_seconds_fails`,
/// `test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay`).
fn delay(given: Option<i64>, queue: &Queue) -> AwsResult<Option<i64>> {
    let Some(delay) = given else { return Ok(None) };
    if queue.is_fifo() {
        let reason = "The request include parameter that is not valid for this queue type.";
        return if delay == 0 { Ok(None) } else { Err(invalid_value(delay, "DelaySeconds", reason)) };
    }
    match delay {
        0..=DELAY => Ok(Some(delay)),
        _ => Err(invalid_value(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")),
    }
}

/// Checks a group's or deduplication's id, or that of an attempt (recorded: `test_message_deduplication_id_invalid`,
/// `test_send_message_to_standard_queue_with_invalid_message_group_id`).
///
/// # Errors
/// When it has other characters or another length.
pub fn check_id(id: &str, parameter: &str) -> AwsResult<()> {
    let is_id = (1..=ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    let reason =
        || format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    if is_id { Ok(()) } else { Err(invalid_value(id, parameter, reason())) }
}

/// Whether all characters are those that messages may have.
fn is_text(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..))
}

/// Checks an attribute's name (Developer Guide, "Amazon SQS message metadata"). AWS takes letters of all languages (asserted on
/// AWS: `test_send_message_with_invalid_string_attributes`).
fn check_name(name: &str) -> AwsResult<()> {
    let lower = name.to_ascii_lowercase();
    let reserved = ["aws.", "amazon."].iter().any(|prefix| lower.starts_with(prefix));
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let is_fine = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if name.is_empty() || name.chars().count() > NAME {
        return Err(invalid(format!("Message attribute name must be shorter than {NAME} bytes.")));
    }
    if reserved || dots || !is_fine {
        let message = format!(
            "Message (user) attribute name '{name}' is invalid: it may have letters, digits, '_', '-' and '.', must not \
             begin with AWS. or Amazon., nor begin or end with a period, nor have two in a row."
        );
        return Err(invalid(message));
    }
    Ok(())
}

/// What both kinds of attributes have.
struct Given {
    kind: String,
    text: Option<String>,
    bytes: Option<Bytes>,
    has_list: bool,
}

impl From<wire::MessageAttributeValue> for Given {
    fn from(value: wire::MessageAttributeValue) -> Self {
        let has_list = value.string_list_values.is_some_and(|list| !list.is_empty())
            || value.binary_list_values.is_some_and(|list| !list.is_empty());
        Self { kind: value.data_type, text: value.string_value, bytes: value.binary_value, has_list }
    }
}

impl From<wire::MessageSystemAttributeValue> for Given {
    fn from(value: wire::MessageSystemAttributeValue) -> Self {
        let has_list = value.string_list_values.is_some_and(|list| !list.is_empty())
            || value.binary_list_values.is_some_and(|list| !list.is_empty());
        Self { kind: value.data_type, text: value.string_value, bytes: value.binary_value, has_list }
    }
}

fn attribute(name: &str, whose: &str, given: Given) -> AwsResult<Attribute> {
    let Given { kind, text, bytes, has_list } = given;
    if has_list {
        let message = "Message attribute list values in SendMessage operation are not supported.";
        return Err(AwsError::bad_request("UnsupportedOperation", message));
    }
    let base = kind.split('.').next().unwrap_or_default();
    if kind.is_empty() || !matches!(base, "String" | "Number" | "Binary") {
        return Err(invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
             Binary, Number, and String."
        )));
    }
    if kind.chars().count() > NAME {
        return Err(invalid(format!("The type of the message attribute '{name}' must be shorter than {NAME} bytes.")));
    }
    // Recorded: `test_send_message_with_empty_string_attribute`.
    let empty =
        || invalid(format!("Message ({whose}) attribute '{name}' must contain a non-empty value of type '{base}'."));
    if text.is_some() && bytes.is_some() {
        return Err(invalid(format!("Message ({whose}) attribute '{name}' has more than one value.")));
    }
    let value = match base {
        "Binary" => Value::Binary(bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(empty)?.to_vec()),
        _ => {
            let text = text.filter(|text| !text.is_empty()).ok_or_else(empty)?;
            if !is_text(&text) {
                let message = format!("Message ({whose}) attribute '{name}' has invalid characters. {CONTENTS}");
                return Err(invalid(message));
            }
            if base == "Number" && !text.trim().parse::<f64>().is_ok_and(f64::is_finite) {
                return Err(invalid(format!(
                    "Can't cast the value of message ({whose}) attribute '{name}' to a number."
                )));
            }
            Value::Text(text)
        }
    };
    Ok(Attribute { kind, value })
}
