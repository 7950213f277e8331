//! What AWS was recorded to answer, and whether ours is that.
//!
//! `recorded/SERVICE/TEST.json` has the answers of one of LocalStack's tests (its README tells more): by step, as boto3
//! returns them. `TEST.requests.json` beside it has the requests that lead to them, which [`check_recorded`] sends.
//!
//! - [`names`]: the placeholders. [`replay`]: the requests.

mod names;
mod replay;

pub use replay::{check_recorded, check_recorded_with};

use names::Names;
use serde_json::{Map, Value as Json};
use slam_cloud_core::AwsError;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// The answers of AWS in one test.
pub struct Recorded {
    test: String,
    answers: Map<String, Json>,
    names: Names,
    /// Where ours is another on purpose, and why.
    but: BTreeMap<String, String>,
    /// Which of these were met.
    met: BTreeSet<String>,
}

impl Recorded {
    /// Those of a test: `lambda/test_layer_exceptions`, `dynamodb/test_gsi_with_billing_mode[PROVISIONED]`.
    ///
    /// # Panics
    /// When there are none.
    #[track_caller]
    pub fn of(test: &str) -> Self {
        let answers = variants(test).into_iter().find(|(name, _)| name == test);
        let (_, answers) = answers.unwrap_or_else(|| panic!("nothing was recorded of {test}"));
        let names = Names::new(crate::ACCOUNT, crate::REGION);
        Self { test: test.to_owned(), answers, names, but: BTreeMap::new(), met: BTreeSet::new() }
    }

    /// Tells what a placeholder stands for: `<function-name:1>`.
    #[must_use]
    pub fn with(mut self, placeholder: &str, value: &str) -> Self {
        self.names.set(placeholder, value);
        self
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.answers.keys().map(String::as_str)
    }

    /// What was recorded at a step, or at a place in it: `exception.Error.Message`.
    ///
    /// # Panics
    /// When there is nothing.
    #[track_caller]
    pub fn at(&self, place: &str) -> &Json {
        // Steps may have dots in their names.
        let step = self.answers.keys().filter(|step| is_begin(place, step)).max_by_key(|step| step.len());
        let found = step.and_then(|step| {
            let path = place[step.len()..].split('.').filter(|name| !name.is_empty());
            path.fold(self.answers.get(step), |value, name| match value {
                Some(Json::Array(items)) => items.get(name.parse::<usize>().ok()?),
                value => value?.get(name),
            })
        });
        found.unwrap_or_else(|| panic!("{} has no {place}", self.test))
    }

    /// A text that was recorded, with the placeholders that are known filled in.
    ///
    /// # Panics
    /// When there is none, or a placeholder is not known.
    #[track_caller]
    pub fn text(&self, place: &str) -> String {
        let found = self.at(place);
        let (text, unknown) = self.names.fill(found.as_str().unwrap_or_else(|| panic!("{place} is {found}")));
        assert!(unknown.is_empty(), "{}: {place} has {unknown:?}", self.test);
        text
    }

    /// Compares what is ours with what was recorded at a place.
    ///
    /// # Panics
    /// When they differ, with the differences.
    #[track_caller]
    pub fn check(&mut self, place: &str, actual: &Json) {
        let recorded = self.at(place).clone();
        let mut differences = Vec::new();
        self.compare("", &recorded, Some(actual), &mut differences);
        self.report(place, &differences);
    }

    /// Compares an error of ours with the one at a step: its code, message, status and further members.
    ///
    /// # Panics
    /// When they differ, with the differences.
    #[track_caller]
    pub fn check_error(&mut self, step: &str, error: &AwsError) {
        let differences = self.differences(step, &error_as_answered(error, None, false), error.status);
        self.report(step, &differences);
    }

    #[track_caller]
    fn report(&self, place: &str, differences: &[String]) {
        let mut report = String::new();
        for difference in differences {
            writeln!(report, "  {difference}").unwrap();
        }
        assert!(differences.is_empty(), "{}: {place} is not as recorded\n{report}", self.test);
    }

