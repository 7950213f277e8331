//! What the members of a function's answer say, to HTTP APIs and function URLs alike.

use serde_json::Value;

/// A number, or a number in a text (asserted on AWS: test_lambda_url_headers_and_status). What is below 200 is no answer's last word.
pub fn status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    u16::try_from(number).ok().filter(|status| (200..=599).contains(status))
}

/// The value of a header: a text, or what is written as one.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
