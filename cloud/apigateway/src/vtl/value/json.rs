//! JSON as json-smart reads and writes it, the library under Jayway's json-path: in its permissive mode, which takes a
//! form's text, too, and names and texts without quotes.
//!
//! <https://github.com/netplex/json-smart-v2>, `JSONParser.MODE_PERMISSIVE`. That API Gateway has this library shows in
//! how lists and maps print themselves (recorded: test_input_path_template_formatting).

use super::super::TemplateError;
use super::super::java::double;
use super::{DEPTH, Key, ListKind, Value};
use indexmap::IndexMap;
use std::fmt::Write as _;

/// Arrays and objects within one another; json-smart has 400.
const NESTED: usize = DEPTH;
/// Characters written before the rest is cut off; the output of a template is bounded by as much.
const LENGTH: usize = 10 * 1024 * 1024;

/// Reads the first value of a text.
///
/// # Errors
/// When it is none: an object or an array that has no end, a name without a value, an empty text.
pub fn read(text: &str) -> Result<Value, TemplateError> {
    let mut reader = Reader { text, place: 0, depth: 0 };
    reader.value("").filter(|_| !text.trim().is_empty()).ok_or(TemplateError::Json)
}

struct Reader<'t> {
    text: &'t str,
    place: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.place..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.place += next.len_utf8();
        Some(next)
    }

    fn skip(&mut self, skipped: &[char]) {
        self.place = self.text.len() - self.rest().trim_start_matches(skipped).len();
    }

    fn blanks(&mut self) {
        self.skip(&[' ', '\t', '\n', '\r']);
    }

    /// A value, which ends where one of the characters stands that may follow it.
    fn value(&mut self, ends: &str) -> Option<Value> {
        self.blanks();
        match self.peek()? {
            '{' => self.deeper(Self::object),
            '[' => self.deeper(Self::array),
            '"' | '\'' => self.quoted().map(Value::text),
            _ => {
                let rest = self.rest();
                let length = rest.find(|c| ends.contains(c)).unwrap_or(rest.len());
                let bare = rest[..length].trim();
                let value = bare_value(bare);
                self.place += length;
                Some(value)
            }
        }
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        let value = if self.depth > NESTED { None } else { read(self) };
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Option<Value> {
        self.next();
        let mut items = Vec::new();
        loop {
            // Commas that separate nothing are taken.
            self.skip(&[' ', '\t', '\n', '\r', ',']);
            if self.peek()? == ']' {
                self.next();
                return Some(Value::list_of(ListKind::Json, items));
            }
            items.push(self.value(",]")?);
            self.blanks();
            if !matches!(self.peek()?, ',' | ']') {
                return None;
            }
        }
    }

    fn object(&mut self) -> Option<Value> {
        self.next();
        let mut entries = IndexMap::new();
        loop {
            self.skip(&[' ', '\t', '\n', '\r', ',']);
            let key = match self.peek()? {
                '}' => {
                    self.next();
                    return Some(Value::map_of(entries));
                }
                '"' | '\'' => self.quoted()?,
                _ => {
                    let length = self.rest().find([':', ',', '}', '{', '['])?;
                    let key = self.rest()[..length].trim().to_owned();
                    self.place += length;
                    key
                }
            };
            self.blanks();
            if self.next()? != ':' {
                return None;
            }
            let value = self.value(",}")?;
            entries.insert(Key::from(key.as_str()), value);
            self.blanks();
            if !matches!(self.peek()?, ',' | '}') {
                return None;
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.next()?;
        let mut text = String::new();
        let mut half: Option<u32> = None;
        loop {
            let character = self.next()?;
            if character == quote {
                return Some(text);
            }
            if character != '\\' {
                text.push(character);
                continue;
            }
            match self.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'u' => match (self.hexadecimal()?, half.take()) {
                    (low @ 0xDC00..=0xDFFF, Some(high)) => {
                        text.push(char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))?);
                    }
                    (high @ 0xD800..=0xDBFF, _) => half = Some(high),
                    (unit, _) => text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                },
                same @ ('"' | '\'' | '\\' | '/') => text.push(same),
                // Others mean nothing.
                _ => {}
            }
        }
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let unit = u32::from_str_radix(digits, 16).ok()?;
        self.place += 4;
        Some(unit)
    }
}

/// What stands without quotes.
fn bare_value(text: &str) -> Value {
    match text {
        "null" => return Value::Null,
        "true" => return Value::Boolean(true),
        "false" => return Value::Boolean(false),
        "NaN" => return Value::Double(f64::NAN),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Value::text(text);
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_or_else(|_| Value::Digits(text.into()), Value::Integer);
    }
    let numeric = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>().ok().filter(|_| numeric) {
        None => Value::text(text),
        // What a double cannot hold is kept as a BigDecimal.
        Some(number) if text.len() > 18 && !text.contains(['e', 'E']) && number.to_string() != text => {
            Value::Digits(text.into())
        }
        Some(number) => Value::Double(number),
    }
}

/// Which characters are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As lists print themselves: `/` is `\/`.
    Web,
    /// As json-path writes: `/` stays.
    Plain,
}

/// Writes a value.
pub fn write(value: &Value, style: Style, out: &mut String) {
    write_at(value, style, 0, out);
}

fn write_at(value: &Value, style: Style, depth: usize, out: &mut String) {
    if depth > DEPTH || out.len() > LENGTH {
        return;
    }
    match value {
        Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Double(number) if number.is_finite() => out.push_str(&double(*number)),
        Value::Digits(text) => out.push_str(text),
        Value::Text(text) => quote(text, style, out),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.borrow().iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_at(item, style, depth + 1, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.borrow().iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                quote(&key.value().to_text(), style, out);
                out.push(':');
                write_at(value, style, depth + 1, out);
            }
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

fn quote(text: &str, style: Style, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if style == Style::Web => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
