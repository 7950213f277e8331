//! What is said on the command line: a body, or arguments.

use serde_json::{Map, Value};
use slam_report::{Report, Result};
use std::fs::File;
use std::io::Read;

/// The most bytes of a file or the standard input. Lambda's own limit is 6 MB, of which base64 leaves less.
const MOST: u64 = 6 * 1024 * 1024;

/// What words say: `@file`, `@-`, JSON, a text, or `name=text` and `name:=json` for an object of JSON.
///
/// # Errors
/// When a file cannot be read, or the words are none of these.
pub fn said(words: &[String]) -> Result<Vec<u8>> {
    match words {
        [file] if file.starts_with('@') => read(&file[1..]),
        [text] if text.starts_with(['{', '[', '"']) => Ok(text.as_bytes().to_vec()),
        // A number, `true` or `null` as well.
        [text] if !text.contains('=') => Ok(text.as_bytes().to_vec()),
        fields => Ok(Value::Object(keyword_arguments(fields)?).to_string().into_bytes()),
    }
}

/// What a file has, or the standard input (`-`).
///
/// # Errors
/// When it cannot be read, or has more than Lambda takes.
pub fn read(path: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match path {
        "-" => std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes),
        path => File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)),
    };
    match read {
        Ok(_) if bytes.len() as u64 > MOST => {
            Err(Report::usage(format!("{path} has more than 6 MB"), "Lambda takes no larger request"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(Report::usage(format!("{path} cannot be read: {error}"), "`@-` is the standard input")),
    }
}

/// The object that `name=text` and `name:=json` make.
///
/// # Errors
/// When a word is neither.
pub fn keyword_arguments(arguments: &[String]) -> Result<Map<String, Value>> {
    let mut result = Map::new();
    for argument in arguments {
        // `:=` stands before `=`, so it is looked for first; a text may hold either.
        let parsed = match (argument.split_once(":="), argument.split_once('=')) {
            (Some((name, json)), Some((before, _))) if before.len() > name.len() => {
                let value = serde_json::from_str(json).map_err(|error| {
                    Report::usage(
                        format!("the argument `{argument}` is not valid JSON after `:=`: {error}"),
                        format!("for a text write `{name}={json}`"),
                    )
                })?;
                Some((name, value))
            }
            (_, Some((name, text))) => Some((name, Value::from(text))),
            _ => None,
        };
        match parsed {
            Some((name, value)) if !name.is_empty() => result.insert(name.to_owned(), value),
            _ => {
                let message = format!("the argument `{argument}` is neither `name=text` nor `name:=json`");
                return Err(Report::usage(message, "for example `slam invoke number:=15 word=hello`"));
            }
        };
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(arguments: &[&str], expected: Value) {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        assert_eq!(Value::Object(keyword_arguments(&arguments).unwrap()), expected);
    }

    #[test]
    fn texts_and_json() {
        check(&["number:=15", "word=hello"], json!({ "number": 15, "word": "hello" }));
    }

    #[test]
    fn a_text_may_hold_the_other_sign() {
        check(&["a=b:=c", "url=http://x/?q=1"], json!({ "a": "b:=c", "url": "http://x/?q=1" }));
    }

    #[test]
    fn broken_ones_are_refused() {
        for argument in ["number:=fifteen", "word", "=x"] {
            assert!(keyword_arguments(&[argument.to_owned()]).is_err(), "{argument}");
        }
    }
}
