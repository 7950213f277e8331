//! Messages are deleted.

use super::found::find;
use crate::SqsService;
use crate::error::{expired_handle, invalid_handle};
use crate::messages::{Deleted, Place};
use crate::model::batch;
use crate::model::handle::Handle;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// A receipt handle of a queue.
///
/// # Errors
/// When it is none, or another queue's.
pub fn handle(queue: Place, text: &str) -> AwsResult<Handle> {
    Handle::parse(text).filter(|handle| handle.queue == queue.id).ok_or_else(|| invalid_handle(text))
}

/// DeleteMessage.
pub async fn one(
    service: Arc<SqsService>,
    context: Context,
    input: wire::DeleteMessage,
) -> AwsResult<wire::DeleteMessageOutput> {
    let (_, _, place) = find(&service, &context, &input.queue_url)?;
    let handle = handle(place, &input.receipt_handle)?;
    let deleted = service.messages.delete(place, vec![handle]).await?;
    if deleted.contains(&Deleted::Expired) {
        return Err(expired_handle(&input.receipt_handle));
    }
    Ok(wire::DeleteMessageOutput {})
}

/// DeleteMessageBatch, in one write.
pub async fn batch(
    service: Arc<SqsService>,
    context: Context,
    input: wire::DeleteMessageBatch,
) -> AwsResult<wire::DeleteMessageBatchResult> {
    let (_, _, place) = find(&service, &context, &input.queue_url)?;
    batch::check(input.entries.iter().map(|entry| &entry.id), "DeleteMessageBatchRequestEntry")?;
    let handles: Vec<AwsResult<Handle>> =
        input.entries.iter().map(|entry| handle(place, &entry.receipt_handle)).collect();
    let good: Vec<Handle> = handles.iter().filter_map(|handle| handle.as_ref().ok().copied()).collect();
    let mut deleted = service.messages.delete(place, good).await?.into_iter();
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (entry, handle) in input.entries.into_iter().zip(handles) {
        let done = handle.and_then(|_| match deleted.next() {
            Some(Deleted::Done) => Ok(()),
            Some(Deleted::Expired) => Err(expired_handle(&entry.receipt_handle)),
            None => Err(AwsError::internal("a deletion was lost")),
        });
        match done {
            Ok(()) => successful.push(wire::DeleteMessageBatchResultEntry { id: entry.id }),
            Err(error) => failed.push(batch::failed(entry.id, &error)),
        }
    }
    Ok(wire::DeleteMessageBatchResult { successful, failed })
}
