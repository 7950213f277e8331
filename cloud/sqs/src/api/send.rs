//! Messages come.

use super::found::find;
use crate::SqsService;
use crate::messages::{Accepted, Deduplication, New};
use crate::model::batch;
use crate::model::content::Content;
use crate::model::content::Value;
use crate::model::digest;
use crate::model::message::{Checked, LARGEST, Sent, TRACE};
use crate::model::queue::Queue;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::sequence;
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// A message that is ready for its queue, and what its sender is told of it.
struct Ready {
    new: New,
    md5_of_body: String,
    md5_of_attributes: Option<String>,
    md5_of_system_attributes: Option<String>,
}

fn ready(service: &SqsService, queue: &Queue, context: &Context, message: Checked) -> AwsResult<Ready> {
    let md5_of_body = digest::of_body(&message.body);
    let md5_of_attributes = digest::of_attributes(&message.attributes);
    let md5_of_system_attributes = digest::of_attributes(&message.system_attributes);
    let given = message.system_attributes.get(TRACE).and_then(|attribute| match &attribute.value {
        Value::Text(text) => Some(text.clone()),
        Value::Binary(_) => None,
    });
    let content = Content {
        md5: md5_of_body.clone(),
        sender: context.principal.user_id(),
        attributes: message.attributes,
        // Or that of the request (recorded: `test_aws_trace_header_propagation`).
        trace: given.or_else(|| context.trace.as_deref().map(str::to_owned)),
        deduplication: message.deduplication.clone(),
    };
    let by_group = queue.deduplicates_by_group(service.now());
    let new = New {
        id: uuid::Uuid::new_v4().to_string(),
        body: message.body,
        content: serde_json::to_string(&content).map_err(AwsError::internal)?,
        group: message.group.unwrap_or_default(),
        delay: message.delay.unwrap_or(queue.settings.delay) * 1000,
        deduplication: message.deduplication.map(|id| Deduplication { id, by_group }),
    };
    Ok(Ready { new, md5_of_body, md5_of_attributes, md5_of_system_attributes })
}

/// SendMessage.
pub async fn one(
    service: Arc<SqsService>,
    context: Context,
    input: wire::SendMessage,
) -> AwsResult<wire::SendMessageResult> {
    let (_, queue, place) = find(&service, &context, &input.queue_url)?;
    let sent = Sent {
        body: input.message_body,
        delay: input.delay_seconds,
        attributes: input.message_attributes,
        system_attributes: input.message_system_attributes,
        deduplication: input.message_deduplication_id,
        group: input.message_group_id,
    };
    sent.check_fifo(&queue, false)?;
    let Ready { new, md5_of_body, md5_of_attributes, md5_of_system_attributes } =
        ready(&service, &queue, &context, sent.check(&queue, false)?)?;
    let accepted = service.messages.send(place, vec![new]).await?.pop();
    let Accepted { id, seq } = accepted.ok_or_else(|| AwsError::internal("a message was lost"))?;
    Ok(wire::SendMessageResult {
        md5_of_message_body: Some(md5_of_body),
        md5_of_message_attributes: md5_of_attributes,
        md5_of_message_system_attributes: md5_of_system_attributes,
        message_id: Some(id),
        sequence_number: queue.is_fifo().then(|| sequence::told(seq)),
    })
}

/// SendMessageBatch. All that can be sent is in one write.
pub async fn batch(
    service: Arc<SqsService>,
    context: Context,
    input: wire::SendMessageBatch,
) -> AwsResult<wire::SendMessageBatchResult> {
    let (_, queue, place) = find(&service, &context, &input.queue_url)?;
    batch::check(input.entries.iter().map(|entry| &entry.id), "SendMessageBatchRequestEntry")?;
    let entries: Vec<(String, Sent)> = input.entries.into_iter().map(of_entry).collect();
    let size: usize = entries.iter().map(|(_, sent)| sent.size()).sum();
    if size > LARGEST {
        // Recorded: `test_send_message_batch_with_oversized_contents`.
        let message = format!("Batch requests cannot be longer than {LARGEST} bytes. You have sent {size} bytes.");
        return Err(AwsError::bad_request("BatchRequestTooLong", message));
    }
    entries.iter().try_for_each(|(_, sent)| sent.check_fifo(&queue, true))?;
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    for (id, sent) in entries {
        match sent.check(&queue, true).and_then(|message| ready(&service, &queue, &context, message)) {
            Ok(ready) => all.push((id, ready)),
            Err(error) => failed.push(batch::failed(id, &error)),
        }
    }
    let (mut told, mut new) = (Vec::new(), Vec::new());
    for (id, ready) in all {
        told.push((id, ready.md5_of_body, ready.md5_of_attributes, ready.md5_of_system_attributes));
        new.push(ready.new);
    }
    let accepted = if new.is_empty() { Vec::new() } else { service.messages.send(place, new).await? };
    let successful = told.into_iter().zip(accepted).map(|((id, body, attributes, system_attributes), accepted)| {
        wire::SendMessageBatchResultEntry {
            id,
            message_id: accepted.id,
            md5_of_message_body: body,
            md5_of_message_attributes: attributes,
            md5_of_message_system_attributes: system_attributes,
            sequence_number: queue.is_fifo().then(|| sequence::told(accepted.seq)),
        }
    });
    Ok(wire::SendMessageBatchResult { successful: successful.collect(), failed })
}

fn of_entry(entry: wire::SendMessageBatchRequestEntry) -> (String, Sent) {
    let sent = Sent {
        body: entry.message_body,
        delay: entry.delay_seconds,
        attributes: entry.message_attributes,
        system_attributes: entry.message_system_attributes,
        deduplication: entry.message_deduplication_id,
        group: entry.message_group_id,
    };
    (entry.id, sent)
}
