//! `AWS::SNS::Topic`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::sns as wire;
use std::collections::BTreeMap;

/// The provider.
pub struct Topic;

/// The attributes that every topic has, and what they are where a template does not say (API reference, CreateTopic).
const ATTRIBUTES: [(&str, &str); 4] = [
    ("DisplayName", ""),
    ("MaximumMessageSize", "262144"),
    ("SignatureVersion", "1"),
    ("TracingConfig", "PassThrough"),
];
/// Those that FIFO topics have beside.
const OF_FIFO: [(&str, &str); 2] = [("ContentBasedDeduplication", "false"), ("FifoThroughputScope", "Topic")];
/// The protocols of `DeliveryStatusLogging`, as attributes name them, and what is said of each.
const LOGGED: [(&str, &str); 5] = [
    ("http/s", "HTTP"),
    ("sqs", "SQS"),
    ("lambda", "Lambda"),
    ("firehose", "Firehose"),
    ("application", "Application"),
];
const FEEDBACK: [&str; 3] = ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"];
/// The end of a FIFO topic's name.
const FIFO: &str = ".fifo";

fn is_fifo(properties: &Map<String, Value>) -> bool {
    Properties(properties).boolean("FifoTopic").unwrap_or(false)
}

/// Its name. One that CloudFormation makes has the end that a FIFO topic's must have.
fn name(work: &Work) -> String {
    let is_made = !work.properties.contains_key("TopicName");
    if is_made && is_fifo(&work.properties) && !work.name.ends_with(FIFO) {
        format!("{}{FIFO}", work.name)
    } else {
        work.name.clone()
    }
}

fn arn(work: &Work) -> String {
    work.context.arn("sns", name(work))
}

/// The attributes that properties say, as texts.
fn said(of: &Map<String, Value>) -> BTreeMap<String, String> {
    let properties = Properties(of);
    let of_fifo = if is_fifo(of) { &OF_FIFO[..] } else { &[] };
    let names = ATTRIBUTES.iter().chain(of_fifo).map(|(name, _)| *name);
    let mut said: BTreeMap<String, String> =
        names.filter_map(|name| Some((name.to_owned(), properties.text(name)?))).collect();
    for logging in properties.objects("DeliveryStatusLogging") {
        let protocol = logging.text("Protocol").unwrap_or_default();
        let kind = LOGGED.iter().find(|(known, _)| *known == protocol).map_or(&*protocol, |(_, kind)| *kind);
        for attribute in FEEDBACK {
            said.extend(logging.text(attribute).map(|value| (format!("{kind}{attribute}"), value)));
        }
    }
    said
}

/// The subscriptions in it, by protocol and endpoint.
fn subscriptions(of: &Map<String, Value>) -> Vec<(String, String)> {
    let all = Properties(of).objects("Subscription").into_iter();
    all.filter_map(|one| Some((one.text("Protocol")?, one.text("Endpoint")?))).collect()
}

async fn subscribe(work: &Work, topic_arn: &str, wanted: impl Iterator<Item = &(String, String)>) -> AwsResult<()> {
    for (protocol, endpoint) in wanted {
        let subscribe = wire::Subscribe {
            topic_arn: topic_arn.to_owned(),
            protocol: protocol.clone(),
            endpoint: Some(endpoint.clone()),
            ..wire::Subscribe::default()
        };
        work.call(subscribe).await?;
    }
    Ok(())
}

/// Ends the subscriptions of a topic with these protocols and endpoints.
async fn unsubscribe(work: &Work, topic_arn: &str, left: &[&(String, String)]) -> AwsResult<()> {
    let mut next_token = None;
    let mut ended = Vec::new();
    loop {
        let list = wire::ListSubscriptionsByTopic { topic_arn: topic_arn.to_owned(), next_token };
        let page = work.call(list).await?;
        for one in page.subscriptions.unwrap_or_default() {
            let is_left = |(protocol, endpoint): &&&(String, String)| {
                one.protocol.as_ref() == Some(protocol) && one.endpoint.as_ref() == Some(endpoint)
            };
            if left.iter().any(|one| is_left(&one)) {
                ended.extend(one.subscription_arn);
            }
        }
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    // One that waits for its confirmation has no ARN, and ends by itself.
    for subscription_arn in ended.into_iter().filter(|arn| arn.starts_with("arn:")) {
        work.call(wire::Unsubscribe { subscription_arn }).await?;
    }
    Ok(())
}

#[async_trait]
impl Provider for Topic {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ContentBasedDeduplication",
            "DeliveryStatusLogging",
            "DisplayName",
            "FifoThroughputScope",
            "FifoTopic",
            "MaximumMessageSize",
            "SignatureVersion",
            "Subscription",
            "Tags",
            "TopicName",
            "TracingConfig",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("TopicName", 256 - FIFO.len())
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["TopicName"]
    }

    /// CreateTopic takes a topic of the same name and attributes for the one that is asked for; a stack must not take over what
    /// it did not make.
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let (topic_name, topic_arn) = (name(work), arn(work));
        if work.call_unless_gone(wire::GetTopicAttributes { topic_arn: topic_arn.clone() }).await?.is_some() {
            let message = format!("Resource of type 'AWS::SNS::Topic' with identifier '{topic_arn}' already exists.");
            return Err(AwsError::bad_request("AlreadyExists", message));
        }
        let mut attributes = said(&work.properties);
        if is_fifo(&work.properties) {
            attributes.insert("FifoTopic".to_owned(), "true".to_owned());
        }
        let input = Input::of("Name", &*topic_name).with("Attributes", json!(attributes)).with("Tags", work.all_tags());
        work.send::<wire::CreateTopic>(input).await?;
        work.exists(&topic_arn);
        subscribe(work, &topic_arn, subscriptions(&work.properties).iter()).await?;
        Ok(Made::known_as("TopicArn", topic_arn).with("TopicName", topic_name))
    }

    /// What the template does not say any more is as in a new topic.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, mut after) = (said(&old.properties), said(&work.properties));
        for name in before.keys().filter(|name| !after.contains_key(*name)).cloned().collect::<Vec<_>>() {
            let default = ATTRIBUTES.iter().chain(&OF_FIFO).find(|(known, _)| *known == name);
            after.insert(name, default.map_or_else(String::new, |(_, value)| (*value).to_owned()));
        }
        for (attribute_name, value) in after.into_iter().filter(|(name, value)| before.get(name) != Some(value)) {
            let set =
                wire::SetTopicAttributes { topic_arn: old.id.clone(), attribute_name, attribute_value: Some(value) };
            work.call(set).await?;
        }
        let (before, after) = (subscriptions(&old.properties), subscriptions(&work.properties));
        let left: Vec<_> = before.iter().filter(|one| !after.contains(one)).collect();
        if !left.is_empty() {
            unsubscribe(work, &old.id, &left).await?;
        }
        subscribe(work, &old.id, after.iter().filter(|one| !before.contains(one))).await?;
        Ok(Made::as_before(old))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.call_unless_gone(wire::ListTagsForResource { resource_arn: arn(work) }).await?;
        let tags = listed.and_then(|listed| listed.tags).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagResource, wire::UntagResource>(work, Input::of("ResourceArn", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        // Of a creation that was cut off, only the name is known.
        let topic_arn = if old.id.starts_with("arn:") { old.id.clone() } else { arn(work) };
        work.call(wire::DeleteTopic { topic_arn }).await.map(drop)
    }
}
