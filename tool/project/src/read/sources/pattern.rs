//! Patterns of EventBridge's language, as far as they can be wrong without an event.

use super::super::Reading;
use crate::yaml::{Kind, Node, tagged, to_json};
use serde_json::Value;

/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
const MAX_FILTERS: usize = 5;
/// The longest pattern, in characters.
const MAX_PATTERN: usize = 4096;

/// The patterns of `filter`: one, or a list of which one must match.
pub(super) fn filters(reading: &mut Reading<'_>, entry: &Node) -> Vec<Value> {
    let Some(node) = entry.get("filter") else { return Vec::new() };
    let nodes = if let Kind::List(items) = &node.kind { &items[..] } else { std::slice::from_ref(node) };
    if nodes.is_empty() {
        reading.error(node, "no pattern is in this list").hints.push("remove `filter`, or name a pattern".to_owned());
    }
    if nodes.len() > MAX_FILTERS {
        reading.error(node, format!("an event source has at most {MAX_FILTERS} patterns"));
    }
    nodes.iter().filter_map(|node| pattern(reading, node)).collect()
}

/// One pattern.
pub(super) fn pattern(reading: &mut Reading<'_>, node: &Node) -> Option<Value> {
    let value = plain(reading, node)?;
    if !matches!(node.kind, Kind::Map(_)) || node.entries().is_empty() {
        reading
            .error(node, "a pattern is a mapping of what must match")
            .hints
            .push("for example `{eventName: [REMOVE]}`".to_owned());
        return None;
    }
    check_lists(reading, node);
    let length = value.to_string().chars().count();
    if length > MAX_PATTERN {
        reading.error(node, format!("this pattern has {length} characters, and AWS takes {MAX_PATTERN}"));
    }
    Some(value)
}

/// What is matched stands in lists, at every depth.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
fn check_lists(reading: &mut Reading<'_>, node: &Node) {
    for (key, value) in node.entries() {
        match &value.kind {
            Kind::List(items) if items.is_empty() => {
                reading.error(value, format!("`{}` could match nothing", key.key()));
            }
            Kind::List(_) => {}
            Kind::Map(entries) if !entries.is_empty() => check_lists(reading, value),
            Kind::Map(_) => {
                reading.error(value, format!("`{}` could match nothing", key.key()));
            }
            Kind::Scalar { text, .. } => {
                reading
                    .error(value, format!("what `{}` must match stands in a list", key.key()))
                    .hints
                    .push(format!("write `{}: [{text}]`", key.key()));
            }
        }
    }
}

/// JSON that is passed on as it is, in which CloudFormation's functions would be text.
pub(super) fn plain(reading: &mut Reading<'_>, node: &Node) -> Option<Value> {
    if let Some(place) = tagged(node) {
        let tag = place.tag.clone().unwrap_or_default();
        reading.error(place, format!("`{tag}` cannot be used here: this is JSON, which AWS gets as it is"));
        return None;
    }
    Some(to_json(node))
}
