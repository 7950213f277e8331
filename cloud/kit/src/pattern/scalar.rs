//! Values as Event Ruler compares them.

use super::json::Json;
use std::net::Ipv6Addr;

/// A value of an event that is no object and no array.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A string, and the digits of the address that it is, if it is one ([`address`]).
    Text(String, Option<String>),
    /// A number that a double holds with all its digits: such numbers are compared by their values.
    Number(f64),
    /// A number that none holds: it equals the same text, and is neither less nor greater than anything.
    Inexact(String),
    /// `null`, `true` or `false`.
    Literal(String),
}

impl Scalar {
    /// The value; `None` for objects and arrays.
    pub fn of(value: &Json<'_>) -> Option<Self> {
        Some(match value {
            Json::Text(text) => Self::text(text),
            Json::Number(text) => number(text).map_or_else(|| Self::Inexact((*text).to_owned()), Self::Number),
            Json::Literal(text) => Self::Literal((*text).to_owned()),
            Json::Array(_) | Json::Object(_) => return None,
        })
    }

    /// A string.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned(), address(text))
    }
}

/// The double that a number is, if that is what the shortest text of the double says: of `9007199254740993` and `1e400` it is not.
pub fn number(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok().filter(|double: &f64| double.is_finite())?;
    (Decimal::read(text)? == Decimal::read(&format!("{double:e}"))?).then_some(double)
}

/// A decimal number: its digits without zeros at the ends, and the power of ten of the first.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: Vec<u8>,
    power: i64,
}

impl Decimal {
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
        let is_negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches('-');
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, power: 0 });
        }
        let power = exponent.checked_add(i64::try_from(whole.len()).ok()?)?.checked_sub(i64::try_from(zeros).ok()?)?;
        Some(Self { is_negative, digits, power })
    }
}

/// The digits of an address in base 16, eight or 32 of them. Addresses are equal, and in a range, when these texts are: which
/// family they are of is not looked at.
pub fn address(text: &str) -> Option<String> {
    if let Some(parts) = four(text) {
        return Some(parts.iter().map(|part| format!("{part:02X}")).collect());
    }
    let address: Ipv6Addr = text.parse().ok().filter(|_| text.contains(':'))?;
    Some(address.octets().iter().map(|octet| format!("{octet:02X}")).collect())
}

/// The parts of an address of IPv4. Zeros may stand before them, and they stay decimal.
pub fn four(text: &str) -> Option<[u8; 4]> {
    let mut parts = text.split('.').map(|part| {
        let is_part = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u8>().ok().filter(|_| is_part)
    });
    let mut next = || parts.next().flatten();
    let four = [next()?, next()?, next()?, next()?];
    parts.next().is_none().then_some(four)
}
