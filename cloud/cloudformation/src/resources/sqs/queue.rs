//! `AWS::SQS::Queue`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;
use std::time::Duration;

/// The provider.
pub struct Queue;

/// The attributes that every queue has, and what they are where a template does not say (API reference, CreateQueue).
const ATTRIBUTES: [(&str, &str); 8] = [
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("RedriveAllowPolicy", ""),
    ("RedrivePolicy", ""),
    ("SqsManagedSseEnabled", "true"),
    ("VisibilityTimeout", "30"),
];
/// Those that FIFO queues have beside.
const OF_FIFO: [(&str, &str); 3] =
    [("ContentBasedDeduplication", "false"), ("DeduplicationScope", "queue"), ("FifoThroughputLimit", "perQueue")];
/// The end of a FIFO queue's name, and the longest name without it.
const FIFO: &str = ".fifo";
const LONGEST: usize = 75;
/// How often it is tried whether a name is free again that a queue had which was just deleted: for a little more than a minute.
const TRIES: usize = 70;

fn is_fifo(properties: &Map<String, Value>) -> bool {
    Properties(properties).boolean("FifoQueue").unwrap_or(false)
}

/// Its name. One that CloudFormation makes has the end that a FIFO queue's must have.
fn name(work: &Work) -> String {
    let is_made = !work.properties.contains_key("QueueName");
    if is_made && is_fifo(&work.properties) && !work.name.ends_with(FIFO) {
        format!("{}{FIFO}", work.name)
    } else {
        work.name.clone()
    }
}

/// The attributes that the template says, as texts.
fn said(work: &Work) -> BTreeMap<String, String> {
    let properties = Properties(&work.properties);
    let of_fifo = if is_fifo(&work.properties) { &OF_FIFO[..] } else { &[] };
    let names = ATTRIBUTES.iter().chain(of_fifo).map(|(name, _)| *name);
    let said = names.filter_map(|name| {
        let text = properties.text(name).or_else(|| properties.document(name))?;
        Some((name.to_owned(), text))
    });
    said.collect()
}

fn made(work: &Work, url: String) -> Made {
    let name = name(work);
    let arn = work.context.arn("sqs", &name);
    Made::known_as("QueueUrl", url).with("Arn", arn).with("QueueName", name)
}

async fn url(work: &Work) -> AwsResult<Option<String>> {
    let asked = wire::GetQueueUrl { queue_name: name(work), ..Default::default() };
    Ok(work.call_unless_gone(asked).await?.and_then(|answer| answer.queue_url))
}

#[async_trait]
impl Provider for Queue {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ContentBasedDeduplication",
            "DeduplicationScope",
            "DelaySeconds",
            "FifoQueue",
            "FifoThroughputLimit",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "QueueName",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "SqsManagedSseEnabled",
            "Tags",
            "VisibilityTimeout",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("QueueName", LONGEST)
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["QueueName"]
    }

    /// What is only about FIFO queues.
    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let other = OF_FIFO.iter().map(|(name, _)| name).find(|name| properties.contains_key(**name));
        match other.filter(|_| !is_fifo(properties) && properties.get("FifoQueue").is_none_or(Value::is_boolean)) {
            Some(name) => Err(format!("You can specify the {name} only when FifoQueue is set to true")),
            None => Ok(()),
        }
    }

    /// CreateQueue takes a queue of the same name and attributes for the one that is asked for; a stack must not take over what
    /// it did not make.
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let queue_name = name(work);
        if url(work).await?.is_some() {
            let message = format!("Resource of type 'AWS::SQS::Queue' with identifier '{queue_name}' already exists.");
            return Err(AwsError::bad_request("QueueNameExists", message));
        }
        let mut attributes = said(work);
        if is_fifo(&work.properties) {
            attributes.insert("FifoQueue".to_owned(), "true".to_owned());
        }
        let input =
            Input::of("QueueName", queue_name).with("Attributes", json!(attributes)).with("tags", work.all_tags());
        let mut answer = work.send::<wire::CreateQueue>(input.clone()).await;
        for _ in 0..TRIES {
            // A stack may make again what it, or another one, has just deleted.
            if !matches!(&answer, Err(error) if error.code == "QueueDeletedRecently") {
                break;
            }
            work.cloud.clock().sleep(Duration::from_secs(1)).await;
            answer = work.send::<wire::CreateQueue>(input.clone()).await;
        }
        Ok(made(work, answer?.queue_url.unwrap_or_default()))
    }

    /// What the template does not say any more is as in a new queue.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let of_fifo = if is_fifo(&work.properties) { &OF_FIFO[..] } else { &[] };
        let defaults = ATTRIBUTES.iter().chain(of_fifo);
        let mut attributes: BTreeMap<String, String> =
            defaults.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        attributes.extend(said(work));
        work.call(wire::SetQueueAttributes { queue_url: old.id.clone(), attributes }).await?;
        Ok(Made::as_before(old))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.call_unless_gone(wire::ListQueueTags { queue_url: name(work) }).await?;
        Ok(listed.and_then(|listed| listed.tags).unwrap_or_default().into_iter().collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagQueue, wire::UntagQueue>(work, Input::of("QueueUrl", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        // Of a creation that was cut off, only the name is known.
        let queue_url = if old.id == work.name { name(work) } else { old.id.clone() };
        work.call(wire::DeleteQueue { queue_url }).await.map(drop)
    }
}
