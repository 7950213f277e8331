//! Queues come, are found, and go.

use super::access::named;
use super::found::{page, urls};
use crate::SqsService;
use crate::error::no_such_queue;
use crate::model::attributes::{self, Given};
use crate::model::name::{self, Reference};
use crate::model::queue::{Queue, Settings};
use crate::store::PAUSE;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// CreateQueue.
pub async fn create(
    service: Arc<SqsService>,
    context: Context,
    input: wire::CreateQueue,
) -> AwsResult<wire::CreateQueueResult> {
    let reference = Reference { scope: Scope::regional(&context), name: input.queue_name };
    let given = input.attributes.unwrap_or_default();
    let queue = new(&service, &reference, &given, input.tags.unwrap_or_default())?;
    let scope = reference.scope.clone();
    let same = |existing: &Queue| {
        let (ours, asked) =
            (attributes::told(&scope, &reference.name, existing), attributes::told(&scope, &reference.name, &queue));
        let different = |name: &&String| ours.get(name.as_str()) != asked.get(name.as_str());
        match given.keys().find(different) {
            // Recorded: `test_create_queue_with_different_attributes_raises_exception`,
            // `test_create_fifo_queue_with_different_attributes_raises_error`.
            Some(name) => Err(AwsError::bad_request(
                "QueueNameExists",
                format!("A queue already exists with the same name and a different value for attribute {name}"),
            )),
            None => Ok(()),
        }
    };
    let fresh = queue.clone();
    service.queues.create(&reference, fresh, service.now(), same).await?;
    let url = name::url(service.cloud.settings(), &context.account, &reference.name);
    Ok(wire::CreateQueueResult { queue_url: Some(url) })
}

fn new(service: &SqsService, reference: &Reference, given: &Given, tags: BTreeMap<String, String>) -> AwsResult<Queue> {
    let is_fifo = given.get("FifoQueue").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    name::check(&reference.name, is_fifo)?;
    super::tags::check(&tags)?;
    let (id, seconds) = (service.messages.number(), service.now() / 1000);
    let settings = Settings::new(is_fifo);
    let mut queue = Queue {
        id,
        key: id,
        created: seconds,
        modified: seconds,
        purged: None,
        rescoped: None,
        settings,
        policy: None,
        tags,
    };
    super::attributes::apply(service, reference, &mut queue, given)?;
    Ok(queue)
}

/// DeleteQueue.
pub async fn delete(
    service: Arc<SqsService>,
    context: Context,
    input: wire::DeleteQueue,
) -> AwsResult<wire::DeleteQueueOutput> {
    let reference = Reference::of_url(&context, &input.queue_url);
    let queue = service.queues.remove(&reference, service.now()).await?;
    clear(&service, queue.key);
    Ok(wire::DeleteQueueOutput {})
}

/// Deletes the messages of a key that is no queue's any more, without letting anybody wait for that. What a crash leaves is swept.
fn clear(service: &Arc<SqsService>, key: i64) {
    let service = Arc::clone(service);
    tokio::spawn(async move {
        if let Err(error) = service.messages.clear(key).await {
            tracing::warn!(%error, "messages could not be deleted; they are in the next sweep");
        }
    });
}

/// PurgeQueue: the messages that the queue has now are no longer its own, and are deleted afterwards.
pub async fn purge(
    service: Arc<SqsService>,
    context: Context,
    input: wire::PurgeQueue,
) -> AwsResult<wire::PurgeQueueOutput> {
    let reference = Reference::of_url(&context, &input.queue_url);
    let (now, key) = (service.now(), service.messages.number());
    let mut before = key;
    let change = |queue: &mut Queue| {
        if queue.purged.is_some_and(|purged| now - purged < PAUSE) {
            // Recorded: `test_successive_purge_calls_fail`.
            let message = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", reference.name);
            return Err(AwsError::new("PurgeQueueInProgress", 403, message));
        }
        before = std::mem::replace(&mut queue.key, key);
        queue.purged = Some(now);
        Ok(())
    };
    service.queues.change(&reference, change).await?;
    clear(&service, before);
    Ok(wire::PurgeQueueOutput {})
}

/// GetQueueUrl.
pub async fn url(
    service: Arc<SqsService>,
    context: Context,
    input: wire::GetQueueUrl,
) -> AwsResult<wire::GetQueueUrlResult> {
    let reference = named(&context, &input);
    service.queues.find(&reference).ok_or_else(no_such_queue)?;
    let url = name::url(service.cloud.settings(), &reference.scope.account, &reference.name);
    Ok(wire::GetQueueUrlResult { queue_url: Some(url) })
}

/// ListQueues. A token is told only where a size was asked for (API reference, ListQueues; recorded: `test_list_queues_pagination`).
pub async fn list(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ListQueues,
) -> AwsResult<wire::ListQueuesResult> {
    let prefix = input.queue_name_prefix.unwrap_or_default();
    let queues = service.queues.list(&Scope::regional(&context)).into_iter().map(|(name, _)| name);
    let names = queues.filter(|name| name.starts_with(&prefix));
    let (names, next_token) = page(names, input.max_results, input.next_token.as_deref())?;
    let queue_urls = urls(&service, &context.account, names);
    Ok(wire::ListQueuesResult { queue_urls: (!queue_urls.is_empty()).then_some(queue_urls), next_token })
}