    /// How an answer differs from a step's, its status included.
    fn differences(&mut self, step: &str, actual: &Json, status: u16) -> Vec<String> {
        let mut recorded = self.at(step).clone();
        let mut differences = Vec::new();
        if let Json::Object(members) = &mut recorded {
            let metadata = members.shift_remove("ResponseMetadata");
            let recorded = metadata.and_then(|metadata| metadata["HTTPStatusCode"].as_u64());
            if recorded.is_some_and(|recorded| recorded != u64::from(status)) {
                differences.push(format!("status: recorded {}, ours {status}", recorded.unwrap_or_default()));
            }
            // An error's message is there twice.
            let message = members.get("Error").map(|error| error["Message"].clone());
            members.retain(|name, value| {
                !matches!(name.as_str(), "message" | "Message") || Some(&*value) != message.as_ref()
            });
        }
        self.compare("", &recorded, Some(actual), &mut differences);
        differences
    }

    fn compare(&mut self, path: &str, recorded: &Json, actual: Option<&Json>, differences: &mut Vec<String>) {
        if let Some(but) = self.but.keys().find(|but| is_end(path, but)).cloned() {
            let (mut found, names) = (Vec::new(), self.names.clone());
            self.compare_here(path, recorded, actual, &mut found);
            self.names = names;
            if !found.is_empty() {
                self.met.insert(but);
            }
        } else {
            self.compare_here(path, recorded, actual, differences);
        }
    }

    fn compare_here(&mut self, path: &str, recorded: &Json, actual: Option<&Json>, differences: &mut Vec<String>) {
        let Some(actual) = actual else {
            differences.push(format!("{path}: recorded {recorded}, ours has none"));
            return;
        };
        let same = match (recorded, actual) {
            (Json::String(recorded), actual) if Names::is_anything(recorded) => !actual.is_null(),
            (Json::Object(expected), Json::Object(members)) => {
                let below = |name: &String| if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                // The keys of a map can be placeholders, too: what an earlier answer told.
                let expected: Vec<(String, &Json)> =
                    expected.iter().map(|(name, recorded)| (self.names.fill(name).0, recorded)).collect();
                for (name, recorded) in &expected {
                    self.compare(&below(name), recorded, members.get(name), differences);
                }
                let is_expected = |name: &String| expected.iter().any(|(expected, _)| expected == name);
                for (name, actual) in members.iter().filter(|(name, _)| !is_expected(name)) {
                    self.compare_more(&below(name), actual, differences);
                }
                true
            }
            (Json::Array(expected), Json::Array(items)) if expected.len() == items.len() => {
                for (recorded, actual) in expected.iter().zip(items) {
                    self.compare(path, recorded, Some(actual), differences);
                }
                true
            }
            // A document in a text is compared as what it says.
            (Json::Object(_) | Json::Array(_), Json::String(text)) => match document(text) {
                Some(actual) => return self.compare_here(path, recorded, Some(&actual), differences),
                None => false,
            },
            (Json::String(expected), Json::String(text)) => match (document(expected), document(text)) {
                (Some(recorded), Some(actual)) => {
                    return self.compare_here(path, &recorded, Some(&actual), differences);
                }
                _ => self.names.is(expected, text),
            },
            (Json::String(expected), Json::Number(number)) if expected.starts_with('<') => {
                self.names.is(expected, &number.to_string())
            }
            (Json::Number(recorded), Json::Number(actual)) => recorded.as_f64() == actual.as_f64(),
            (recorded, actual) => recorded == actual,
        };
        if !same {
            let (recorded, _) = self.names.fill(&recorded.to_string());
            differences.push(format!("{path}: recorded {recorded}\n    ours {actual}"));
        }
    }

    /// A member of ours that was not recorded.
    fn compare_more(&mut self, path: &str, actual: &Json, differences: &mut Vec<String>) {
        match self.but.keys().find(|but| is_end(path, but)).cloned() {
            Some(but) => drop(self.met.insert(but)),
            None => differences.push(format!("{path}: not recorded, ours {actual}")),
        }
    }
}

