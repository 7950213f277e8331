//! `$input` and `$util`.
//!
//! AWS: "API Gateway mapping template and access logging variable reference".

use super::TemplateError;
use super::jsonpath::JsonPath;
use super::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::cell::OnceCell;

/// A request's parameters, as `$input.params()` tells them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parameters<'a> {
    /// Of the path.
    pub path: &'a [(String, String)],
    /// Of the query string.
    pub querystring: &'a [(String, String)],
    /// Of the headers.
    pub header: &'a [(String, String)],
}

/// The request or the backend's answer that a template maps.
pub struct Input<'a> {
    body: &'a str,
    json: OnceCell<serde_json::Value>,
    parameters: Parameters<'a>,
}

impl<'a> Input<'a> {
    /// An input of a body and parameters.
    pub fn new(body: &'a str, parameters: Parameters<'a>) -> Self {
        Self { body, json: OnceCell::new(), parameters }
    }

    /// The body; of an empty one AWS makes an empty object (recorded: test_input_body_formatting).
    pub fn body(&self) -> &str {
        if self.body.is_empty() { "{}" } else { self.body }
    }

    /// The body's document; null when it is no JSON.
    fn json(&self) -> &serde_json::Value {
        self.json.get_or_init(|| serde_json::from_str(self.body).unwrap_or(serde_json::Value::Null))
    }

    fn parameter(&self, name: &str) -> Value {
        let Parameters { path, querystring, header } = self.parameters;
        let find = |list: &[(String, String)], same: fn(&str, &str) -> bool| {
            list.iter().rev().find(|(own, _)| same(own, name)).map(|(_, value)| Value::text(value))
        };
        find(path, |a, b| a == b)
            .or_else(|| find(querystring, |a, b| a == b))
            .or_else(|| find(header, str::eq_ignore_ascii_case))
            .unwrap_or(Value::Null)
    }

    fn all_parameters(&self) -> Value {
        let map =
            |list: &[(String, String)]| Value::map(list.iter().map(|(name, value)| (name.clone(), Value::text(value))));
        Value::map([
            ("path".to_owned(), map(self.parameters.path)),
            ("querystring".to_owned(), map(self.parameters.querystring)),
            ("header".to_owned(), map(self.parameters.header)),
        ])
    }
}

/// `$input.name(arguments)`
pub(super) fn input(input: &Input<'_>, name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    match (name, arguments) {
        ("path", [path]) => {
            let found = JsonPath::parse(&path.to_text())?.evaluate(input.json());
            Ok(found.as_ref().map_or(Value::Null, Value::from_json))
        }
        ("json", [path]) => {
            let found = JsonPath::parse(&path.to_text())?.evaluate(input.json());
            // What is not there is an empty string in JSON.
            Ok(Value::text(found.map_or_else(|| "\"\"".to_owned(), |found| found.to_string())))
        }
        ("params", []) => Ok(input.all_parameters()),
        ("params", [name]) => Ok(input.parameter(&name.to_text())),
        ("body", []) => Ok(Value::text(input.body())),
        _ => Err(TemplateError::Method { method: name.to_owned(), of: "$input" }),
    }
}

/// Java's `URLEncoder`: letters, digits and these stay, a space becomes `+`.
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

/// `$util.name(arguments)`
pub(super) fn util(name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let [argument] = arguments else {
        return Err(TemplateError::Method { method: name.to_owned(), of: "$util" });
    };
    let text = argument.to_text();
    Ok(match name {
        "escapeJavaScript" => Value::text(escape_javascript(&text)),
        "parseJson" => serde_json::from_str(&text).map_or(Value::Null, |json| Value::from_json(&json)),
        "urlEncode" => Value::text(utf8_percent_encode(&text, URL).to_string().replace(' ', "+")),
        "urlDecode" => Value::text(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy()),
        "base64Encode" => Value::text(STANDARD.encode(text)),
        "base64Decode" => {
            STANDARD.decode(text).map_or(Value::Null, |bytes| Value::text(String::from_utf8_lossy(&bytes)))
        }
        _ => return Err(TemplateError::Method { method: name.to_owned(), of: "$util" }),
    })
}

/// Apache Commons' `escapeJavaScript`.
fn escape_javascript(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' | '/' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            ' '..='~' => escaped.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04X}");
                }
            }
        }
    }
    escaped
}
