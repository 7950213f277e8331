//! What one field of an event is compared with.

use super::scalar::{Scalar, address};
use std::ops::Bound;

/// One of the alternatives that a pattern names for a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// The same value: a string, a number or a literal.
    Exactly(Scalar),
    /// The field is there, or it is not.
    Exists(bool),
    /// Strings.
    Text(Text),
    /// Numbers in a range.
    Numeric(Bound<f64>, Bound<f64>),
    /// Addresses in a range of their texts in base 16.
    Cidr(String, String),
    /// Values that none of these are.
    AnythingBut(Vec<Matcher>),
}

/// How a string may look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// It begins with this.
    Prefix(String),
    /// The same, in whatever case.
    PrefixIgnoringCase(String),
    /// It ends with this.
    Suffix(String),
    /// The same, in whatever case.
    SuffixIgnoringCase(String),
    /// It is this, in whatever case.
    EqualsIgnoringCase(String),
    /// It has these parts in this order, with anything between them.
    Wildcard(Vec<String>),
}

impl Matcher {
    /// Whether a value that is there matches.
    pub fn matches(&self, value: &Scalar) -> bool {
        match self {
            Self::Exactly(wanted) => equal(wanted, value),
            Self::Exists(wanted) => *wanted,
            Self::Text(text) => matches!(value, Scalar::Text(value, _) if text.matches(value)),
            Self::Numeric(bottom, top) => {
                let Scalar::Number(number) = value else { return false };
                let above = match bottom {
                    Bound::Included(bottom) => number >= bottom,
                    Bound::Excluded(bottom) => number > bottom,
                    Bound::Unbounded => true,
                };
                above
                    && match top {
                        Bound::Included(top) => number <= top,
                        Bound::Excluded(top) => number < top,
                        Bound::Unbounded => true,
                    }
            }
            Self::Cidr(bottom, top) => match value {
                Scalar::Text(_, Some(address)) => bottom <= address && address <= top,
                _ => false,
            },
            Self::AnythingBut(others) => !others.iter().any(|other| other.matches(value)),
        }
    }
}

/// Numbers are equal by their values, addresses by theirs.
fn equal(wanted: &Scalar, value: &Scalar) -> bool {
    match (wanted, value) {
        (Scalar::Text(_, Some(wanted)), Scalar::Text(_, Some(value))) => wanted == value,
        (wanted, value) => wanted == value,
    }
}

impl Text {
    /// Whether a string looks so.
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Prefix(prefix) => value.starts_with(prefix),
            Self::Suffix(suffix) => value.ends_with(suffix),
            Self::PrefixIgnoringCase(prefix) => folded(prefix, value, false),
            Self::EqualsIgnoringCase(whole) => folded(whole, value, true),
            Self::SuffixIgnoringCase(suffix) => {
                let mut starts = value.char_indices().map(|(at, _)| at).chain([value.len()]);
                starts.any(|at| folded(suffix, &value[at..], true))
            }
            Self::Wildcard(parts) => wild(parts, value),
        }
    }

    /// A string with `*` for anything, and `\` before a `*` or `\` that is meant.
    ///
    /// # Errors
    /// The place that is wrong, in Event Ruler's words.
    pub fn wildcard(text: &str) -> Result<Self, String> {
        let mut parts = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some((_, escaped @ ('*' | '\\'))) => push(&mut parts, escaped),
                    _ => return Err(format!("Invalid escape character at pos {}", at + 1)),
                },
                '*' => {
                    if let Some((next, _)) = characters.next_if(|(_, next)| *next == '*') {
                        return Err(format!("Consecutive wildcard characters at pos {next}"));
                    }
                    parts.push(String::new());
                }
                other => push(&mut parts, other),
            }
        }
        Ok(Self::Wildcard(parts))
    }
}

fn push(parts: &mut [String], character: char) {
    if let Some(part) = parts.last_mut() {
        part.push(character);
    }
}

/// Whether a value has the parts in this order: it begins with the first and ends with the last.
fn wild(parts: &[String], value: &str) -> bool {
    let [first, middle @ .., last] = parts else { return parts.first().is_some_and(|only| only == value) };
    let Some(mut rest) = value.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for part in middle {
        // The first place leaves the most for the parts that follow.
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Whether a value begins with a text, or is it, when each character of the text may be its small or its large form. A form may
/// have several characters (`ß` is also `SS`), and other characters that are the same when folded (`ς`) are not looked at.
fn folded(text: &str, value: &str, whole: bool) -> bool {
    // The lengths of what of the value was read, in all ways to read it.
    let mut ends = vec![0];
    for character in text.chars() {
        let forms = [character.to_lowercase().collect::<String>(), character.to_uppercase().collect()];
        let mut next: Vec<usize> = Vec::new();
        for end in ends {
            for form in &forms {
                if value[end..].starts_with(form.as_str()) && !next.contains(&(end + form.len())) {
                    next.push(end + form.len());
                }
            }
        }
        ends = next;
    }
    ends.iter().any(|end| !whole || *end == value.len())
}

/// The range of the addresses of a network.
///
/// # Errors
/// What is wrong with it, in Event Ruler's words.
pub fn cidr(text: &str) -> Result<Matcher, String> {
    let (network, bits) = match text.split('/').collect::<Vec<_>>()[..] {
        [network, bits] if !bits.is_empty() => (network, bits),
        _ => return Err("Malformed CIDR, one '/' required".into()),
    };
    let bits: i32 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
    let bits = usize::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative".to_owned())?;
    let looks_like_one = network.contains(':') || network.split('.').count() == 4;
    let digits = address(network).ok_or_else(|| match looks_like_one {
        true => format!("Invalid IP address: {network}"),
        false => format!("Nonstandard IP address: {network}"),
    })?;
    let (family, length) = if digits.len() == 8 { ("IPv4", 32) } else { ("IPv6", 128) };
    if bits >= length {
        return Err(format!("{family} mask bits must be < {length}"));
    }
    let masked = |of_host: u8| -> String {
        let digit = |(at, digit): (usize, char)| {
            let kept = bits.saturating_sub(at * 4).min(4);
            let mask = 0xF_u8 >> kept;
            let value = u8::try_from(digit.to_digit(16).unwrap_or_default()).unwrap_or_default();
            format!("{:X}", (value & !mask) | (of_host & mask))
        };
        digits.chars().enumerate().map(digit).collect()
    };
    Ok(Matcher::Cidr(masked(0), masked(0xF)))
}
