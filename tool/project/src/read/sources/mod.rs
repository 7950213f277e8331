//! What calls functions beside requests: `on`, in a function and at the top of the file.

mod bucket;
mod event;
mod keys;
mod mapping;
mod pattern;
mod reference;
mod schedule;
mod topic;

pub(super) use topic::topics;

use super::Reading;
use crate::model::{EventSource, Reference, Trigger};
use crate::yaml::Node;

/// What an event source is read for.
struct Reader<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// One entry of `on`.
    entry: &'a Node,
    /// The stages that have it.
    stages: Vec<String>,
}

/// The entries of `on`: one, or a list of them.
pub(super) fn entries(section: &Node) -> &[Node] {
    match section.get("on") {
        Some(on) if on.items().is_empty() => std::slice::from_ref(on),
        Some(on) => on.items(),
        None => &[],
    }
}

/// The path of the API that a function answers.
pub(super) fn http(section: &Node) -> Option<&Node> {
    entries(section).iter().find_map(|entry| entry.get("http"))
}

/// The event sources of the function that a section describes. `web`: it is a web application.
pub(super) fn sources<'a>(reading: &mut Reading<'a>, section: &'a Node, web: bool) -> Vec<EventSource> {
    let mut sources: Vec<EventSource> = Vec::new();
    for entry in entries(section) {
        let Some((key, source)) = source(reading, entry, web) else { continue };
        if let Some(taken) = sources.iter().find_map(|other| taken_twice(&other.trigger, &source.trigger)) {
            reading
                .error(key, format!("the function takes {taken} already"))
                .hints
                .push("AWS lets a function take it once: say all of it in one entry".to_owned());
        }
        sources.push(source);
    }
    sources
}

fn source<'a>(reading: &mut Reading<'a>, entry: &'a Node, web: bool) -> Option<(&'a Node, EventSource)> {
    let (key, kind) = keys::kind(reading, entry)?;
    if kind == "http" {
        return None;
    }
    if web {
        reading
            .error(key, "a web application answers requests, and this is none")
            .hints
            .push(format!("give it a function of its own, which shares the package: `functions: {{name: {{app: module:function, on: {{{kind}: …}}}}}}`"));
        return None;
    }
    let stages = stages(reading, entry);
    let mut reader = Reader { reading, entry, stages: stages.clone() };
    let trigger = match kind {
        "queue" => reader.queue(),
        "table" => reader.table(),
        "schedule" => reader.schedule(),
        "topic" => reader.topic(),
        "bucket" => reader.bucket(),
        _ => reader.event(),
    };
    let enabled = entry.get("enabled").and_then(Node::flag).unwrap_or(true);
    Some((key, EventSource { trigger: trigger?, enabled, stages }))
}

/// The stages that an entry is about, each of which there must be.
fn stages(reading: &mut Reading<'_>, entry: &Node) -> Vec<String> {
    let nodes = entry.get("stages").map(Node::one_or_many).unwrap_or_default();
    nodes.iter().filter_map(|node| super::stage_names::declared(reading, node)).collect()
}

/// Lambda has one mapping of a queue or a stream to a function, and SNS one subscription.
fn taken_twice(one: &Trigger, other: &Trigger) -> Option<String> {
    let (one, other, what) = match (one, other) {
        (Trigger::Queue(one), Trigger::Queue(other)) => (&one.queue, &other.queue, "the queue"),
        (Trigger::Table(one), Trigger::Table(other)) => (&one.table, &other.table, "the table"),
        (Trigger::Topic(one), Trigger::Topic(other)) => {
            return (one.topic == other.topic).then(|| topic::described(&one.topic));
        }
        _ => return None,
    };
    (one == other).then(|| match one {
        Reference::Own(name) => format!("{what} `{name}`"),
        Reference::Arn(arn) => format!("{what} {arn}"),
    })
}

impl Reader<'_, '_> {
    fn number(&self, key: &str) -> Option<u32> {
        self.entry.get(key).and_then(Node::integer).and_then(|number| u32::try_from(number).ok())
    }

    fn flag(&self, key: &str) -> bool {
        self.entry.get(key).and_then(Node::flag).unwrap_or(false)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.entry.get(key).and_then(Node::text).map(str::to_owned)
    }
}
