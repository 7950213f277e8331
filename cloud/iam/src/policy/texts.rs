//! Elements that hold one text or several.

use serde_json::Value;

/// One text or several; numbers and booleans count as their text, as IAM takes them in conditions.
pub fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Number(number) => Some(vec![number.to_string()]),
        Value::Bool(boolean) => Some(vec![boolean.to_string()]),
        Value::Array(values) => {
            let texts = values.iter().map(|value| if value.is_array() { None } else { texts(value)?.pop() });
            texts.collect()
        }
        _ => None,
    }
}
