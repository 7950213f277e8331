//! A document's text in YAML. JSON's strings are YAML's in double quotes, so that nothing else has to be escaped.

use serde_json::Value;
use std::fmt::Write as _;

/// The text of a document.
pub fn write(document: &Value) -> String {
    let mut text = String::from("---\n");
    match document {
        Value::Object(_) | Value::Array(_) => block(&mut text, document, 0),
        scalar => {
            let _ = writeln!(text, "{scalar}");
        }
    }
    text
}

fn block(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let _ = write!(text, "{indent}{}:", name(key));
                below(text, value, depth + 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(text, "{indent}-");
                below(text, item, depth + 1);
            }
        }
        _ => {}
    }
}

/// What stands after a key or a dash.
fn below(text: &mut String, value: &Value, depth: usize) {
    let full = match value {
        Value::Object(entries) => !entries.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if full {
        text.push('\n');
        block(text, value, depth);
    } else {
        let _ = writeln!(text, " {value}");
    }
}

/// A key, in quotes unless it is a plain word.
fn name(key: &str) -> String {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let plain = key.starts_with(|first: char| first.is_ascii_alphabetic()) && key.bytes().all(word);
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !reserved.contains(&key.to_ascii_lowercase().as_str()) {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::yaml::read;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for document in [
            json!({"a": {"b": [1, "2", null, true, 1.5]}, "200": [], "c": {}, "null": "~", "/x/{y}": "a: b\n\"c\" # d"}),
            json!([[1, [2, {"a": [{}]}]], "- x", {"k": {"k": "ä\u{2028}"}}]),
        ] {
            assert_eq!(read(&write(&document)).unwrap(), document);
        }
    }
}
