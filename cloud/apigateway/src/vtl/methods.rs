//! What templates may call on strings, lists, maps and numbers: Java's methods of these names.

use super::TemplateError;
use super::value::{Value, equal};

/// `value[index]`
pub(super) fn index(value: &Value, index: &Value) -> Value {
    match value {
        Value::List(list) => {
            let place = index.integer().and_then(|index| usize::try_from(index).ok());
            place.and_then(|place| list.items.borrow().get(place).cloned()).unwrap_or(Value::Null)
        }
        Value::Map(map) => map.borrow().get(index.to_text().as_str()).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// `value.method(arguments)`
pub(super) fn call(value: &Value, method: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let general = match (method, arguments) {
        ("toString", []) => Some(Value::text(value.to_text())),
        ("equals", [other]) => Some(Value::Boolean(equal(value, other))),
        ("hashCode" | "getClass" | "class", _) => None,
        _ => match value {
            Value::Text(text) => on_text(text, method, arguments),
            Value::List(_) => on_list(value, method, arguments),
            Value::Map(_) => on_map(value, method, arguments),
            Value::Integer(_) | Value::Double(_) => on_number(value, method),
            _ => None,
        },
    };
    general.ok_or_else(|| TemplateError::Method { method: method.to_owned(), of: value.kind() })
}

fn integer(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Java counts characters; indices here are of characters too.
fn position(text: &str, byte: Option<usize>) -> Value {
    byte.map_or(Value::Integer(-1), |byte| integer(text[..byte].chars().count()))
}

fn on_text(text: &str, method: &str, arguments: &[Value]) -> Option<Value> {
    let argument = |index: usize| arguments.get(index).map(Value::to_text);
    Some(match (method, arguments.len()) {
        ("length", 0) => integer(text.chars().count()),
        ("isEmpty", 0) => Value::Boolean(text.is_empty()),
        ("trim", 0) => Value::text(text.trim()),
        ("toLowerCase", 0) => Value::text(text.to_lowercase()),
        ("toUpperCase", 0) => Value::text(text.to_uppercase()),
        ("contains", 1) => Value::Boolean(text.contains(&argument(0)?)),
        ("startsWith", 1) => Value::Boolean(text.starts_with(&argument(0)?)),
        ("endsWith", 1) => Value::Boolean(text.ends_with(&argument(0)?)),
        ("equalsIgnoreCase", 1) => Value::Boolean(text.to_lowercase() == argument(0)?.to_lowercase()),
        ("concat", 1) => Value::text(text.to_owned() + &argument(0)?),
        ("compareTo", 1) => Value::Integer(text.cmp(&argument(0)?) as i64),
        ("indexOf", 1) => position(text, text.find(&argument(0)?)),
        ("lastIndexOf", 1) => position(text, text.rfind(&argument(0)?)),
        ("charAt", 1) => {
            let place = usize::try_from(arguments[0].integer()?).ok()?;
            Value::text(text.chars().nth(place)?.to_string())
        }
        ("substring", 1 | 2) => {
            let length = text.chars().count();
            let from = usize::try_from(arguments[0].integer()?).ok()?;
            let to = arguments.get(1).map_or(Some(length), |to| usize::try_from(to.integer()?).ok())?;
            if from > to || to > length {
                return Some(Value::Null);
            }
            Value::text(text.chars().skip(from).take(to - from).collect::<String>())
        }
        ("replace", 2) => Value::text(text.replace(&argument(0)?, &argument(1)?)),
        ("replaceAll", 2) => Value::text(regex(&argument(0)?)?.replace_all(text, replacement(&argument(1)?)).as_ref()),
        ("replaceFirst", 2) => Value::text(regex(&argument(0)?)?.replace(text, replacement(&argument(1)?)).as_ref()),
        ("matches", 1) => Value::Boolean(regex(&format!("^(?:{})$", argument(0)?))?.is_match(text)),
        ("split", 1) => {
            let mut parts: Vec<String> = regex(&argument(0)?)?.split(text).map(str::to_owned).collect();
            // Java drops the empty parts at the end.
            while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
                parts.pop();
            }
            Value::list(parts.into_iter().map(Value::text).collect())
        }
        _ => return None,
    })
}

/// A pattern whose compiled form stays small, whoever wrote it.
fn regex(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()
}

/// Java escapes a literal `$` in replacements with a backslash, the crate by doubling it.
fn replacement(text: &str) -> String {
    text.replace("\\$", "$$").replace("\\\\", "\\")
}

fn on_list(value: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
    let Value::List(list) = value else { return None };
    Some(match (method, arguments) {
        ("size" | "length", []) => integer(list.items.borrow().len()),
        ("isEmpty", []) => Value::Boolean(list.items.borrow().is_empty()),
        ("get", [place]) => index(value, place),
        ("contains", [item]) => Value::Boolean(list.items.borrow().iter().any(|own| equal(own, item))),
        ("indexOf", [item]) => {
            list.items.borrow().iter().position(|own| equal(own, item)).map_or(Value::Integer(-1), integer)
        }
        ("add", [item]) => {
            list.items.borrow_mut().push(item.clone());
            Value::Boolean(true)
        }
        ("add", [place, item]) => {
            let place = usize::try_from(place.integer()?).ok()?;
            let mut items = list.items.borrow_mut();
            if place <= items.len() {
                items.insert(place, item.clone());
            }
            Value::Null
        }
        ("addAll", [Value::List(other)]) => {
            let more = other.items.borrow().clone();
            list.items.borrow_mut().extend(more);
            Value::Boolean(true)
        }
        ("set", [place, item]) => {
            let place = usize::try_from(place.integer()?).ok()?;
            let mut items = list.items.borrow_mut();
            items.get_mut(place).map_or(Value::Null, |own| std::mem::replace(own, item.clone()))
        }
        ("remove", [place]) => {
            let mut items = list.items.borrow_mut();
            match place.integer().and_then(|place| usize::try_from(place).ok()) {
                Some(place) if place < items.len() => items.remove(place),
                _ => Value::Null,
            }
        }
        _ => return None,
    })
}

fn on_map(value: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
    let Value::Map(map) = value else { return None };
    Some(match (method, arguments) {
        ("size", []) => integer(map.borrow().len()),
        ("isEmpty", []) => Value::Boolean(map.borrow().is_empty()),
        ("get", [key]) => index(value, key),
        ("getOrDefault", [key, other]) => {
            map.borrow().get(key.to_text().as_str()).cloned().unwrap_or_else(|| other.clone())
        }
        ("containsKey", [key]) => Value::Boolean(map.borrow().contains_key(key.to_text().as_str())),
        ("containsValue", [item]) => Value::Boolean(map.borrow().values().any(|own| equal(own, item))),
        ("put", [key, item]) => map.borrow_mut().insert(key.to_text(), item.clone()).unwrap_or(Value::Null),
        ("putAll", [Value::Map(other)]) => {
            let more = other.borrow().clone();
            map.borrow_mut().extend(more);
            Value::Null
        }
        ("remove", [key]) => map.borrow_mut().shift_remove(key.to_text().as_str()).unwrap_or(Value::Null),
        ("keySet", []) => Value::list(map.borrow().keys().map(Value::text).collect()),
        ("values", []) => Value::list(map.borrow().values().cloned().collect()),
        ("entrySet", []) => {
            let entry = |(key, value): (&String, &Value)| {
                Value::map([("key".to_owned(), Value::text(key)), ("value".to_owned(), value.clone())])
            };
            Value::list(map.borrow().iter().map(entry).collect())
        }
        // An entry of an entry set.
        ("getKey", []) => map.borrow().get("key").cloned()?,
        ("getValue", []) => map.borrow().get("value").cloned()?,
        _ => return None,
    })
}

fn on_number(value: &Value, method: &str) -> Option<Value> {
    match method {
        "intValue" | "longValue" => value.number().map(|number| Value::Integer(number as i64)),
        "doubleValue" | "floatValue" => value.number().map(Value::Double),
        _ => None,
    }
}
