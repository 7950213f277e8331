//! What a target is given of an event.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>; what AWS was recorded to make is in
//! `data/input-transformers.jsonl`.

use super::path::Path;
use crate::error::invalid;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_kit::pattern::json::{Json, read};
use slam_cloud_wire::events as wire;
use std::collections::BTreeMap;

/// What stands for what EventBridge knows beside the event.
const RULE_ARN: &str = "aws.events.rule-arn";
const RULE_NAME: &str = "aws.events.rule-name";
const INGESTION: &str = "aws.events.event.ingestion-time";
const EVENT: &str = "aws.events.event";
const WHOLE: &str = "aws.events.event.json";
const PREDEFINED: [&str; 5] = [RULE_ARN, RULE_NAME, INGESTION, EVENT, WHOLE];

/// The code of the error of an event that its template makes no JSON of.
pub const INVALID: &str = "InvalidInput";

/// What a target is given in the place of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Always the same JSON.
    Constant(String),
    /// A part of the event.
    Path(String),
    /// A template, filled with parts of the event.
    Template {
        /// The parts by name.
        paths: BTreeMap<String, String>,
        /// The template.
        template: String,
    },
}

/// What is known beside the event.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The rule's ARN.
    pub rule_arn: &'a str,
    /// The rule's name.
    pub rule_name: &'a str,
    /// When the event was taken, as JSON has times.
    pub ingestion: &'a str,
}

impl Input {
    /// Reads what a request says of a target.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(target: &mut wire::Target) -> AwsResult<Option<Self>> {
        let id = &target.id;
        match (target.input.take(), target.input_path.take(), target.input_transformer.take()) {
            (None, None, None) => Ok(None),
            (Some(input), None, None) => match serde_json::from_str::<serde::de::IgnoredAny>(&input) {
                Ok(_) => Ok(Some(Self::Constant(input))),
                Err(error) => Err(AwsError::validation(format!("JSON syntax error in input for target {id}: {error}"))),
            },
            (None, Some(path), None) => path_of(id, &path).map(|_| Some(Self::Path(path))),
            (None, None, Some(transformer)) => {
                let paths = transformer.input_paths_map.unwrap_or_default();
                for (name, path) in &paths {
                    if name.to_ascii_lowercase().starts_with("aws") {
                        return Err(invalid(
                            "InputPathsMap",
                            format_args!("{name} begins with AWS, which is reserved."),
                        ));
                    }
                    path_of(id, path)?;
                }
                let template = transformer.input_template;
                // (Recorded: `test_put_events_with_input_transformer_missing_keys`.)
                for (name, _) in placeholders(&template) {
                    if !paths.contains_key(name) && !PREDEFINED.contains(&name) {
                        return Err(AwsError::validation(format!(
                            "InputTemplate for target {id} contains invalid placeholder {name}."
                        )));
                    }
                }
                Ok(Some(Self::Template { paths, template }))
            }
            // (Recorded: `test_put_event_input_path_and_input_transformer`.)
            _ => Err(AwsError::validation(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            ))),
        }
    }

    /// Tells it in a target.
    pub fn tell(&self, target: &mut wire::Target) {
        match self {
            Self::Constant(input) => target.input = Some(input.clone()),
            Self::Path(path) => target.input_path = Some(path.clone()),
            Self::Template { paths, template } => {
                let input_paths_map = (!paths.is_empty()).then(|| paths.clone());
                let transformer = wire::InputTransformer { input_paths_map, input_template: template.clone() };
                target.input_transformer = Some(transformer);
            }
        }
    }

    /// What the target is given of an event.
    ///
    /// # Errors
    /// When the template makes no JSON of it, or the event is none, as no event is.
    pub fn of(&self, event: &str, about: About<'_>) -> AwsResult<String> {
        let read = |event| read(event).map_err(AwsError::internal);
        Ok(match self {
            Self::Constant(input) => input.clone(),
            Self::Path(path) => {
                let event = read(event)?;
                let found = Path::parse(path).and_then(|path| path.find(&event));
                found.map_or_else(|| "null".to_owned(), |json| json.to_string())
            }
            Self::Template { paths, template } => {
                let root = read(event)?;
                let text = |text: &str| Some(Json::Text(text.to_owned().into()));
                filled(template, |name| match name {
                    RULE_ARN => text(about.rule_arn),
                    RULE_NAME => text(about.rule_name),
                    INGESTION => text(about.ingestion),
                    WHOLE => Some(root.clone()),
                    EVENT => Some(without_detail(&root, about.ingestion)),
                    name => paths.get(name).and_then(|path| Path::parse(path)).and_then(|path| path.find(&root)),
                })
                .ok_or_else(|| {
                    AwsError::bad_request(INVALID, "The InputTemplate does not make valid JSON of the event.")
                })?
            }
        })
    }
}

