//! What the loggers of Lambda's runtimes write, as a person reads it: the level, and the message without what the
//! request's line tells already.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html>

use serde_json::{Map, Value};
use std::borrow::Cow;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// A message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// Its level, where it has one.
    pub level: Option<Level>,
    /// Its text.
    pub text: Cow<'a, str>,
}

/// Reads a message. What has no known form is text.
pub(super) fn read(text: &str) -> Message<'_> {
    let known = if text.starts_with('{') { json(text) } else { python(text).or_else(|| nodejs(text)) };
    known.unwrap_or(Message { level: None, text: text.into() })
}

fn level(name: &str) -> Option<Level> {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" | "DEBUG" => Some(Level::Debug),
        "INFO" => Some(Level::Info),
        "WARN" | "WARNING" => Some(Level::Warn),
        "ERROR" | "CRITICAL" | "FATAL" => Some(Level::Error),
        _ => None,
    }
}

/// `[INFO]\t<time>\t<request id>\t<message>`; of an error that nobody handled `[ERROR] <type>: <message>`.
fn python(text: &str) -> Option<Message<'_>> {
    let (name, rest) = text.strip_prefix('[')?.split_once(']')?;
    let level = level(name)?;
    if let Some(error) = rest.strip_prefix(' ').filter(|_| level == Level::Error) {
        return Some(Message { level: Some(level), text: error.into() });
    }
    let mut fields = rest.strip_prefix('\t')?.splitn(3, '\t');
    let (_time, _id, message) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Message { level: Some(level), text: message.into() })
}

/// `<time>\t<request id>\tINFO\t<message>`
fn nodejs(text: &str) -> Option<Message<'_>> {
    let mut fields = text.splitn(4, '\t');
    let (time, _id, name, message) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let level = level(name).filter(|_| time.ends_with('Z') && time.contains('T'))?;
    Some(Message { level: Some(level), text: message.into() })
}

/// Names under which the parts of a message are known, beside those of its own.
const KNOWN: [&str; 12] = [
    "timestamp",
    "time",
    "level",
    "log_level",
    "message",
    "msg",
    "requestId",
    "AWSRequestId",
    "stackTrace",
    "errorType",
    "errorMessage",
    "location",
];

/// `{"timestamp": …, "level": "INFO", "message": …, "requestId": …}`, with whatever else the function adds.
fn json(text: &str) -> Option<Message<'_>> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    let field = |names: [&str; 2]| names.into_iter().find_map(|name| object.get(name));
    let level = field(["level", "log_level"])?.as_str().and_then(level)?;
    let message = field(["message", "msg"]);
    let error = object.get("errorMessage").or_else(|| object.get("errorType"));
    if message.is_none() && error.is_none() {
        return None;
    }
    let mut out = message.map(plain).unwrap_or_default();
    let others = object.iter().filter(|(name, value)| {
        let root = *name == "logger" && *value == "root";
        !KNOWN.contains(&name.as_str()) && !root && !value.is_null()
    });
    let others: Vec<_> = others.map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if !others.is_empty() {
        out = format!("{out}  {}", others.join(" "));
    }
    if let Some(Value::Array(frames)) = object.get("stackTrace") {
        for frame in frames.iter().filter_map(Value::as_str) {
            out = format!("{out}\n{}", frame.trim_end());
        }
    }
    if error.is_some() {
        let part = |name| object.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, error) = (part("errorType"), part("errorMessage"));
        out = format!("{out}\n{kind}: {error}");
    }
    Some(Message { level: Some(level), text: out.trim_start().to_owned().into() })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, level: Option<Level>, expected: &str) {
        assert_eq!(read(text), Message { level, text: expected.into() }, "{text}");
    }

    #[test]
    fn loggers_of_the_runtimes() {
        check("[INFO]\t2026-11-29T12:04:31.219Z\t7f3a\tloaded\t12", Some(Level::Info), "loaded\t12");
        check("[WARNING]\t2026-11-29T12:04:31.219Z\t\tat import", Some(Level::Warn), "at import");
        check("2026-11-29T12:04:31.219Z\t7f3a\tERROR\tno", Some(Level::Error), "no");
        check("[ERROR] ValueError: no\nTraceback", Some(Level::Error), "ValueError: no\nTraceback");
    }

    #[test]
    fn json_of_the_runtimes() {
        check(
            r#"{"timestamp":"t","level":"INFO","message":"hello","logger":"root","requestId":"r"}"#,
            Some(Level::Info),
            "hello",
        );
        check(
            r#"{"level":"WARN","message":{"a":1},"logger":"shop","order":7}"#,
            Some(Level::Warn),
            r#"{"a":1}  logger=shop order=7"#,
        );
        check(
            r#"{"log_level":"ERROR","errorType":"E","errorMessage":"no","stackTrace":["  File \"a.py\", line 1, in f\n    x\n"]}"#,
            Some(Level::Error),
            "File \"a.py\", line 1, in f\n    x\nE: no",
        );
    }

    #[test]
    fn other_text_is_as_it_is() {
        for text in ["hello", "[x] y", "[INFO] done", "{\"a\": 1}", "{", "{\"level\": 3}", "a\tb\tINFO\tc", ""] {
            check(text, None, text);
        }
    }
}
