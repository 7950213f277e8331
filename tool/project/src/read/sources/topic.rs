//! Messages of topics, for functions and queues.

use super::super::Reading;
use super::{Reader, pattern, reference};
use crate::model::{Reference, TopicTrigger, Trigger};
use crate::yaml::{Kind, Node};

/// <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>
const MAX_KEYS: usize = 5;

impl Reader<'_, '_> {
    pub(super) fn topic(&mut self) -> Option<Trigger> {
        let trigger = trigger(self.reading, self.entry)?;
        if reference::is_fifo(self.reading, &trigger.topic, "topics") {
            // https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
            self.reading
                .error(self.entry.get("topic")?, "a FIFO topic delivers to queues alone")
                .hints
                .push("let a queue take its messages, `queues: {name: {on: {topic: …}}}`, and the function those of the queue".to_owned());
        }
        Some(Trigger::Topic(trigger))
    }
}

/// The topics whose messages a queue gets.
pub(in crate::read) fn topics<'a>(reading: &mut Reading<'a>, queue: &'a Node) -> Vec<TopicTrigger> {
    let fifo = queue.get("fifo").and_then(Node::flag).unwrap_or(false);
    let mut triggers: Vec<TopicTrigger> = Vec::new();
    for entry in super::entries(queue) {
        let Some(node) = entry.get("topic") else {
            reading.error(entry, "this names no topic").hints.push("add `topic: <name>`".to_owned());
            continue;
        };
        let Some(trigger) = trigger(reading, entry) else { continue };
        if fifo && !reference::is_fifo(reading, &trigger.topic, "topics") {
            // Recorded on AWS: "FIFO SQS Queues can not be subscribed to standard SNS topics".
            reading.error(node, "a FIFO queue gets messages of FIFO topics alone, and this is none");
        }
        if triggers.iter().any(|other| other.topic == trigger.topic) {
            reading.error(node, "the queue gets the messages of this topic already");
        }
        triggers.push(trigger);
    }
    triggers
}

fn trigger(reading: &mut Reading<'_>, entry: &Node) -> Option<TopicTrigger> {
    let by_body = entry.get("filter_by").and_then(Node::text) == Some("body");
    let filter = entry.get("filter").and_then(|node| filter(reading, node, by_body));
    if let Some((key, _)) = entry.entry("filter_by").filter(|_| entry.get("filter").is_none()) {
        reading.error(key, "there is no `filter` that this could be about");
    }
    let raw = entry.get("raw").and_then(Node::flag).unwrap_or(false);
    let topic = reference::read(reading, entry.get("topic")?, reference::TOPIC)?;
    let fifo = reference::is_fifo(reading, &topic, "topics");
    let failures = reference::queue_for_failures(reading, entry, fifo);
    Some(TopicTrigger { topic, filter, by_body, raw, failures })
}

/// SNS's filter policies are patterns with fewer keys, and flat ones where they are about attributes.
fn filter(reading: &mut Reading<'_>, node: &Node, by_body: bool) -> Option<serde_json::Value> {
    if let Some((key, _)) = node.entries().iter().find(|(_, value)| !by_body && matches!(value.kind, Kind::Map(_))) {
        reading
            .error(key, format!("`{}` is an attribute, and has nothing within", key.key()))
            .hints
            .push("add `filter_by: body` to ask for parts of the message".to_owned());
    }
    if node.entries().len() > MAX_KEYS {
        reading.error(node, format!("SNS takes at most {MAX_KEYS} keys in a filter"));
    }
    pattern::pattern(reading, node)
}

/// What a person calls a topic.
pub(super) fn described(topic: &Reference) -> String {
    match topic {
        Reference::Own(name) => format!("the topic `{name}`"),
        Reference::Arn(arn) => format!("the topic {arn}"),
    }
}
