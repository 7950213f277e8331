//! Regular expressions in strings: Java's, by [`slam_cloud_core::java`], with its rules for what is put in and cut out.

use super::super::TemplateError;
use super::super::value::Value;
use super::{LENGTH, fails};
use slam_cloud_core::java::{Match, Pattern, PatternError};

fn failed(pattern: &str) -> impl Fn(PatternError) -> TemplateError {
    move |error| TemplateError::Fails { method: format!("the pattern {pattern}"), why: error.to_string() }
}

/// `String.matches`
pub fn matches(text: &str, pattern: &str) -> Result<bool, TemplateError> {
    Pattern::whole(pattern).and_then(|compiled| compiled.is_match(text)).map_err(failed(pattern))
}

fn found(text: &str, pattern: &str, most: usize) -> Result<Vec<Match>, TemplateError> {
    Pattern::find(pattern).and_then(|compiled| compiled.matches(text, most)).map_err(failed(pattern))
}

/// `String.replaceAll`, `String.replaceFirst`
pub fn replace(text: &str, pattern: &str, by: &str, most: usize) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for found in found(text, pattern, most)? {
        let range = found.range();
        out.push_str(&text[last..range.start]);
        fill_in(&found, text, by, &mut out)?;
        last = range.end;
        if out.len() > LENGTH {
            return Err(TemplateError::Output(LENGTH));
        }
    }
    out.push_str(&text[last..]);
    Ok(out)
}

/// Writes a replacement: `$1` and `${name}` are groups, a backslash makes the next character one that means nothing.
fn fill_in(found: &Match, text: &str, by: &str, out: &mut String) -> Result<(), TemplateError> {
    let mut rest = by.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some(literal) => out.push(literal),
                None => return fails("replaceAll", "the replacement ends with a backslash"),
            },
            '$' if rest.next_if_eq(&'{').is_some() => {
                let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
                match found.named(&name) {
                    Some(group) => out.push_str(group.map_or("", |range| &text[range])),
                    None => return fails("replaceAll", format!("there is no group {name}")),
                }
            }
            '$' => {
                let Some(digit) = rest.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) else {
                    return fails("replaceAll", "a $ in the replacement names no group");
                };
                let mut number = digit as usize;
                if number >= found.groups() {
                    return fails("replaceAll", format!("there is no group {number}"));
                }
                // More digits belong to it as long as there is such a group.
                while let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(10)) {
                    let longer = number * 10 + digit as usize;
                    if longer >= found.groups() {
                        break;
                    }
                    number = longer;
                    rest.next();
                }
                out.push_str(found.group(number).map_or("", |range| &text[range]));
            }
            other => out.push(other),
        }
    }
    Ok(())
}

/// `String.split`: without a limit the empty parts at the end are dropped, with one below zero none are.
pub fn split(text: &str, pattern: &str, limit: i128) -> Result<Vec<Value>, TemplateError> {
    let most = usize::try_from(limit - 1).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut last = 0;
    for found in found(text, pattern, if limit > 0 { most.saturating_add(1) } else { usize::MAX })? {
        if limit > 0 && parts.len() >= most {
            break;
        }
        let range = found.range();
        // A match of nothing at the beginning cuts nothing off.
        if range.end == 0 {
            continue;
        }
        parts.push(&text[last..range.start]);
        last = range.end;
    }
    if parts.is_empty() && last == 0 {
        return Ok(vec![Value::text(text)]);
    }
    parts.push(&text[last..]);
    if limit == 0 {
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
    }
    Ok(parts.into_iter().map(Value::text).collect())
}
