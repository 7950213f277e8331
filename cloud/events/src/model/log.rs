//! What a log group is given of an event.
//!
//! A log group takes neither an `Input` nor an `InputPath`, and a template only if it makes a time and a message, both of them texts
//! (API reference, InputTransformer; <https://github.com/aws/aws-cdk/pull/20748>).

use super::input::{INVALID, Input};
use serde::Deserialize;
use slam_cloud_core::{AwsError, AwsResult, Timestamp};

/// What becomes an event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was, in milliseconds since 1970; now, if nothing says so.
    pub timestamp: Option<i64>,
    /// Its text.
    pub message: String,
}

/// What a template makes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    timestamp: String,
    message: String,
}

/// Checks what a target that is a log group says of its input.
///
/// # Errors
/// When it is not what a log group takes.
pub fn check(id: &str, input: Option<&Input>) -> AwsResult<()> {
    let is_taken = match input {
        None => true,
        Some(Input::Template { template, .. }) => {
            ["\"timestamp\"", "\"message\""].iter().all(|key| template.contains(key))
        }
        Some(Input::Constant(_) | Input::Path(_)) => false,
    };
    match is_taken {
        true => Ok(()),
        false => Err(AwsError::validation(format!(
            "Target {id} is a log group, which takes no Input and InputPath, and of InputTransformer only an InputTemplate of the \
             form {{\"timestamp\": <time>, \"message\": <message>}}."
        ))),
    }
}

/// What is logged of what a target is given: that itself, or what a template made of it.
///
/// # Errors
/// When the template made something else than a time and a message.
pub fn line(input: Option<&Input>, given: String) -> AwsResult<Line> {
    if input.is_none() {
        return Ok(Line { timestamp: None, message: given });
    }
    let invalid = |why: String| AwsError::bad_request(INVALID, format!("The input of a log group is not valid: {why}"));
    let made: Made = serde_json::from_str(&given).map_err(|error| invalid(error.to_string()))?;
    let milliseconds = || made.timestamp.parse::<i64>().ok();
    let timestamp = made.timestamp.parse::<Timestamp>().ok().map(|time| time.as_millisecond()).or_else(milliseconds);
    let timestamp = timestamp.ok_or_else(|| invalid(format!("{} is no time", made.timestamp)))?;
    Ok(Line { timestamp: Some(timestamp), message: made.message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn template(template: &str) -> Input {
        Input::Template { paths: BTreeMap::new(), template: template.to_owned() }
    }

    #[test]
    fn a_log_group_takes_a_template_of_a_time_and_a_message() {
        let check = |input: Option<Input>, expected: bool| {
            assert_eq!(check("t", input.as_ref()).is_ok(), expected, "{input:?}")
        };
        check(None, true);
        check(Some(Input::Constant("{}".into())), false);
        check(Some(Input::Path("$.detail".into())), false);
        check(Some(template(r#"{"timestamp":<t>,"message":<m>}"#)), true);
        check(Some(template(r#"{"message":<m>}"#)), false);
    }

    #[test]
    fn a_template_makes_a_time_and_a_message() {
        let check = |given: &str, expected: Option<(i64, &str)>| {
            let made = line(Some(&template("")), given.to_owned()).ok();
            let expected =
                expected.map(|(timestamp, message)| Line { timestamp: Some(timestamp), message: message.into() });
            assert_eq!(made, expected, "{given}");
        };
        check(r#"{"timestamp":"1970-01-01T00:00:01Z","message":"m"}"#, Some((1000, "m")));
        check(r#"{"timestamp":"1500","message":"m"}"#, Some((1500, "m")));
        check(r#"{"timestamp":"soon","message":"m"}"#, None);
        check(r#"{"timestamp":"1500","message":{}}"#, None);
    }
}
