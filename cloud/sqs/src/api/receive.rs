//! Messages are received, and waited for.

use super::found::find;
use crate::SqsService;
use crate::error::{invalid_value, over_limit, unknown_attribute};
use crate::messages::waiting::Present;
use crate::messages::{Pick, Place, Received, Redrive, Taken};
use crate::model::content::{Attribute, Content};
use crate::model::digest;
use crate::model::handle::Handle;
use crate::model::message::check_id;
use crate::model::name::Reference;
use crate::model::queue::Queue;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::sequence;
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most messages of a queue in flight (API reference, ReceiveMessage and ChangeMessageVisibility).
const IN_FLIGHT: i64 = 120_000;

/// The names of system attributes.
const NAMES: [&str; 9] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

/// ReceiveMessage (recorded: `test_receive_empty_queue`).
pub async fn receive(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ReceiveMessage,
) -> AwsResult<wire::ReceiveMessageResult> {
    let (reference, queue, _) = find(&service, &context, &input.queue_url)?;
    let asked = Asked::read(&queue, input)?;
    let received = match &context.hangup {
        Some(hangup) => tokio::select! {
            received = wait(&service, &reference, &asked) => received?,
            // Nobody gets what it would have received.
            () = hangup.happens() => Received::default(),
        },
        None => wait(&service, &reference, &asked).await?,
    };
    if received.over_limit && !queue.is_fifo() && asked.wait == 0 {
        return Err(over_limit("Too many messages in flight: a queue has at most 120000."));
    }
    let place = Place::from(&*queue);
    let messages = received.messages.into_iter().map(|taken| asked.told(place, taken));
    let messages = messages.collect::<AwsResult<Vec<_>>>()?;
    Ok(wire::ReceiveMessageResult { messages: (!messages.is_empty()).then_some(messages) })
}

/// Receives, and waits for messages as long as is asked for.
async fn wait(service: &SqsService, reference: &Reference, asked: &Asked) -> AwsResult<Received> {
    let present = Present::default();
    let clock = service.cloud.clock();
    let end = service.now() + asked.wait * 1000;
    loop {
        // It may be another queue by now, or have other attributes.
        let queue = service.queues.get(reference)?;
        let pick = asked.pick(service, reference, &queue);
        if asked.wait == 0 {
            return Ok(service.messages.receive(pick, present.presence()).await?);
        }
        let waiting = service.messages.waiting();
        let too_many = || AwsError::new("RequestThrottled", 403, "Too many receivers wait for messages.");
        let waiter = waiting.enter(queue.key).ok_or_else(too_many)?;
        // Before it looks, so that nothing comes unheard between that and the waiting.
        let listening = waiter.listen();
        let received = service.messages.receive(pick, present.presence()).await?;
        if !received.messages.is_empty() || clock.now_ms() >= end || waiting.is_closed() {
            return Ok(received);
        }
        waiter.has_looked(received.next);
        waiter.rest(listening, clock, end).await;
    }
}

/// What a receiver asks for.
struct Asked {
    count: usize,
    visibility: Option<i64>,
    wait: i64,
    attempt: Option<String>,
    system_attributes: Vec<String>,
    attributes: Vec<String>,
}

