//! Properties in the types that operations take.

use crate::template::as_text;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;

/// Properties (or an object among them) with typed access. They have been checked against their schema.
#[derive(Clone, Copy)]
pub(super) struct Properties<'a>(pub &'a Map<String, Value>);

impl<'a> Properties<'a> {
    /// Text; scalars of other types are turned into it.
    pub fn text(self, name: &str) -> Option<String> {
        self.0.get(name).and_then(as_text)
    }

    /// Text that the schema requires.
    pub fn need(self, name: &str) -> AwsResult<String> {
        let missing = || AwsError::validation(format!("The property {{/{name}}} is required"));
        self.text(name).ok_or_else(missing)
    }

    /// An integer.
    pub fn integer(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    /// A boolean.
    pub fn boolean(self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// A list of texts.
    pub fn texts(self, name: &str) -> Option<Vec<String>> {
        Some(self.0.get(name)?.as_array()?.iter().filter_map(as_text).collect())
    }

    /// A map of texts. What is no scalar becomes JSON.
    pub fn text_map(self, name: &str) -> Option<BTreeMap<String, String>> {
        let entries = self.0.get(name)?.as_object()?.iter();
        Some(entries.map(|(key, value)| (key.clone(), as_text(value).unwrap_or_else(|| value.to_string()))).collect())
    }

    /// An object.
    pub fn object(self, name: &str) -> Option<Properties<'a>> {
        self.0.get(name).and_then(Value::as_object).map(Properties)
    }

    /// A list of objects.
    pub fn objects(self, name: &str) -> Vec<Properties<'a>> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).map(Properties).collect()
    }

    /// A JSON document, which may be written as an object or as text.
    pub fn document(self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        })
    }

    /// Whether a property is there.
    pub fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A property as it is.
    pub fn raw(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }
}

/// The top-level properties in which two sets differ.
pub fn changed<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> Vec<&'a str> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let different = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
    gone.chain(different).map(String::as_str).collect()
}
