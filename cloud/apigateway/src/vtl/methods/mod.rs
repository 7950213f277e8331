//! What templates may call on strings, lists, maps and numbers: Java's methods of these names.
//!
//! A method that Java's class does not have, or not for these arguments, is no value, as in Velocity; one that it has
//! and the embedded cloud has not is refused by name.
//!
//! - [`text`]: of strings.
//! - [`mod@format`]: what `String.format` writes.
//! - [`pattern`]: regular expressions in strings.
//! - [`collection`]: of lists, maps and what goes through them.
//! - [`number`]: of numbers and booleans.

mod collection;
mod format;
mod number;
mod pattern;
mod text;

use super::TemplateError;
use super::value::{Key, ListKind, Value, same};

/// The largest text that a method makes: no payload of an API may be larger.
pub const LENGTH: usize = 10 * 1024 * 1024;

/// What came of a call.
type Called = Result<Option<Value>, TemplateError>;

/// A failure as Java's exceptions are.
fn fails<T>(method: &str, why: impl Into<String>) -> Result<T, TemplateError> {
    Err(TemplateError::Fails { method: method.to_owned(), why: why.into() })
}

/// `value.method(arguments)`
pub fn call(value: &Value, method: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let called = match (method, arguments) {
        ("toString", []) => Some(Value::text(value.to_text())),
        ("equals", [other]) => Some(Value::Boolean(same(value, other))),
        _ => match value {
            Value::Text(text) => text::call(text, method, arguments)?,
            Value::List(list) => collection::of_list(list, method, arguments)?,
            Value::Map(map) => collection::of_map(map, method, arguments)?,
            Value::Entry(entry) => collection::of_entry(entry, method, arguments),
            Value::Iterator(iterator) => collection::of_iterator(iterator, method, arguments)?,
            Value::Loop(_) if arguments.is_empty() => Some(property(value, &getter(method))?),
            Value::Boolean(own) => number::of_boolean(*own, method, arguments)?,
            Value::Integer(_) | Value::Double(_) | Value::Digits(_) => number::call(value, method, arguments)?,
            _ => None,
        },
    };
    match called {
        Some(value) => Ok(value),
        None if is_javas(value, method) => Err(unsupported(value, method)),
        None => Ok(Value::Null),
    }
}

fn unsupported(value: &Value, method: &str) -> TemplateError {
    TemplateError::Method { method: method.to_owned(), of: value.kind() }
}

/// `value.name`: a getter, or what a map has under the name.
///
/// # Errors
/// For `class`, which to Java is a getter of everything, of a map with such a key too.
pub fn property(value: &Value, name: &str) -> Result<Value, TemplateError> {
    Ok(match (value, name) {
        (Value::Null, _) => Value::Null,
        (_, "class") => return Err(unsupported(value, "getClass")),
        (Value::Map(map), _) => map.borrow().get(&Key::from(name)).cloned().unwrap_or(Value::Null),
        (Value::Text(text), "empty") => Value::Boolean(text.is_empty()),
        (Value::Text(text), "blank") => Value::Boolean(text.trim().is_empty()),
        (Value::List(list), "empty") => Value::Boolean(list.items.borrow().is_empty()),
        (Value::Entry(entry), "key") => entry.0.clone(),
        (Value::Entry(entry), "value") => entry.1.clone(),
        (Value::Loop(round), "index") => Value::count(round.index),
        (Value::Loop(round), "count") => Value::count(round.index + 1),
        (Value::Loop(round), "first") => Value::Boolean(round.index == 0),
        (Value::Loop(round), "last") => Value::Boolean(round.index + 1 == round.size),
        (Value::Loop(round), "hasNext") => Value::Boolean(round.index + 1 < round.size),
        (Value::Loop(round), "parent") => round.parent.clone().map_or(Value::Null, Value::Loop),
        (Value::Loop(round), "topmost") => {
            let mut top = round;
            while let Some(parent) = &top.parent {
                top = parent;
            }
            Value::Loop(std::rc::Rc::clone(top))
        }
        _ => Value::Null,
    })
}

/// The property that a getter is of: `getIndex` of `index`, `isFirst` of `first`.
fn getter(method: &str) -> String {
    let name = method.strip_prefix("get").or_else(|| method.strip_prefix("is")).filter(|name| !name.is_empty());
    name.map_or_else(|| method.to_owned(), |name| name[..1].to_ascii_lowercase() + &name[1..])
}

/// `value[index]`
///
/// # Errors
/// When a list has no such place.
pub fn index(value: &Value, index: &Value) -> Result<Value, TemplateError> {
    match (value, index) {
        (Value::List(list), Value::Integer(number)) if list.kind != ListKind::Collection => {
            let items = list.items.borrow();
            match place(*number, items.len()) {
                Some(place) => Ok(items[place].clone()),
                None => fails("get", format!("index {number} is out of bounds for length {}", items.len())),
            }
        }
        (Value::Map(map), key) => Ok(key.key().and_then(|key| map.borrow().get(&key).cloned()).unwrap_or(Value::Null)),
        _ => Ok(Value::Null),
    }
}

/// Where an index leads in a list: one below zero counts from the end.
pub fn place(index: i128, length: usize) -> Option<usize> {
    let from_start = if index < 0 { index + length as i128 } else { index };
    usize::try_from(from_start).ok().filter(|place| *place < length)
}

/// What Java has and we have not.
fn is_javas(value: &Value, method: &str) -> bool {
    const OBJECT: [&str; 6] = ["getClass", "hashCode", "notify", "notifyAll", "wait", "describeConstable"];
    const TEXT: [&str; 19] = [
        "getBytes",
        "getChars",
        "chars",
        "codePoints",
        "codePointBefore",
        "codePointCount",
        "offsetByCodePoints",
        "copyValueOf",
        "formatted",
        "indent",
        "lines",
        "stripIndent",
        "transform",
        "translateEscapes",
        "toCharArray",
        "resolveConstantDesc",
        "regionMatches",
        "contentEquals",
        "subSequence",
    ];
    const LIST: [&str; 15] = [
        "clone",
        "ensureCapacity",
        "trimToSize",
        "forEach",
        "listIterator",
        "parallelStream",
        "removeIf",
        "removeRange",
        "spliterator",
        "stream",
        "toJSONString",
        "appendElement",
        "element",
        "writeJSONString",
        "merge",
    ];
    const MAP: [&str; 3] = ["clone", "compute", "forEach"];
    const NUMBER: [&str; 24] = [
        "bitCount",
        "compare",
        "compareUnsigned",
        "decode",
        "divideUnsigned",
        "doubleToLongBits",
        "getInteger",
        "getLong",
        "highestOneBit",
        "longBitsToDouble",
        "lowestOneBit",
        "numberOfLeadingZeros",
        "numberOfTrailingZeros",
        "parseUnsignedInt",
        "parseUnsignedLong",
        "remainderUnsigned",
        "reverse",
        "reverseBytes",
        "rotateLeft",
        "rotateRight",
        "toUnsignedLong",
        "toUnsignedString",
        "toOctalString",
        "signum",
    ];
    let own: &[&str] = match value {
        Value::Text(_) => &TEXT,
        Value::List(_) => &LIST,
        Value::Map(_) => &MAP,
        Value::Integer(_) | Value::Double(_) | Value::Digits(_) => &NUMBER,
        Value::Block(_) | Value::Loop(_) => return false,
        _ => &[],
    };
    OBJECT.contains(&method) || own.contains(&method)
}
