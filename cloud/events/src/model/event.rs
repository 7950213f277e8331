//! Events.

use serde_json::Value;
use slam_cloud_core::Timestamp;
use slam_cloud_core::collection::Scope;
use slam_cloud_wire::timestamp::iso8601_seconds;

/// An event, with `detail` as the JSON that it is.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// `detail-type`
    pub detail_type: String,
    /// Who tells of it.
    pub source: String,
    /// Where it is told.
    pub scope: Scope,
    /// When it happened.
    pub time: Timestamp,
    /// What it is about.
    pub resources: Vec<String>,
    /// What happened: a JSON object without white space.
    pub detail: String,
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Event {
    /// As targets get it: compact, in this order (recorded: `test_put_events_with_target_sqs`).
    pub fn text(&self) -> String {
        let resources: Vec<String> = self.resources.iter().map(|resource| quoted(resource)).collect();
        format!(
            r#"{{"version":"0","id":{},"detail-type":{},"source":{},"account":{},"time":"{}","region":{},"resources":[{}],"detail":{}}}"#,
            quoted(&self.id),
            quoted(&self.detail_type),
            quoted(&self.source),
            quoted(&self.scope.account),
            iso8601_seconds(self.time),
            quoted(&self.scope.region),
            resources.join(","),
            self.detail,
        )
    }
}

/// How deep a detail may be nested. AWS documents 1,000.
const DEEPEST: usize = 120;

/// A JSON object without white space; `None` when the text is no JSON object, or nested too deep.
pub fn compact(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    if !text.starts_with('{') {
        return None;
    }
    let mut compact = String::with_capacity(text.len());
    let (mut is_within, mut is_escaped, mut depth) = (false, false, 0_usize);
    for character in text.chars() {
        if is_within || !character.is_ascii_whitespace() {
            compact.push(character);
        }
        match character {
            '"' if !is_escaped => is_within = !is_within,
            '{' | '[' if !is_within => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
            }
            '}' | ']' if !is_within => depth = depth.saturating_sub(1),
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            _ => {}
        }
        is_escaped = false;
    }
    Some(compact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_objects_and_lose_their_white_space() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(compact(text).as_deref(), expected, "{text}");
        check(r#" { "a" : [ 1.0, "b \" c" ],"d\\" : "\t e" } "#, Some(r#"{"a":[1.0,"b \" c"],"d\\":"\t e"}"#));
        check("[1]", None);
        check(r#""{}""#, None);
        check("{", None);
        check("{} {}", None);
        check(&format!(r#"{{"a":{}{}}}"#, "[".repeat(120), "]".repeat(120)), None);
    }
}
