//! Which stages there are, for what names one of them.

use super::Reading;
use crate::language::did_you_mean;
use crate::yaml::Node;

/// The stage that a value names, which must be one of slam.yaml.
pub(super) fn declared(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let names = names(reading);
    known(reading, node, &names)
}

/// The names of the stages.
pub(super) fn names(reading: &Reading<'_>) -> Vec<String> {
    let root = reading.root;
    let named = ["stages", "stage_environments"].iter().filter_map(|key| root.get(key)).flat_map(Node::entries);
    let named: Vec<String> = named.map(|(name, _)| name.key().to_owned()).collect();
    if named.is_empty() {
        return vec![root.get("devstage").and_then(Node::text).unwrap_or("dev").to_owned()];
    }
    named
}

/// The one of these stages that a value names.
pub(super) fn known(reading: &mut Reading<'_>, node: &Node, stages: &[String]) -> Option<String> {
    let name = node.text().unwrap_or_default();
    if stages.iter().any(|stage| stage == name) {
        return Some(name.to_owned());
    }
    let close = did_you_mean(name, stages.iter().map(String::as_str)).map(str::to_owned);
    let names: Vec<_> = stages.iter().map(|stage| format!("`{stage}`")).collect();
    reading.error(node, format!("there is no stage `{name}`")).hints.push(match close {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("the stages are {}", names.join(", ")),
    });
    None
}