impl Asked {
    fn read(queue: &Queue, input: wire::ReceiveMessage) -> AwsResult<Self> {
        // Recorded: `test_send_receive_max_number_of_messages`, `test_send_receive_wait_time_seconds`.
        let count = input.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&count) {
            return Err(invalid_value(count, "MaxNumberOfMessages", "Must be between 1 and 10, if provided."));
        }
        let wait = input.wait_time_seconds.unwrap_or(queue.settings.wait);
        if !(0..=20).contains(&wait) {
            return Err(invalid_value(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."));
        }
        if let Some(timeout) = input.visibility_timeout.filter(|timeout| !(0..=43_200).contains(timeout)) {
            return Err(invalid_value(timeout, "VisibilityTimeout", "Must be between 0 and 43200, if provided."));
        }
        let attempt = input.receive_request_attempt_id;
        if let Some(attempt) = &attempt {
            if !queue.is_fifo() {
                let reason = "The request include parameter that is not valid for this queue type.";
                return Err(invalid_value(attempt, "ReceiveRequestAttemptId", reason));
            }
            check_id(attempt, "ReceiveRequestAttemptId")?;
        }
        // The older name has the names of queues' attributes, too, in AWS's model.
        let older = input.attribute_names.unwrap_or_default();
        crate::model::attributes::check_names(
            &older.iter().filter(|name| !NAMES.contains(&name.as_str())).cloned().collect::<Vec<_>>(),
        )?;
        let newer = input.message_system_attribute_names.unwrap_or_default();
        if let Some(unknown) = newer.iter().find(|name| *name != "All" && !NAMES.contains(&name.as_str())) {
            return Err(unknown_attribute(unknown));
        }
        Ok(Self {
            count: usize::try_from(count).unwrap_or(1),
            visibility: input.visibility_timeout,
            wait,
            attempt,
            system_attributes: older.into_iter().chain(newer).collect(),
            attributes: input.message_attribute_names.unwrap_or_default(),
        })
    }

    fn pick(&self, service: &SqsService, reference: &Reference, queue: &Queue) -> Pick {
        let redrive = queue.settings.redrive.as_ref().and_then(|redrive| {
            // Messages stay where they are if there is no queue to take them.
            let target = service.queues.of_arn(&redrive.target)?;
            Some(Redrive { target: Place::from(&*target), receipts: redrive.receipts, source: reference.arn() })
        });
        Pick {
            queue: Place::from(queue),
            count: self.count,
            visibility: self.visibility.unwrap_or(queue.settings.visibility) * 1000,
            retention: queue.settings.retention * 1000,
            most_in_flight: IN_FLIGHT,
            redrive,
            attempt: self.attempt.clone(),
        }
    }

    fn told(&self, queue: Place, taken: Taken) -> AwsResult<wire::Message> {
        let content: Content = serde_json::from_str(&taken.content).map_err(AwsError::internal)?;
        let handle = Handle { queue: queue.id, message: taken.seq, receipt: taken.receipt };
        let attributes: BTreeMap<&String, &Attribute> =
            content.attributes.iter().filter(|(name, _)| self.is_wanted(name)).collect();
        let md5_of_message_attributes = digest::of_attributes(attributes.iter().map(|(name, value)| (*name, *value)));
        let told = attributes.into_iter().map(|(name, attribute)| (name.clone(), attribute.told()));
        let told: BTreeMap<_, _> = told.collect();
        let system_attributes = self.system_attributes(queue, &taken, &content);
        Ok(wire::Message {
            message_id: Some(taken.id),
            receipt_handle: Some(handle.to_string()),
            md5_of_body: Some(content.md5),
            body: Some(taken.body),
            attributes: (!system_attributes.is_empty()).then_some(system_attributes),
            md5_of_message_attributes,
            message_attributes: (!told.is_empty()).then_some(told),
        })
    }

    /// Recorded: `test_fair_queue_with_message_group_id`, `test_fifo_message_attributes`,
    /// `test_receive_message_attribute_names_filters`, `test_receive_message_message_system_attribute_names_filters`,
    /// `test_message_system_attribute_names_with_attribute_names`.
    fn system_attributes(&self, queue: Place, taken: &Taken, content: &Content) -> BTreeMap<String, String> {
        if self.system_attributes.is_empty() {
            return BTreeMap::new();
        }
        let all = [
            Some(content.sender.clone()),
            Some(taken.sent.to_string()),
            Some(taken.receives.to_string()),
            Some(taken.first.to_string()),
            queue.fifo.then(|| sequence::told(taken.seq)),
            content.deduplication.clone().filter(|_| queue.fifo),
            Some(taken.group.clone()).filter(|group| !group.is_empty()),
            content.trace.clone(),
            taken.source.clone(),
        ];
        let is_asked = |name: &str| self.system_attributes.iter().any(|asked| asked == "All" || asked == name);
        let all = NAMES.into_iter().zip(all).filter(|(name, _)| is_asked(name));
        all.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Whether an attribute of a message is asked for: by its name, with all, or by the beginning of its name (recorded:
    /// `test_receive_message_message_attribute_names_filters`).
    fn is_wanted(&self, name: &str) -> bool {
        self.attributes.iter().any(|asked| match asked.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => asked == "All" || asked == name || asked == "*",
        })
    }
}
