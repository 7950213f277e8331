//! The rules that all batches have, and what becomes of their entries.

use crate::dialect::code_in_query;
use crate::error::empty_batch;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeSet;

/// The most entries.
const ENTRIES: usize = 10;
/// The longest id of an entry.
const ID: usize = 80;

/// Checks the ids of a batch whose entries are called so (recorded: `test_invalid_batch_id`,
/// `test_delete_message_batch_invalid_msg_id`, `test_too_many_entries_in_batch_request`,
/// `test_delete_message_batch_with_too_large_batch`, `test_change_message_visibility_batch_with_too_large_batch`; the other texts are in tests of moto's that were verified on AWS).
///
/// # Errors
/// What is wrong with the batch as a whole.
pub fn check<'a>(ids: impl ExactSizeIterator<Item = &'a String>, entry: &str) -> AwsResult<()> {
    if ids.len() == 0 {
        return Err(empty_batch(entry));
    }
    if ids.len() > ENTRIES {
        let message = format!("Maximum number of entries per request are {ENTRIES}. You have sent {}.", ids.len());
        return Err(AwsError::bad_request("TooManyEntriesInBatchRequest", message));
    }
    let mut known = BTreeSet::new();
    for id in ids {
        let is_id = (1..=ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_id {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                           It can be at most 80 letters long.";
            return Err(AwsError::bad_request("InvalidBatchEntryId", message));
        }
        if !known.insert(id) {
            return Err(AwsError::bad_request("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
    }
    Ok(())
}

/// An entry that failed (recorded: `test_send_batch_message_size`).
pub fn failed(id: String, error: &AwsError) -> wire::BatchResultErrorEntry {
    wire::BatchResultErrorEntry {
        id,
        sender_fault: error.is_client_fault(),
        code: code_in_query(&error.code),
        message: Some(error.message.clone()),
    }
}
