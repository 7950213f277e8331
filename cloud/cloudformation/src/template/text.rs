//! Scalars as text.

use serde_json::Value;

/// A scalar as the text that CloudFormation makes of it; `None` for lists, maps and null.
pub fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