/// An error as boto3 tells it; `in_query` is the code that it has in the service's older protocol.
fn error_as_answered(error: &AwsError, in_query: Option<Cow<'static, str>>, with_type: bool) -> Json {
    // What is empty is not sent.
    let message = Some(&error.message).filter(|message| !message.is_empty());
    let mut told = serde_json::json!({ "Code": error.code, "Message": message });
    if let Some(code) = &in_query {
        told["QueryErrorCode"] = error.code.clone().into();
        told["Code"] = code.clone().into();
    }
    if with_type || in_query.is_some() {
        told["Type"] = if error.is_client_fault() { "Sender" } else { "Receiver" }.into();
    }
    let mut answer = Map::from_iter([("Error".to_owned(), told)]);
    answer.extend(error.members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Json::Object(answer)
}

fn document(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok().filter(|json: &Json| json.is_object() || json.is_array())
}

fn is_begin(place: &str, step: &str) -> bool {
    place.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The file of a test: `lambda/test_x.json` of `lambda/test_x[variant]`.
fn file(test: &str, kind: &str) -> PathBuf {
    let test = test.split('[').next().unwrap_or(test);
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recorded").join(format!("{test}{kind}"))
}

/// The variants of a test, each with its steps and their answers.
#[track_caller]
fn variants(test: &str) -> Vec<(String, Map<String, Json>)> {
    let (path, service) = (file(test, ".json"), test.split('/').next().unwrap_or_default());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let entries: Map<String, Json> = serde_json::from_str(&text).unwrap();
    let variants = entries.into_iter().map(|(id, mut entry)| {
        let name = id.rsplit_once("::test_").map_or(&*id, |(_, name)| name);
        let Json::Object(answers) = entry["recorded-content"].take() else { panic!("{id} has no answers") };
        (format!("{service}/test_{name}"), answers)
    });
    variants.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is told of an answer that differs from a recorded one.
    fn check(recorded: &Json, actual: &Json, expected: &[&str]) {
        let answers = Map::from_iter([("step".to_owned(), recorded.clone())]);
        let names = Names::new(crate::ACCOUNT, crate::REGION);
        let but = BTreeMap::from([("Inner.But".to_owned(), "on purpose".to_owned())]);
        let mut recorded = Recorded { test: "test".into(), answers, names, but, met: BTreeSet::new() };
        assert_eq!(recorded.differences("step", actual, 200), expected);
    }

    #[test]
    fn differences_are_told() {
        let answer = json!({
            "Arn": "arn:<partition>:x:<region>:111111111111:<name:1>",
            "Created": "datetime",
            "Inner": { "Name": "<name:1>", "But": 1 },
            "Items": [1, "<name:2>"],
            "Keys": { "<name:1>": 1 },
            "Policy": "{\"b\": 1, \"a\": 2}",
            "ResponseMetadata": { "HTTPHeaders": {}, "HTTPStatusCode": 200 },
        });
        let good = json!({
            "Arn": "arn:aws:x:us-east-1:000000000000:n",
            "Created": 1.5,
            "Inner": { "Name": "n", "But": 2 },
            "Items": [1.0, "m"],
            "Keys": { "n": 1 },
            "Policy": "{\"a\":2,\"b\":1}",
        });
        check(&answer, &good, &[]);
        let mut bad = good.clone();
        bad["Inner"] = json!({ "Name": "m", "More": true });
        bad["Items"] = json!([1]);
        bad.as_object_mut().unwrap().shift_remove("Created");
        check(
            &answer,
            &bad,
            &[
                "Created: recorded \"datetime\", ours has none",
                "Inner.Name: recorded \"n\"\n    ours \"m\"",
                "Inner.More: not recorded, ours true",
                "Items: recorded [1,\"<name:2>\"]\n    ours [1]",
            ],
        );
    }

    #[test]
    fn an_error_has_its_status_and_members() {
        let answer = json!({
            "Error": { "Code": "NotFound", "Message": "None: <name:1>" },
            "Message": "None: <name:1>",
            "Type": "User",
            "ResponseMetadata": { "HTTPStatusCode": 404 },
        });
        let ours = AwsError::new("NotFound", 404, "None: n");
        let told = ["status: recorded 404, ours 200", "Type: recorded \"User\", ours has none"];
        check(&answer, &error_as_answered(&ours, None, false), &told);
        check(&answer, &error_as_answered(&ours.with("Type", "User"), None, false), &told[..1]);
    }
}
