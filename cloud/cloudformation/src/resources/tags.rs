//! Tags: the stack's, the resource's own, which win, and AWS's about the stack where the type takes them.

use super::Work;
use super::properties::Properties;
use crate::model::Physical;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// All tags of a resource under work.
pub(super) fn all(work: &Work) -> BTreeMap<String, String> {
    let system = work.kind.schema.takes_system_tags();
    let given = work.tags.iter().filter(|(key, _)| system || !key.starts_with("aws:")).cloned();
    let mut tags: BTreeMap<String, String> = given.collect();
    tags.extend(own(&work.properties));
    tags
}

/// What to set and what to remove so that a resource has the tags it shall have.
pub(super) fn difference(work: &Work, old: &Physical) -> (BTreeMap<String, String>, Vec<String>) {
    let mut before: BTreeMap<String, String> = old.tags.iter().cloned().collect();
    before.extend(own(&old.properties));
    let mut after = all(work);
    after.retain(|key, _| !key.starts_with("aws:"));
    let removed = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
    after.retain(|key, value| before.get(key) != Some(value));
    (after, removed)
}

fn own(properties: &Map<String, Value>) -> Vec<(String, String)> {
    let tags = Properties(properties).objects("Tags");
    tags.into_iter().filter_map(|tag| Some((tag.text("Key")?, tag.text("Value").unwrap_or_default()))).collect()
}
