//! Values in the types that operations take.

use crate::model::Texts;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};

/// A scalar as text: YAML has statuses and versions as numbers.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A text; of anything else, its JSON.
pub fn json_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The entries of an object, as texts. Those that are null are not there.
pub fn entries(value: &Value) -> Option<Texts> {
    let given = value.as_object()?.iter().filter(|(_, value)| !value.is_null());
    Some(given.map(|(name, value)| (name.clone(), json_text(value))).collect())
}

/// A whole number, which may be written as text.
pub fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A flag, which may be written as text.
pub fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

/// A list of texts.
pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

/// Refuses extensions of AWS's that are not among those that are known here.
pub fn only_known(object: &Map<String, Value>, known: &[&str]) -> AwsResult<()> {
    let name = |name: &&String| name.starts_with("x-amazon-apigateway-") && !known.contains(&name.as_str());
    match object.iter().find(|(key, value)| name(key) && !is_empty(value)) {
        Some((name, _)) => Err(AwsError::unsupported(format_args!("the extension {name} of an OpenAPI document"))),
        None => Ok(()),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}
