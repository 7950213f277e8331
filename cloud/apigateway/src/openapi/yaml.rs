//! Documents in YAML, as JSON's model has them. Aliases stand for copies, of which there may be so many.

use crate::error::invalid_openapi;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::HashMap;

/// Nesting beyond is no API.
const DEPTH: usize = 128;
/// All values of a document, copies among them.
const VALUES: usize = 1_000_000;

/// Reads a document.
pub fn read(text: &str) -> AwsResult<Value> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|_| invalid_openapi())?;
        builder.take(event)?;
    }
    builder.root.ok_or_else(invalid_openapi)
}

#[derive(Default)]
struct Builder {
    open: Vec<(usize, Open)>,
    anchors: HashMap<usize, Value>,
    values: usize,
    root: Option<Value>,
}

enum Open {
    Sequence(Vec<Value>),
    Mapping { entries: Map<String, Value>, key: Option<String> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> AwsResult<()> {
        match event {
            Event::Scalar(text, _, _, _) if self.expects_key() => self.key(text.into_owned()),
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                self.add(anchor, value)
            }
            Event::Alias(anchor) if !self.expects_key() => {
                let value = self.anchors.get(&anchor).cloned().ok_or_else(invalid_openapi)?;
                self.values = self.values.saturating_add(count(&value));
                self.add(0, value)
            }
            Event::SequenceStart(anchor, _) => self.open(anchor, Open::Sequence(Vec::new())),
            Event::MappingStart(anchor, _) => self.open(anchor, Open::Mapping { entries: Map::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((anchor, open)) = self.open.pop() else { return Err(invalid_openapi()) };
                let value = match open {
                    Open::Sequence(items) => Value::Array(items),
                    Open::Mapping { entries, .. } => Value::Object(entries),
                };
                self.add(anchor, value)
            }
            Event::DocumentStart(_) if self.root.is_some() => Err(invalid_openapi()),
            Event::Alias(_) => Err(invalid_openapi()),
            _ => Ok(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some((_, Open::Mapping { key: None, .. })))
    }

    fn open(&mut self, anchor: usize, open: Open) -> AwsResult<()> {
        if self.expects_key() || self.open.len() >= DEPTH {
            return Err(invalid_openapi());
        }
        self.open.push((anchor, open));
        Ok(())
    }

    fn key(&mut self, text: String) -> AwsResult<()> {
        if text == "<<" {
            return Err(AwsError::unsupported("the merge key << of YAML"));
        }
        if let Some((_, Open::Mapping { entries, key })) = self.open.last_mut() {
            if entries.contains_key(&text) {
                return Err(invalid_openapi());
            }
            *key = Some(text);
        }
        Ok(())
    }

    fn add(&mut self, anchor: usize, value: Value) -> AwsResult<()> {
        self.values += 1;
        if self.values > VALUES {
            return Err(invalid_openapi());
        }
        if anchor > 0 {
            // What is kept for aliases counts as well.
            self.values = self.values.saturating_add(count(&value));
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some((_, Open::Sequence(items))) => items.push(value),
            Some((_, Open::Mapping { entries, key })) => {
                let key = key.take().ok_or_else(invalid_openapi)?;
                entries.insert(key, value);
            }
        }
        Ok(())
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(entries) => 1 + entries.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && &*tag.suffix == "str");
    if is_text || style != ScalarStyle::Plain { Value::from(text) } else { plain(text) }
}

/// A plain scalar is a number where it is written as JSON prints it: `1.10` is a version, not 1.1.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
        return Value::from(number);
    }
    match text.parse::<f64>().ok().and_then(Number::from_f64).filter(|number| number.to_string() == text) {
        Some(number) => Value::Number(number),
        None => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_is_read_as_json_has_it() {
        let text = "a: &x {b: [1, 1.5, '2', 1.10, true, ~]}\nc: *x\n200: y\n";
        let inner = json!({"b": [1, 1.5, "2", "1.10", true, null]});
        assert_eq!(read(text).unwrap(), json!({"a": inner, "c": inner, "200": "y"}));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["{'key:value}", "", "a: 1\na: 2", "a: *b", "? [a]\n: b", "--- 1\n--- 2"] {
            assert_eq!(read(text).unwrap_err().message, "Invalid OpenAPI input.", "{text}");
        }
        assert!(read("<<: {a: 1}").unwrap_err().message.contains("merge key"));
    }

    #[test]
    fn aliases_of_aliases_come_to_an_end() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let copies = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{copies}]\n"));
        }
        assert_eq!(read(&text).unwrap_err().message, "Invalid OpenAPI input.");
    }

    #[test]
    fn nesting_comes_to_an_end() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
