//! `java.lang.String`. Java counts UTF-16 units, and so do indices here.

use super::super::TemplateError;
use super::super::value::{ListKind, Value};
use super::{Called, LENGTH, fails, format, pattern};
use std::cmp::Ordering;

pub fn call(text: &str, method: &str, arguments: &[Value]) -> Called {
    use Value::{Integer, List, Null, Text};
    Ok(Some(match (method, arguments) {
        ("equalsIgnoreCase", [other]) => {
            Value::Boolean(matches!(other, Text(other) if text.to_lowercase() == other.to_lowercase()))
        }
        ("valueOf", [value]) => Value::text(value.to_text()),
        ("format", [Text(pattern), values @ ..]) => Value::text(format::format(pattern, values)?),
        ("join", [Text(between), List(list)]) => join(between, &list.items.borrow())?,
        ("join", [Text(between), parts @ ..]) if parts.iter().all(|part| matches!(part, Text(_))) => {
            join(between, parts)?
        }
        (_, arguments) if arguments.iter().any(|argument| matches!(argument, Null)) => {
            return fails(method, "an argument is null");
        }
        ("length", []) => Value::count(units(text)),
        ("isEmpty", []) => Value::Boolean(text.is_empty()),
        ("isBlank", []) => Value::Boolean(text.trim().is_empty()),
        // `trim` takes all up to the space, `strip` what Unicode calls one.
        ("trim", []) => Value::text(text.trim_matches(|c| c <= ' ')),
        ("strip", []) => Value::text(text.trim()),
        ("stripLeading", []) => Value::text(text.trim_start()),
        ("stripTrailing", []) => Value::text(text.trim_end()),
        ("intern", []) => Value::text(text),
        ("toLowerCase", []) => Value::text(text.to_lowercase()),
        ("toUpperCase", []) => Value::text(text.to_uppercase()),
        ("contains", [Text(part)]) => Value::Boolean(text.contains(&**part)),
        ("startsWith", [Text(part)]) => Value::Boolean(text.starts_with(&**part)),
        ("startsWith", [Text(part), Integer(from)]) => {
            let byte = usize::try_from(*from).ok().and_then(|from| byte_at(text, from));
            Value::Boolean(byte.is_some_and(|byte| text[byte..].starts_with(&**part)))
        }
        ("endsWith", [Text(part)]) => Value::Boolean(text.ends_with(&**part)),
        ("concat", [Text(other)]) => Value::text(text.to_owned() + other),
        ("compareTo", [Text(other)]) => Integer(compare(text, other)),
        ("compareToIgnoreCase", [Text(other)]) => Integer(compare(&text.to_lowercase(), &other.to_lowercase())),
        ("indexOf", [part]) => position(text, searched(part).and_then(|part| text.find(&part))),
        ("indexOf", [part, Integer(from)]) => {
            let from = usize::try_from(*from).map_or(Some(0), |from| byte_at(text, from));
            let found = searched(part).zip(from).and_then(|(part, from)| Some(from + text[from..].find(&part)?));
            position(text, found)
        }
        ("lastIndexOf", [part]) => position(text, searched(part).and_then(|part| text.rfind(&part))),
        ("lastIndexOf", [part, Integer(from)]) => {
            let found = searched(part).zip(usize::try_from(*from).ok()).and_then(|(part, from)| {
                let last = byte_at(text, from).map_or(text.len(), |byte| byte + part.len()).min(text.len());
                text.get(..last)?.rfind(&part)
            });
            position(text, found)
        }
        ("charAt", [Integer(place)]) => {
            let place = usize::try_from(*place).ok().and_then(|place| byte_at(text, place));
            match place.and_then(|byte| text[byte..].chars().next()) {
                Some(character) => Value::text(character.to_string()),
                None => return fails(method, format!("there is no such place in {} characters", units(text))),
            }
        }
        ("codePointAt", [Integer(place)]) => {
            let place = usize::try_from(*place).ok().and_then(|place| byte_at(text, place));
            match place.and_then(|byte| text[byte..].chars().next()) {
                Some(character) => Integer(u32::from(character).into()),
                None => return fails(method, format!("there is no such place in {} characters", units(text))),
            }
        }
        ("substring", [Integer(from)]) => substring(text, *from, units(text) as i128)?,
        ("substring" | "subSequence", [Integer(from), Integer(to)]) => substring(text, *from, *to)?,
        ("repeat", [Integer(times)]) => match usize::try_from(*times) {
            Err(_) => return fails(method, "the count is negative"),
            Ok(times) if text.len().saturating_mul(times) > LENGTH => return Err(TemplateError::Output(LENGTH)),
            Ok(times) => Value::text(text.repeat(times)),
        },
        ("replace", [Text(part), Text(by)]) => {
            let times = text.matches(&**part).count();
            if times.saturating_mul(by.len()).saturating_add(text.len()) > LENGTH {
                return Err(TemplateError::Output(LENGTH));
            }
            Value::text(text.replace(&**part, by))
        }
        ("replaceAll", [Text(pattern), Text(by)]) => Value::text(pattern::replace(text, pattern, by, usize::MAX)?),
        ("replaceFirst", [Text(pattern), Text(by)]) => Value::text(pattern::replace(text, pattern, by, 1)?),
        ("matches", [Text(pattern)]) => Value::Boolean(pattern::matches(text, pattern)?),
        ("split", [Text(pattern)]) => Value::list_of(ListKind::Array, pattern::split(text, pattern, 0)?),
        ("split", [Text(pattern), Integer(limit)]) => {
            Value::list_of(ListKind::Array, pattern::split(text, pattern, *limit)?)
        }
        _ => return Ok(None),
    }))
}

/// How long Java says a text is.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Where a UTF-16 unit lies; none beyond the end and in the middle of a character.
fn byte_at(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= unit {
            return Some(byte).filter(|_| units == unit);
        }
        units += character.len_utf16();
    }
    Some(text.len()).filter(|_| units == unit)
}

fn position(text: &str, byte: Option<usize>) -> Value {
    byte.map_or(Value::Integer(-1), |byte| Value::count(units(&text[..byte])))
}

/// What is looked for: a text, or the character of a code.
fn searched(part: &Value) -> Option<String> {
    match part {
        Value::Text(part) => Some(part.to_string()),
        Value::Integer(code) => char::from_u32(u32::try_from(*code).ok()?).map(String::from),
        _ => None,
    }
}

fn substring(text: &str, from: i128, to: i128) -> Result<Value, TemplateError> {
    let byte = |unit: i128| usize::try_from(unit).ok().and_then(|unit| byte_at(text, unit));
    match (byte(from), byte(to)) {
        (Some(start), Some(end)) if start <= end => Ok(Value::text(&text[start..end])),
        _ => fails("substring", format!("begin {from}, end {to}, length {}", units(text))),
    }
}

/// Java's: the distance of the first units that differ, else of the lengths.
fn compare(left: &str, right: &str) -> i128 {
    let differing = left.encode_utf16().zip(right.encode_utf16()).find(|(left, right)| left != right);
    match differing {
        Some((left, right)) => i128::from(left) - i128::from(right),
        None => match left.cmp(right) {
            Ordering::Equal => 0,
            _ => units(left) as i128 - units(right) as i128,
        },
    }
}

fn join(between: &str, parts: &[Value]) -> Result<Value, TemplateError> {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        text.push_str(if index > 0 { between } else { "" });
        match part {
            Value::Null => text.push_str("null"),
            part => part.print(&mut text),
        }
        if text.len() > LENGTH {
            return Err(TemplateError::Output(LENGTH));
        }
    }
    Ok(Value::text(text))
}
