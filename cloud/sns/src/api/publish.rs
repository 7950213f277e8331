//! Messages are published: stored with what is to be delivered of them, then answered, then delivered.

use crate::SnsService;
use crate::delivery::wake;
use crate::error::invalid_because;
use crate::model::filter::Asked;
use crate::model::message::{Given, Message, check_ids};
use crate::model::name::Reference;
use crate::model::publication::{Kind, Publication};
use crate::model::topic::Topic;
use crate::publications::{New, Taken};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::sequence;
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// Publish.
pub async fn one(service: Arc<SnsService>, context: Context, input: wire::Publish) -> AwsResult<wire::PublishResponse> {
    let target = input.topic_arn.or(input.target_arn);
    let target = target.ok_or_else(|| invalid_because("TopicArn or TargetArn", "no value for required parameter"))?;
    if target.contains(":endpoint/") {
        return Err(AwsError::unsupported(format_args!("publishing to the platform endpoint {target}")));
    }
    let reference = Reference::of_arn(&context, &target)?;
    let given = Given {
        message: input.message,
        subject: input.subject,
        structure: input.message_structure,
        attributes: input.message_attributes,
        deduplication: input.message_deduplication_id,
        group: input.message_group_id,
    };
    let topic = service.topics.get(&reference)?;
    let message = given.check(&topic)?;
    let taken = take(&service, &context, &reference, &topic, vec![message]).await?.pop();
    let Taken { id, number } = taken.ok_or_else(|| AwsError::internal("a message was lost"))?;
    Ok(wire::PublishResponse { message_id: Some(id), sequence_number: number.map(sequence::told) })
}

/// PublishBatch: all that is published is in one write (recorded: `test_publish_batch_messages_from_fifo_topic_to_fifo_queue`).
pub async fn batch(
    service: Arc<SnsService>,
    context: Context,
    input: wire::PublishBatch,
) -> AwsResult<wire::PublishBatchResponse> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let topic = service.topics.get(&reference)?;
    let entries = input.publish_batch_request_entries;
    check_ids(entries.iter().map(|entry| &*entry.id))?;
    let (mut ids, mut messages) = (Vec::new(), Vec::new());
    for entry in entries {
        let given = Given {
            message: entry.message,
            subject: entry.subject,
            structure: entry.message_structure,
            attributes: entry.message_attributes,
            deduplication: entry.message_deduplication_id,
            group: entry.message_group_id,
        };
        ids.push(entry.id);
        // What is wrong with one fails the call (recorded: `test_empty_or_wrong_message_attributes`).
        messages.push(given.check(&topic)?);
    }
    let size: usize = messages.iter().map(Message::size).sum();
    if i64::try_from(size).map_or(true, |size| size > topic.largest()) {
        let message = "The length of all the messages put together is more than the limit.";
        return Err(AwsError::bad_request("BatchRequestTooLong", message));
    }
    let taken = take(&service, &context, &reference, &topic, messages).await?;
    let successful = ids.into_iter().zip(taken).map(|(id, taken)| wire::PublishBatchResultEntry {
        id: Some(id),
        message_id: Some(taken.id),
        sequence_number: taken.number.map(sequence::told),
    });
    Ok(wire::PublishBatchResponse { successful: Some(successful.collect()), failed: Some(Vec::new()) })
}

/// Stores messages with their deliveries, and has these made.
async fn take(
    service: &Arc<SnsService>,
    context: &Context,
    reference: &Reference,
    topic: &Topic,
    messages: Vec<Message>,
) -> AwsResult<Vec<Taken>> {
    let subscribers = service.topics.subscribers(reference, topic);
    let scope = &reference.scope;
    let now = service.now();
    let new = messages.into_iter().map(|message| {
        let by_group = topic.settings.fifo.and_then(|fifo| fifo.by_group).unwrap_or(false);
        let within = message.group.clone().filter(|_| by_group).unwrap_or_default();
        let publication = Publication {
            id: uuid::Uuid::new_v4().to_string(),
            topic: (scope.account.to_string(), scope.region.to_string(), reference.name.clone()),
            kind: Kind::Notification,
            text: message.text,
            structured: message.structured,
            subject: message.subject,
            attributes: message.attributes,
            sent: now,
            signature: (!topic.is_fifo()).then_some(topic.settings.signature.unwrap_or(1)),
            group: message.group,
            deduplication: message.deduplication,
            number: None,
            trace: context.trace.as_deref().map(str::to_owned),
        };
        let mut asked = Asked::new(&publication);
        let wanting = subscribers
            .iter()
            .filter(|it| it.subscription.is_confirmed())
            .filter(|it| it.filter.as_ref().is_none_or(|filter| filter.wants(&mut asked, it.subscription.protocol)));
        let subscriptions = wanting.map(|it| (it.id.clone(), topic.is_fifo())).collect();
        New { publication, subscriptions, fifo: topic.is_fifo().then(|| (topic.id.clone(), within)) }
    });
    let new: Vec<New> = new.collect();
    let mut woken: Vec<String> = new.iter().flat_map(|new| &new.subscriptions).map(|(id, _)| id.clone()).collect();
    let taken = service.publications.take(new).await?;
    woken.sort_unstable();
    woken.dedup();
    woken.iter().for_each(|id| wake(service, id));
    Ok(taken)
}
