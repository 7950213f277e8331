//! Queues of SQS are read.
//!
//! One receiver waits for messages, as every client does, and hands each batch to a task that invokes the function and deletes what
//! is done. What is not deleted comes again when its visibility timeout ends: after an error of the function, after one of
//! ours, and after the end of this process. Who reads a FIFO queue gets none of a group whose messages are not done, which keeps
//! their order.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use super::Changes;
use super::answer::Answer;
use super::check;
use super::filter::Filters;
use super::pace::{Pace, Place};
use super::pause::Pause;
use super::record::Record;
use super::target::{Batch, Target};
use crate::model::Mapping;
use crate::model::limits::REQUEST;
use crate::pool::environment::Execution;
use bytes::Bytes;
use slam_cloud_core::{Arn, AwsResult, Timestamp};
use slam_cloud_kit::delivery::queue_url;
use slam_cloud_wire::sqs;
use std::sync::Arc;

/// The most messages of a ReceiveMessage or DeleteMessageBatch.
const AT_ONCE: usize = 10;
/// How long a ReceiveMessage waits, in seconds.
const WAIT: i64 = 20;
/// What an event has around its records.
const FRAME: usize = r#"{"Records":[]}"#.len();

/// Who reads a queue.
struct Reader {
    target: Target,
    mapping: Arc<Mapping>,
    filters: Filters,
    url: String,
    region: String,
    fifo: bool,
}

/// A message that the function is to get.
struct Chosen {
    id: String,
    handle: String,
    text: String,
    trace: Option<String>,
}

/// Reads a queue until its mapping is changed.
pub async fn read(target: Target, mapping: Arc<Mapping>, fifo: bool, mut changes: Changes) {
    // They were read when they were set.
    let filters = Filters::read(&mapping.filters).unwrap_or_default();
    let region = Arn::parse(&mapping.source).map(|arn| arn.region).unwrap_or_default();
    let url = queue_url(&mapping.source);
    let pace = Pace::new(mapping.concurrency);
    let reader = Arc::new(Reader { target, mapping, filters, url, region, fifo });
    tokio::select! {
        () = reader.read(&pace) => {}
        _ = changes.changed() => {}
    }
}

impl Reader {
    async fn read(self: &Arc<Self>, pace: &Arc<Pace>) {
        let clock = self.target.clock();
        let mut pause = Pause::default();
        loop {
            let place = pace.place(clock).await;
            match self.collect().await {
                Ok(messages) if messages.is_empty() => pace.idle(),
                Ok(messages) => {
                    pause = Pause::default();
                    tokio::spawn(Arc::clone(self).process(messages, Arc::clone(pace), place));
                }
                Err(error) => {
                    drop(place);
                    tracing::warn!(queue = self.mapping.source, %error, "an event source mapping cannot read its queue");
                    pause.wait(clock).await;
                }
            }
        }
    }

    /// Receives a batch: what there is, or what comes until it is full or its window ends.
    async fn collect(&self) -> AwsResult<Vec<sqs::Message>> {
        let most = usize::try_from(self.mapping.batch).unwrap_or(1);
        let mut batch = self.receive(most).await?;
        if batch.is_empty() || self.mapping.window == 0 {
            return Ok(batch);
        }
        let clock = self.target.clock();
        let end = clock.now() + jiff::SignedDuration::from_secs(self.mapping.window);
        // A batch ends at six megabytes, too; records are a little larger than their messages.
        while batch.len() < most && batch.iter().map(size).sum::<usize>() < REQUEST {
            tokio::select! {
                () = clock.sleep_until(end) => break,
                more = self.receive(most - batch.len()) => match more {
                    Ok(more) => batch.extend(more),
                    // The next batch tells of it.
                    Err(_) => break,
                },
            }
        }
        Ok(batch)
    }

    async fn receive(&self, most: usize) -> AwsResult<Vec<sqs::Message>> {
        let input = sqs::ReceiveMessage {
            queue_url: self.url.clone(),
            max_number_of_messages: i64::try_from(most.min(AT_ONCE)).ok(),
            wait_time_seconds: Some(WAIT),
            message_system_attribute_names: Some(vec!["All".to_owned()]),
            message_attribute_names: Some(vec!["All".to_owned()]),
            ..sqs::ReceiveMessage::default()
        };
        Ok(self.target.call(input).await?.messages.unwrap_or_default())
    }

    /// Brings a batch to the function and deletes what is done.
    async fn process(self: Arc<Self>, messages: Vec<sqs::Message>, pace: Arc<Pace>, _place: Place) {
        let received = self.target.clock().now();
        let (chosen, others) = self.choose(messages);
        self.delete(others).await;
        for batch in in_events(chosen) {
            let (done, left) = self.deliver(batch, received, &pace).await;
            self.delete(done).await;
            // What follows may be of the same groups.
            if left && self.fifo {
                break;
            }
        }
    }