fn path_of(id: &str, path: &str) -> AwsResult<Path> {
    Path::parse(path).ok_or_else(|| AwsError::validation(format!("Invalid JSONPath {path} for target {id}.")))
}

/// The event without what happened, told when it was taken (recorded: `test_input_transformer_predefined_variables`).
fn without_detail<'t>(event: &Json<'t>, ingestion: &str) -> Json<'t> {
    let Json::Object(fields) = event else { return event.clone() };
    let fields = fields.iter().filter(|(name, _)| name != "detail").map(|(name, value)| match &**name {
        "detail-type" => ("detailType".into(), value.clone()),
        "time" => (name.clone(), Json::Text(ingestion.to_owned().into())),
        _ => (name.clone(), value.clone()),
    });
    Json::Object(fields.collect())
}

/// The placeholders of a template, each with its place.
fn placeholders(template: &str) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + template[at..].find('<')?;
            let rest = &template[start + 1..];
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            let length = rest.bytes().take_while(is_part).count();
            at = start + 1 + length;
            if length > 0 && rest.as_bytes().get(length) == Some(&b'>') {
                at += 1;
                return Some((&rest[..length], start..at));
            }
        }
    })
}

/// A template with values in the place of their names. Within quotes, texts are put as they are, and objects and lists without
/// any quotes; what is not there is nothing. Elsewhere a value is put as the JSON that it is, and what is not there is an empty text.
/// In a template of JSON, no object and no list can be within quotes: then there is nothing (asserted on AWS:
/// `test_input_transformer_nested_keys_replacement_not_valid`).
fn filled<'t>(template: &str, value: impl Fn(&str) -> Option<Json<'t>>) -> Option<String> {
    let is_json = template.trim_start().starts_with(['{', '[']);
    let mut filled = String::with_capacity(template.len());
    let (mut done, mut is_within) = (0, false);
    for (name, place) in placeholders(template) {
        let before = &template[done..place.start];
        is_within ^= quotes(before) % 2 == 1;
        filled.push_str(before);
        match (value(name), is_within) {
            (Some(Json::Text(text)), true) => {
                let quoted = Value::from(&*text).to_string();
                filled.push_str(&quoted[1..quoted.len() - 1]);
            }
            (Some(Json::Object(_) | Json::Array(_)), true) if is_json => return None,
            (Some(json), true) => filled.push_str(&json.to_string().replace('"', "")),
            (Some(json), false) => filled.push_str(&json.to_string()),
            (None, true) => {}
            (None, false) => filled.push_str("\"\""),
        }
        done = place.end;
    }
    filled.push_str(&template[done..]);
    Some(filled)
}

/// How many quotes a text has that begin or end a string.
fn quotes(text: &str) -> usize {
    let (mut count, mut is_escaped) = (0, false);
    for byte in text.bytes() {
        count += usize::from(byte == b'"' && !is_escaped);
        is_escaped = byte == b'\\' && !is_escaped;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What AWS made of an event.
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Case {
        #[serde(rename = "id")]
        id: u32,
        #[serde(rename = "event")]
        event: Option<Value>,
        input_path: Option<String>,
        input_paths_map: Option<BTreeMap<String, String>>,
        input_template: Option<String>,
        #[serde(rename = "result")]
        result: Option<Value>,
        #[serde(rename = "refused")]
        refused: Option<Value>,
    }

    #[test]
    fn targets_are_given_what_aws_was_recorded_to_give() {
        let mut asked = 0;
        for line in include_str!("../../data/input-transformers.jsonl").lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            let mut target = wire::Target { id: "TARGET".into(), input_path: case.input_path, ..Default::default() };
            target.input_transformer = case
                .input_template
                .map(|input_template| wire::InputTransformer { input_paths_map: case.input_paths_map, input_template });
            let input = Input::read(&mut target);
            asked += 1;
            if let Some(refused) = case.refused {
                let told = input.unwrap_err();
                assert_eq!(
                    (&*told.code, &*told.message),
                    (refused["code"].as_str().unwrap(), refused["message"].as_str().unwrap()),
                    "{}",
                    case.id
                );
                continue;
            }
            let rule_arn = "arn:aws:events:us-east-1:111111111111:rule/BUS/RULE";
            let about = About { rule_arn, rule_name: "RULE", ingestion: "<ingestion time, ISO-8601>" };
            let given = input.unwrap().unwrap().of(&case.event.unwrap().to_string(), about).unwrap();
            match case.result.unwrap() {
                Value::String(text) => assert_eq!(given, text, "{}", case.id),
                json => {
                    let given: Value = serde_json::from_str(&given).unwrap();
                    assert_eq!(given, json["json"], "{}", case.id);
                }
            }
        }
        assert_eq!(asked, 27);
    }
}
