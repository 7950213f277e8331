//! Tags: the stack's, the resource's own, which win, and AWS's about the stack where the type takes them.

use super::properties::Properties;
use crate::registry::Schema;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// All tags of a resource: those that its stack gives it, and its own.
pub(super) fn all(schema: &Schema, given: &[(String, String)], properties: &Map<String, Value>) -> Map<String, Value> {
    let system = schema.takes_system_tags();
    let given = given.iter().filter(|(key, _)| system || !key.starts_with("aws:"));
    let mut tags: Map<String, Value> = given.map(|(key, value)| (key.clone(), Value::from(&**value))).collect();
    tags.extend(own(schema, properties).into_iter().map(|(key, value)| (key, Value::from(value))));
    tags
}

/// Those among the properties, which are written as a list of keys and values or as a map.
pub(super) fn own(schema: &Schema, properties: &Map<String, Value>) -> BTreeMap<String, String> {
    let properties = Properties(properties);
    let listed = properties.objects(schema.tag_property()).into_iter();
    let listed = listed.filter_map(|tag| Some((tag.text("Key")?, tag.text("Value").unwrap_or_default())));
    properties.text_map(schema.tag_property()).unwrap_or_default().into_iter().chain(listed).collect()
}