    /// The messages that meet the filters, and the handles of the others, which are deleted (AWS: "Using event filtering with an
    /// Amazon SQS event source").
    fn choose(&self, messages: Vec<sqs::Message>) -> (Vec<Chosen>, Vec<String>) {
        let (mut chosen, mut others) = (Vec::new(), Vec::new());
        for message in messages {
            let record = Record::of(&message, &self.mapping.source, &self.region);
            let passes = self.filters.is_empty()
                || serde_json::to_value(&record).is_ok_and(|record| self.filters.pass_message(record));
            let text = serde_json::to_string(&record);
            let trace = message.attributes.as_ref().and_then(|attributes| attributes.get("AWSTraceHeader")).cloned();
            let handle = message.receipt_handle.unwrap_or_default();
            match text {
                Ok(text) if passes => {
                    chosen.push(Chosen { id: message.message_id.unwrap_or_default(), handle, text, trace });
                }
                _ => others.push(handle),
            }
        }
        (chosen, others)
    }

    /// Invokes the function with messages. Returns the handles of those that are done, and whether any are left.
    async fn deliver(&self, batch: Vec<Chosen>, received: Timestamp, pace: &Pace) -> (Vec<String>, bool) {
        let texts: Vec<&str> = batch.iter().map(|message| message.text.as_str()).collect();
        let event = Bytes::from(format!(r#"{{"Records":[{}]}}"#, texts.join(",")));
        let identifiers = batch.iter().map(|message| message.id.as_str()).collect();
        let traces = batch.iter().filter_map(|message| message.trace.as_deref()).collect();
        let (source, partial) = (&*self.mapping.source, self.mapping.partial);
        let records = Batch { source, event, identifiers, traces, partial };
        let Some((_, answer)) = self.bring(&records, received).await.filter(|(execution, _)| !execution.failed) else {
            // A function that reports failures keeps its pace (AWS: "Handling errors for an SQS event source in Lambda").
            if !self.mapping.partial {
                pace.failed();
            }
            return (Vec::new(), true);
        };
        pace.succeeded();
        let failed = match answer {
            Answer::Done => Vec::new(),
            Answer::Whole => return (Vec::new(), true),
            Answer::Failed(failed) => failed,
        };
        let left = !failed.is_empty();
        let done = batch.into_iter().filter(|message| !failed.contains(&message.id));
        (done.map(|message| message.handle).collect(), left)
    }

    /// Invokes the function; when it is not let run, again until the messages' visibility timeout has passed (AWS: "Handling errors
    /// for an SQS event source in Lambda").
    async fn bring(&self, batch: &Batch<'_>, received: Timestamp) -> Option<(Execution, Answer)> {
        let clock = self.target.clock();
        let mut pause = Pause::default();
        loop {
            let error = match self.target.bring(batch).await.1 {
                Ok(answer) => return Some(answer),
                Err(error) => error,
            };
            let pause = pause.next();
            let visible = check::visibility(&self.target, &self.url).await.unwrap_or(0);
            let end = received + jiff::SignedDuration::from_secs(visible);
            if error.code != "TooManyRequestsException" || clock.now() + pause >= end {
                tracing::warn!(queue = self.mapping.source, %error, "a batch of messages waits for its function");
                return None;
            }
            let freed = self.target.freed();
            tokio::select! {
                () = clock.sleep(pause) => {}
                () = freed.notified() => {}
            }
        }
    }

    async fn delete(&self, handles: Vec<String>) {
        for handles in handles.chunks(AT_ONCE) {
            let entries = (0..).zip(handles).map(|(number, handle)| sqs::DeleteMessageBatchRequestEntry {
                id: number.to_string(),
                receipt_handle: handle.clone(),
            });
            let input = sqs::DeleteMessageBatch { queue_url: self.url.clone(), entries: entries.collect() };
            if let Err(error) = self.target.call(input).await {
                tracing::warn!(queue = self.mapping.source, %error, "messages that are done could not be deleted");
            }
        }
    }
}

/// Divides messages so that an event has each, in their order.
fn in_events(messages: Vec<Chosen>) -> Vec<Vec<Chosen>> {
    let mut events: Vec<Vec<Chosen>> = Vec::new();
    let mut length = 0;
    for message in messages {
        length += message.text.len() + 1;
        match events.last_mut() {
            Some(event) if FRAME + length <= REQUEST => event.push(message),
            _ => {
                length = message.text.len() + 1;
                events.push(vec![message]);
            }
        }
    }
    events
}

fn size(message: &sqs::Message) -> usize {
    message.body.as_deref().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_end_where_an_invocation_does() {
        let message =
            |length: usize| Chosen { id: "m".into(), handle: "h".into(), text: "x".repeat(length), trace: None };
        let lengths = |messages: Vec<Chosen>| in_events(messages).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(vec![]), [0; 0]);
        assert_eq!(lengths(vec![message(10), message(10)]), [2]);
        let third = REQUEST / 3;
        assert_eq!(lengths(vec![message(third), message(third), message(third), message(1)]), [2, 2]);
        assert_eq!(lengths(vec![message(REQUEST + 1), message(1)]), [1, 1]);
    }
}
