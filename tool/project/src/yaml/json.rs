//! Values that a user wrote in YAML and AWS reads as JSON: patterns and events.

use super::{Kind, Node, boolean};
use serde_json::{Map, Number, Value};

/// Converts a node as YAML's core schema reads it: what is a number is one, however it is written. What begins with a zero, as
/// account ids may, is text.
pub fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar { text, plain: true } => plain_scalar(text),
        Kind::Scalar { text, .. } => Value::String(text.clone()),
        Kind::List(items) => items.iter().map(to_json).collect(),
        Kind::Map(entries) => {
            entries.iter().map(|(key, value)| (key.key().to_owned(), to_json(value))).collect::<Map<_, _>>().into()
        }
    }
}

/// The first CloudFormation function in a value that takes none.
pub fn tagged(node: &Node) -> Option<&Node> {
    if node.tag.is_some() {
        return Some(node);
    }
    match &node.kind {
        Kind::Scalar { .. } => None,
        Kind::List(items) => items.iter().find_map(tagged),
        Kind::Map(entries) => entries.iter().find_map(|(_, value)| tagged(value)),
    }
}

fn plain_scalar(text: &str) -> Value {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    if let Some(flag) = boolean(text) {
        return Value::Bool(flag);
    }
    let digits = text.trim_start_matches('-');
    let counts = digits.starts_with(|first: char| first.is_ascii_digit())
        && (!digits.starts_with('0') || digits == "0" || digits.starts_with("0."));
    let number = text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?));
    match number.filter(|_| counts) {
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_numbers_however_they_are_written() {
        let text = "v: [1, 1.50, 0, 0.5, -2, 1e3, 012345678901, '1', 1.2.3, 2026-01-01, true, inf, ~, {a: [b]}]\n";
        let node = super::super::parse(text).expect("valid YAML");
        let expected = json!([1, 1.5, 0, 0.5, -2, 1000.0, "012345678901", "1", "1.2.3", "2026-01-01", true, "inf", null, {"a": ["b"]}]);
        assert_eq!(to_json(node.get("v").expect("v")), expected);
    }
}
