//! Which records a function is to get.

use serde_json::Value;
use slam_cloud_kit::pattern::{Event, Pattern};

/// The most filters of a mapping, unless AWS was asked for more.
pub const MOST: usize = 5;

/// The filters of a mapping: a record must meet one, if there are any.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    filters: Vec<Filter>,
}

#[derive(Clone, Debug)]
struct Filter {
    pattern: Pattern,
    body: Option<Body>,
}

/// What a pattern says of a message's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Json,
    Text,
}

impl Filters {
    /// Reads patterns.
    ///
    /// # Errors
    /// What is wrong with the first that is none.
    pub fn read(patterns: &[String]) -> Result<Self, String> {
        let filters = patterns.iter().map(|text| {
            let pattern = Pattern::parse(text)?;
            let body = match serde_json::from_str::<Value>(text).ok().as_ref().and_then(|it| it.get("body")) {
                Some(Value::Object(_)) => Some(Body::Json),
                Some(Value::Array(_)) => Some(Body::Text),
                _ => None,
            };
            Ok(Filter { pattern, body })
        });
        Ok(Self { filters: filters.collect::<Result<_, String>>()? })
    }

    /// Whether every record passes.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Whether a record of a stream passes.
    pub fn pass(&self, record: &str) -> bool {
        self.is_empty() || Event::read(record).is_ok_and(|event| self.any(|_| true, &event))
    }

    /// Whether a message passes. A body that is JSON is looked into by patterns of JSON, and any other is compared by those of
    /// text; where the formats of body and pattern differ, the message is dropped (AWS: "Using event filtering with an Amazon SQS
    /// event source").
    pub fn pass_message(&self, mut record: Value) -> bool {
        if self.is_empty() {
            return true;
        }
        let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
        let json = serde_json::from_str::<Value>(body).ok().filter(|body| body.is_object() || body.is_array());
        let format = if json.is_some() { Body::Json } else { Body::Text };
        if let Some(json) = json {
            record["body"] = json;
        }
        let fits = |body: Option<Body>| body.is_none_or(|body| body == format);
        Event::read(&record.to_string()).is_ok_and(|event| self.any(fits, &event))
    }

    fn any(&self, fits: impl Fn(Option<Body>) -> bool, event: &Event) -> bool {
        self.filters.iter().any(|filter| fits(filter.body) && filter.pattern.matches(event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_compared_in_their_format() {
        let check = |pattern: Value, body: &str, expected: bool| {
            let filters = Filters::read(&[pattern.to_string()]).unwrap();
            assert_eq!(filters.pass_message(json!({"body": body, "messageId": "m"})), expected, "{pattern} {body}");
        };
        check(json!({"body": {"city": ["Oslo"]}}), r#"{"city": "Oslo"}"#, true);
        check(json!({"body": {"city": ["Oslo"]}}), r#"{"city": "Bergen"}"#, false);
        check(json!({"body": {"city": [{"exists": false}]}}), "text", false);
        check(json!({"body": ["text"]}), "text", true);
        check(json!({"body": ["text"]}), "other", false);
        check(json!({"body": [{"exists": false}]}), r#"{"city": "Oslo"}"#, false);
        check(json!({"messageId": ["m"]}), "text", true);
        check(json!({"messageId": ["m"]}), "{}", true);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["single-string", r#"[{"eventName": ["INSERT"=123}]"#, "{}"] {
            assert!(Filters::read(&[text.to_owned()]).is_err(), "{text}");
        }
    }

    /// Recorded: `test_dynamodb_event_filter`.
    #[test]
    fn records_of_streams_are_compared_with_their_types() {
        let check = |pattern: &str, item: Value, expected: bool| {
            let record = json!({"eventName": "INSERT", "dynamodb": {"NewImage": item}}).to_string();
            assert_eq!(Filters::read(&[pattern.to_owned()]).unwrap().pass(&record), expected, "{pattern} {item}");
        };
        let numeric = r#"{"dynamodb":{"NewImage":{"n":{"N":[{"numeric":[">",100]},{"anything-but":"101"}]}}}}"#;
        check(numeric, json!({"n": {"N": "42"}}), true);
        check(numeric, json!({"n": {"N": "101"}}), false);
        // The attribute is an object, so that it never counts as there.
        let absent = r#"{"dynamodb":{"NewImage":{"presentKey":[{"exists":false}]}}}"#;
        check(absent, json!({"presentKey": {"S": "v"}}), true);
        let present = r#"{"dynamodb":{"NewImage":{"presentKey":{"S":[{"exists":true}]}}}}"#;
        check(present, json!({"presentKey": {"S": "v"}}), true);
        check(present, json!({"other": {"S": "v"}}), false);
        check(r#"{"dynamodb":{"NewImage":{"presentKey":["v"]}}}"#, json!({"presentKey": {"S": "v"}}), false);
    }
}
