//! The conversions that CloudFormation makes before it looks at types: `"10"` is an integer where one is asked for,
//! `true` is text where text is.

use super::Schema;
use crate::template::as_text;
use serde_json::{Map, Number, Value};

impl Schema {
    /// Properties with their scalars in the types of the schema, as far as they fit.
    pub fn coerce(&self, properties: Map<String, Value>) -> Map<String, Value> {
        let mut result = Map::new();
        for (name, value) in properties {
            let node = self.root().get("properties").and_then(|nodes| nodes.get(&name));
            let value = match node {
                Some(node) => self.coerce_value(node, value),
                None => value,
            };
            result.insert(name, value);
        }
        result
    }

    fn coerce_value(&self, node: &Value, value: Value) -> Value {
        let nodes = self.follow(node);
        let keyword = |name: &str| nodes.iter().find_map(|node| node.get(name));
        let types = types_of(keyword("type"));
        if types.is_empty()
            && let Some(branches) = keyword("oneOf").and_then(Value::as_array)
        {
            let fitting = branches.iter().find(|branch| {
                let nodes = self.follow(branch);
                let types = types_of(nodes.iter().find_map(|node| node.get("type")));
                types.contains(&kind(&value))
            });
            return match fitting {
                Some(branch) => self.coerce_value(branch, value),
                None => value,
            };
        }
        match value {
            Value::Array(items) => match keyword("items") {
                Some(node) => Value::Array(items.into_iter().map(|item| self.coerce_value(node, item)).collect()),
                None => Value::Array(items),
            },
            Value::Object(entries) => {
                let patterns = keyword("patternProperties").and_then(Value::as_object);
                let mut result = Map::new();
                for (name, value) in entries {
                    let named = keyword("properties").and_then(|nodes| nodes.get(&name));
                    let node = named.or_else(|| patterns.and_then(|patterns| patterns.values().next()));
                    let value = match node {
                        Some(node) => self.coerce_value(node, value),
                        None => value,
                    };
                    result.insert(name, value);
                }
                Value::Object(result)
            }
            scalar if types.is_empty() || types.contains(&kind(&scalar)) => scalar,
            scalar => types.iter().find_map(|wanted| convert(&scalar, wanted)).unwrap_or(scalar),
        }
    }
}

/// The names of a `type` keyword.
pub(super) fn types_of(keyword: Option<&Value>) -> Vec<&str> {
    match keyword {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// JSON Schema's name of a value's type.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn convert(scalar: &Value, wanted: &str) -> Option<Value> {
    match wanted {
        "string" => as_text(scalar).map(Value::from),
        "integer" => match scalar {
            Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
            // 10.0 is an integer; beyond 2^53 a float no longer tells which one.
            Value::Number(number) => number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0)
                .map(|float| Value::from(float as i64)),
            _ => None,
        },
        "number" => match scalar {
            Value::Number(number) => Some(Value::Number(number.clone())),
            Value::String(text) => match text.trim().parse::<i64>() {
                Ok(integer) => Some(Value::from(integer)),
                Err(_) => text.trim().parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
            },
            _ => None,
        },
        "boolean" => match scalar.as_str() {
            Some(text) if text.eq_ignore_ascii_case("true") => Some(Value::from(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(Value::from(false)),
            _ => None,
        },
        _ => None,
    }
}
