//! `$input` and `$util`.
//!
//! AWS: "API Gateway mapping template and access logging variable reference".

use super::jsonpath::JsonPath;
use super::value::Value;
use super::{TemplateError, json};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
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
    json: OnceCell<Result<Value, TemplateError>>,
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

    /// What a path leads to in the body's document.
    fn found(&self, path: &Value) -> Result<Option<Value>, TemplateError> {
        let path = JsonPath::parse(&path.to_text())?;
        let document = self.json.get_or_init(|| json::read(self.body()).and_then(known)).as_ref();
        path.evaluate(document.map_err(TemplateError::clone)?)
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

/// json-path takes no document that is null.
fn known(document: Value) -> Result<Value, TemplateError> {
    if matches!(document, Value::Null) { Err(TemplateError::Json) } else { Ok(document) }
}

/// `$input.name(arguments)`
pub(super) fn input(input: &Input<'_>, name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    match (name, arguments) {
        // Each call has a document of its own: what a template changes in one is not seen in another.
        ("path", [path]) => Ok(input.found(path)?.map_or(Value::Null, |found| found.copied())),
        ("json", [path]) => {
            let mut text = String::new();
            match input.found(path)? {
                Some(found) => json::write(&found, json::Style::Plain, &mut text),
                // What is not there is an empty string in JSON.
                None => text.push_str("\"\""),
            }
            Ok(Value::text(text))
        }
        ("params", []) => Ok(input.all_parameters()),
        ("params", [name]) => Ok(input.parameter(&name.to_text())),
        ("getBody", []) => Ok(Value::text(input.body())),
        _ => Err(TemplateError::Method { method: name.to_owned(), of: "$input" }),
    }
}

/// Java's `URLEncoder`: letters, digits and these stay, a space becomes `+`.
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

/// Java's `Base64.getDecoder()`, which does without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `$util.name(arguments)`
pub(super) fn util(name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let [argument] = arguments else {
        return Err(TemplateError::Method { method: name.to_owned(), of: "$util" });
    };
    // AWS's take texts, says its reference; numbers and what is not there are taken as theirs (null: recorded,
    // test_input_body_formatting), and of a list or a map there is no such method.
    if matches!(argument, Value::List(_) | Value::Map(_)) {
        return Ok(Value::Null);
    }
    let text = argument.to_text();
    let fails = |why: &str| TemplateError::Fails { method: name.to_owned(), why: why.to_owned() };
    Ok(match name {
        "escapeJavaScript" => Value::text(escape_javascript(&text)),
        "parseJson" => json::read(&text)?,
        "urlEncode" => Value::text(utf8_percent_encode(&text, URL).to_string().replace(' ', "+")),
        "urlDecode" => Value::text(url_decode(&text).ok_or_else(|| fails("a % is not followed by two digits"))?),
        "base64Encode" => Value::text(STANDARD.encode(text)),
        "base64Decode" => {
            let bytes = BASE64.decode(text).map_err(|_| fails("the text is no base 64"))?;
            Value::text(String::from_utf8_lossy(&bytes))
        }
        _ => return Err(TemplateError::Method { method: name.to_owned(), of: "$util" }),
    })
}

/// Java's `URLDecoder`.
fn url_decode(text: &str) -> Option<String> {
    let whole = |rest: &str| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let text = text.replace('+', " ");
    text.split('%').skip(1).all(whole).then(|| percent_decode_str(&text).decode_utf8_lossy().into_owned())
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
