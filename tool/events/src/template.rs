//! Texts with arguments in them.
//!
//! `${name}` is the argument as it is, `${name:url}` as S3 writes keys into its events, `${name:json}` inside a text of
//! JSON, and `${name:value}` the argument's JSON itself.

use crate::SampleError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeMap;

/// What S3 leaves as it is in the keys of its events; a blank is a plus sign.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b' ');

/// The value of a template, with the arguments filled in.
///
/// # Errors
/// When an argument that is to be JSON is none.
pub fn filled(template: &str, arguments: &BTreeMap<&str, &str>) -> Result<Value, SampleError> {
    // The whole leaf is an argument's JSON: it stands there as a value, not as its text.
    let whole =
        template.strip_prefix("${").and_then(|rest| rest.strip_suffix(":value}")).filter(|it| !it.contains('}'));
    if let Some(name) = whole {
        return json(name, arguments);
    }
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, place)) = rest.split_once("${") {
        let Some((place, after)) = place.split_once('}') else { break };
        text.push_str(before);
        let (name, form) = place.split_once(':').unwrap_or((place, ""));
        let argument = arguments.get(name).copied().unwrap_or_default();
        match form {
            "url" => text.push_str(&utf8_percent_encode(argument, KEPT).to_string().replace(' ', "+")),
            "json" => text.push_str(inside_quotes(&Value::from(argument).to_string())),
            "value" => text.push_str(&json(name, arguments)?.to_string()),
            _ => text.push_str(argument),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text.into())
}

fn json(name: &str, arguments: &BTreeMap<&str, &str>) -> Result<Value, SampleError> {
    let argument = arguments.get(name).copied().unwrap_or_default();
    let no_json = |error: serde_json::Error| SampleError::NoJson { name: name.to_owned(), reason: error.to_string() };
    serde_json::from_str(argument).map_err(no_json)
}

/// A text of JSON without the marks around it.
fn inside_quotes(quoted: &str) -> &str {
    quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, argument: &str, expected: Value) {
        let arguments = BTreeMap::from([("a", argument), ("b", "B")]);
        assert_eq!(filled(template, &arguments), Ok(expected), "{template}");
    }

    #[test]
    fn the_forms_of_an_argument() {
        check("arn:${b}:${a}", "x y", "arn:B:x y".into());
        check("${a:url}", "photos/happy face+é.jpg", "photos/happy+face%2B%C3%A9.jpg".into());
        check(r#"{"m":"${a:json}"}"#, "say \"hi\"", r#"{"m":"say \"hi\""}"#.into());
        check("${a:value}", r#"{"n": [1, 2]}"#, serde_json::json!({ "n": [1, 2] }));
        check("d=${a:value};", r#"{"n": 1}"#, r#"d={"n":1};"#.into());
    }

    #[test]
    fn a_quotation_mark_at_the_end_stays() {
        check(r#"{"m":"${a:json}"}"#, "\"", r#"{"m":"\""}"#.into());
    }

    #[test]
    fn no_json_is_told() {
        let refused = filled("${a:value}", &BTreeMap::from([("a", "{")]));
        assert!(matches!(refused, Err(SampleError::NoJson { name, .. }) if name == "a"));
    }
}
