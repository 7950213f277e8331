//! JSON as patterns and events are read: with the text of each number and every field, also of the same name.

use std::borrow::Cow;
use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json<'t> {
    /// `null`, `true` or `false`.
    Literal(&'t str),
    /// A number, as it is written.
    Number(&'t str),
    /// A string, unescaped.
    Text(Cow<'t, str>),
    /// The elements of an array.
    Array(Vec<Json<'t>>),
    /// The fields of an object in the order in which they stand.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// Reads a text, nested 128 deep at most.
///
/// # Errors
/// When it is not JSON.
pub fn read(text: &str) -> Result<Json<'_>, serde_json::Error> {
    // What is read below may rely on the syntax.
    serde_json::from_str::<serde::de::IgnoredAny>(text)?;
    Reader { text, at: 0 }.value()
}

/// Without white space, numbers as they were written.
impl fmt::Display for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::Value::from(text);
        match self {
            Self::Literal(text) | Self::Number(text) => formatter.write_str(text),
            Self::Text(text) => quoted(text).fmt(formatter),
            Self::Array(elements) => {
                formatter.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    formatter.write_str(if index == 0 { "" } else { "," })?;
                    element.fmt(formatter)?;
                }
                formatter.write_str("]")
            }
            Self::Object(fields) => {
                formatter.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    formatter.write_str(if index == 0 { "" } else { "," })?;
                    write!(formatter, "{}:{value}", quoted(name))?;
                }
                formatter.write_str("}")
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> u8 {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    /// Passes the next byte that is no white space, if it is this one.
    fn passes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Result<Json<'t>, serde_json::Error> {
        Ok(match self.peek() {
            b'{' => {
                self.at += 1;
                let mut fields = Vec::new();
                while !self.passes(b'}') {
                    let name = self.string()?;
                    self.passes(b':');
                    fields.push((name, self.value()?));
                    self.passes(b',');
                }
                Json::Object(fields)
            }
            b'[' => {
                self.at += 1;
                let mut elements = Vec::new();
                while !self.passes(b']') {
                    elements.push(self.value()?);
                    self.passes(b',');
                }
                Json::Array(elements)
            }
            b'"' => Json::Text(self.string()?),
            b'a'..=b'z' => Json::Literal(self.word()),
            _ => Json::Number(self.word()),
        })
    }

    /// A number or a literal.
    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.bytes().take_while(is_part).count();
        self.at += length;
        &rest[..length]
    }

    fn string(&mut self) -> Result<Cow<'t, str>, serde_json::Error> {
        self.peek();
        let rest = &self.text[self.at..];
        let (mut length, mut is_escaped) = (1, false);
        for byte in rest.bytes().skip(1) {
            length += 1;
            match byte {
                b'"' if !is_escaped => break,
                byte => is_escaped = byte == b'\\' && !is_escaped,
            }
        }
        self.at += length;
        let quoted = &rest[..length];
        match quoted.contains('\\') {
            true => serde_json::from_str(quoted).map(Cow::Owned),
            false => Ok(Cow::Borrowed(&quoted[1..length - 1])),
        }
    }
}
