//! What Publish takes.

use super::attribute::{self, Attributes};
use super::topic::Topic;
use crate::error::{invalid, invalid_because};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::sns as wire;
use std::collections::BTreeMap;

/// The longest subject, in characters (API reference, Publish).
const SUBJECT: usize = 100;
/// The longest id of a group or for deduplication.
const ID: usize = 128;

/// A message of a request, or an entry of a batch.
pub struct Given {
    pub message: String,
    pub subject: Option<String>,
    pub structure: Option<String>,
    pub attributes: Option<BTreeMap<String, wire::MessageAttributeValue>>,
    pub deduplication: Option<String>,
    pub group: Option<String>,
}

/// A message that can be published.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its text, or a JSON object of texts by protocol.
    pub text: String,
    /// Whether it is that.
    pub structured: bool,
    pub subject: Option<String>,
    pub attributes: Attributes,
    pub group: Option<String>,
    /// By what a FIFO topic knows it again.
    pub deduplication: Option<String>,
}

impl Message {
    /// Its size with its attributes, in bytes.
    pub fn size(&self) -> usize {
        self.text.len() + self.attributes.iter().map(|(name, attribute)| attribute.size(name)).sum::<usize>()
    }
}

impl Given {
    /// Checks it for a topic.
    ///
    /// # Errors
    /// AWS's for what cannot be published there.
    pub fn check(self, topic: &Topic) -> AwsResult<Message> {
        // Recorded: `test_empty_sns_message`.
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        self.subject.as_deref().map_or(Ok(()), check_subject)?;
        let structured = match self.structure.as_deref() {
            None | Some("") => false,
            Some("json") => {
                check_structure(&self.message)?;
                true
            }
            Some(_) => return Err(invalid("MessageStructure")),
        };
        let attributes = attribute::checked(self.attributes.unwrap_or_default())?;
        for (id, name) in [(&self.group, "MessageGroupId"), (&self.deduplication, "MessageDeduplicationId")] {
            id.as_deref().map_or(Ok(()), |id| check_id(id, name))?;
        }
        let deduplication = match topic.settings.fifo {
            // Recorded: `test_validations_for_fifo`.
            None if self.deduplication.is_some() => {
                let reason =
                    "The request includes MessageDeduplicationId parameter that is not valid for this topic type";
                return Err(invalid_because("MessageDeduplicationId", reason));
            }
            None => None,
            Some(_) if self.group.is_none() => {
                return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
            }
            // Recorded: `test_message_to_fifo_sqs`.
            Some(fifo) if self.deduplication.is_none() && fifo.by_content => {
                Some(hex::encode(Sha256::digest(self.message.as_bytes())))
            }
            Some(_) if self.deduplication.is_none() => {
                return Err(invalid(
                    "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                     explicitly",
                ));
            }
            Some(_) => self.deduplication,
        };
        let message = Message {
            text: self.message,
            structured,
            subject: self.subject,
            attributes,
            group: self.group,
            deduplication,
        };
        // Seen in many reports of users.
        let is_too_long = i64::try_from(message.size()).map_or(true, |size| size > topic.largest());
        if is_too_long { Err(invalid("Message too long")) } else { Ok(message) }
    }
}

/// API reference, Publish; recorded: `test_publish_with_empty_subject`.
fn check_subject(subject: &str) -> AwsResult<()> {
    let is_fine = !subject.is_empty() && subject.chars().count() <= SUBJECT && !subject.chars().any(char::is_control);
    if is_fine { Ok(()) } else { Err(invalid("Subject")) }
}

/// Recorded: `test_message_structure_json_exc`.
fn check_structure(message: &str) -> AwsResult<()> {
    let texts: Map<String, Value> =
        serde_json::from_str(message).map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
    match texts.get("default") {
        Some(Value::String(_)) => Ok(()),
        _ => Err(invalid("Message Structure - No default entry in JSON message body")),
    }
}

fn check_id(id: &str, parameter: &str) -> AwsResult<()> {
    let is_id = (1..=ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    let reason = || format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length");
    if is_id { Ok(()) } else { Err(invalid_because(parameter, reason())) }
}

/// Entries of a batch at the most, and the longest id of one.
const ENTRIES: usize = 10;
const ENTRY_ID: usize = 80;

/// Checks the ids of a batch's entries (recorded: `test_publish_batch_invalid_entry_id`; texts of the others are asserted on AWS by
/// `test_publish_batch_exceptions`).
///
/// # Errors
/// What is wrong with them.
pub fn check_ids<'a>(ids: impl Iterator<Item = &'a str> + Clone) -> AwsResult<()> {
    let count = ids.clone().count();
    if count == 0 {
        return Err(AwsError::bad_request("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if count > ENTRIES {
        let message = "The batch request contains more entries than permissible.";
        return Err(AwsError::bad_request("TooManyEntriesInBatchRequest", message));
    }
    let wrong = |message: String| Err(AwsError::bad_request("InvalidBatchEntryId", message));
    for id in ids.clone() {
        if id.len() > ENTRY_ID {
            return wrong(format!("The Id of a batch entry in the batch request is too long: {id}"));
        }
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            let what = "contains an impermissible character";
            return wrong(format!("The Id of a batch entry in the batch request {what}: {id}"));
        }
    }
    let mut sorted: Vec<&str> = ids.collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        let message = "Two or more batch entries in the request have the same Id.";
        return Err(AwsError::bad_request("BatchEntryIdsNotDistinct", message));
    }
    Ok(())
}
