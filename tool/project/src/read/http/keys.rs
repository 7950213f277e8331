//! Where something is said of an API: for all stages or one, for the whole API or a path.

use super::super::{Reading, path};
use crate::yaml::Node;

/// The keys that say what an API does with requests.
pub(super) const KEYS: [&str; 4] = ["cors", "throttle", "authorizer", "keys"];

/// A key of `http`, and of each stage's, with its path.
pub(super) fn everywhere<'n>(root: &'n Node, key: &str) -> Vec<(String, &'n Node)> {
    let all = root.find("http").and_then(|http| http.get(key)).map(|node| (format!("http.{key}"), node));
    let stages = root.get("stages").map(Node::entries).unwrap_or_default().iter();
    let own = stages
        .filter_map(|(name, stage)| Some((format!("stages.{}.http.{key}", name.key()), stage.get("http")?.get(key)?)));
    all.into_iter().chain(own).collect()
}

/// A key of `http` as it holds for a stage: the stage's own, else that of all.
pub(super) fn of_stage<'n>(root: &'n Node, stage: &str, key: &str) -> Option<&'n Node> {
    let own = root.get("stages").and_then(|stages| stages.get(stage)?.get("http")?.get(key));
    own.or_else(|| root.find("http")?.get(key))
}

/// A path of which something is said apart from the rest.
pub(super) fn below_root(reading: &mut Reading<'_>, node: &Node) -> String {
    let path = path::path(reading, node);
    if path.is_empty() && node.key().starts_with('/') {
        let hint = "say it without a path, or name one below, such as `/admin`";
        reading.error(node, "`/` and all below it is the whole API").hints.push(hint.to_owned());
    }
    path
}
