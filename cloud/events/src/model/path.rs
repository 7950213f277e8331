//! Paths into events: the part of JSONPath that EventBridge knows.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>: names after dots or in
//! brackets, indexes of arrays, and `*`.

use slam_cloud_kit::pattern::json::Json;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Each,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

impl Path {
    /// Reads a path; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\"")) {
                let quote = &rest[1..2];
                let (name, after) = after.split_once(&format!("{quote}]"))?;
                steps.push(Step::Name(name.to_owned()));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (index, after) = after.split_once(']')?;
                steps.push(match index {
                    "*" => Step::Each,
                    index => Step::Index(index.parse().ok()?),
                });
                rest = after;
            } else {
                let after = rest.strip_prefix('.')?;
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                let is_name = |character: char| character.is_alphanumeric() || "-_/:@ ".contains(character);
                steps.push(match name {
                    "*" => Step::Each,
                    name if !name.is_empty() && name.chars().all(is_name) => Step::Name(name.to_owned()),
                    _ => return None,
                });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// What is at it, if something is: of several things a list.
    pub fn find<'t>(&self, root: &Json<'t>) -> Option<Json<'t>> {
        let mut found = vec![root];
        let mut is_list = false;
        for step in &self.0 {
            found = found.into_iter().flat_map(|json| step.take(json)).collect();
            is_list |= *step == Step::Each;
        }
        match is_list {
            true => Some(Json::Array(found.into_iter().cloned().collect())),
            false => found.into_iter().next().cloned(),
        }
    }
}

impl Step {
    fn take<'j, 't>(&self, json: &'j Json<'t>) -> Vec<&'j Json<'t>> {
        match (self, json) {
            (Self::Name(name), Json::Object(fields)) => {
                // Of several fields of a name, JSON's readers know the last.
                fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value).into_iter().collect()
            }
            (Self::Index(index), Json::Array(elements)) => elements.get(*index).into_iter().collect(),
            (Self::Each, Json::Array(elements)) => elements.iter().collect(),
            (Self::Each, Json::Object(fields)) => fields.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_kit::pattern::json::read;

    #[test]
    fn paths_lead_to_values() {
        let event = read(r#"{"detail-type":"t","detail":{"a":[{"b":1.0},{"b":"x"}],"c.d":null}}"#).unwrap();
        let check = |path: &str, expected: Option<&str>| {
            let found = Path::parse(path).and_then(|path| path.find(&event)).map(|json| json.to_string());
            assert_eq!(found.as_deref(), expected, "{path}");
        };
        check("$.detail-type", Some("\"t\""));
        check("$.detail.a[1].b", Some("\"x\""));
        check("$.detail.a[*].b", Some("[1.0,\"x\"]"));
        check("$.detail['c.d']", Some("null"));
        check("$.detail.nothing", None);
        check("$.detail.a[7]", None);
        for wrong in ["detail", "$.", "$..a", "$.a[", "$.a[x]", "$.a[?(@.b)]"] {
            assert_eq!(Path::parse(wrong), None, "{wrong}");
        }
    }
}
