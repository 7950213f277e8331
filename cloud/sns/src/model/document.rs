//! Attributes that are JSON.

use crate::error::invalid;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;

/// A JSON object of an attribute.
///
/// # Errors
/// When it is none, in AWS's words for it (recorded: `test_validate_set_sub_attributes`).
pub fn object(name: &str, text: &str) -> AwsResult<Map<String, Value>> {
    serde_json::from_str(text)
        .map_err(|error| invalid(format_args!("{name}: failed to parse JSON. {}", not_json(text, &error))))
}

/// What Jackson says of a text that is no object, where that was recorded; elsewhere in other words.
fn not_json(text: &str, error: &serde_json::Error) -> String {
    let mut rest = text.trim_start().strip_prefix('{').unwrap_or_default().chars();
    match rest.next() {
        Some(first) if first.is_alphanumeric() => format!(
            "Unexpected character ('{first}' (code {})): was expecting double-quote to start field name\n at [Source: REDACTED \
             (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: {}]",
            u32::from(first),
            text.len() - text.trim_start().len() + 2
        ),
        _ => error.to_string(),
    }
}
