//! Messages are made visible sooner or later.

use super::delete::handle;
use super::found::find;
use crate::SqsService;
use crate::error::{expired_handle, invalid_value};
use crate::messages::{Place, Revealed};
use crate::model::batch;
use crate::model::handle::Handle;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// The longest timeout, in seconds.
const LONGEST: i64 = 43_200;

/// What is asked for: which message, and for how many milliseconds it is hidden.
fn asked(queue: Place, text: &str, timeout: i64) -> AwsResult<(Handle, i64)> {
    let handle = handle(queue, text)?;
    if !(0..=LONGEST).contains(&timeout) {
        return Err(invalid_value(timeout, "VisibilityTimeout", "Must be between 0 and 43200, if provided."));
    }
    Ok((handle, timeout * 1000))
}

fn done(revealed: Revealed, handle: &str, timeout: i64) -> AwsResult<()> {
    match revealed {
        Revealed::Done => Ok(()),
        Revealed::Expired => Err(expired_handle(handle)),
        Revealed::Absent => {
            let reason = "Message does not exist or is not available for visibility timeout change.";
            Err(invalid_value(handle, "ReceiptHandle", reason))
        }
        Revealed::TooLong => {
            let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
            Err(invalid_value(timeout, "VisibilityTimeout", reason))
        }
    }
}

/// ChangeMessageVisibility.
pub async fn one(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ChangeMessageVisibility,
) -> AwsResult<wire::ChangeMessageVisibilityOutput> {
    let (_, _, place) = find(&service, &context, &input.queue_url)?;
    let asked = asked(place, &input.receipt_handle, input.visibility_timeout)?;
    let revealed = service.messages.reveal(place, vec![asked]).await?.pop();
    let revealed = revealed.ok_or_else(|| AwsError::internal("a change was lost"))?;
    done(revealed, &input.receipt_handle, input.visibility_timeout)?;
    Ok(wire::ChangeMessageVisibilityOutput {})
}

/// ChangeMessageVisibilityBatch, in one write. An entry without a timeout has that of its queue.
pub async fn batch(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ChangeMessageVisibilityBatch,
) -> AwsResult<wire::ChangeMessageVisibilityBatchResult> {
    let (_, queue, place) = find(&service, &context, &input.queue_url)?;
    batch::check(input.entries.iter().map(|entry| &entry.id), "ChangeMessageVisibilityBatchRequestEntry")?;
    let timeout = |timeout: Option<i64>| timeout.unwrap_or(queue.settings.visibility);
    let changes: Vec<AwsResult<(Handle, i64)>> = input
        .entries
        .iter()
        .map(|entry| asked(place, &entry.receipt_handle, timeout(entry.visibility_timeout)))
        .collect();
    let good = changes.iter().filter_map(|change| change.as_ref().ok().copied()).collect();
    let mut revealed = service.messages.reveal(place, good).await?.into_iter();
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (entry, change) in input.entries.into_iter().zip(changes) {
        let change = change.and_then(|_| {
            let revealed = revealed.next().ok_or_else(|| AwsError::internal("a change was lost"))?;
            done(revealed, &entry.receipt_handle, timeout(entry.visibility_timeout))
        });
        match change {
            Ok(()) => successful.push(wire::ChangeMessageVisibilityBatchResultEntry { id: entry.id }),
            Err(error) => failed.push(batch::failed(entry.id, &error)),
        }
    }
    Ok(wire::ChangeMessageVisibilityBatchResult { successful, failed })
}
