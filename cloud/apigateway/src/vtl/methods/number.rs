//! `Integer`, `Long`, `Double` and `Boolean`; their static methods are called on a value of theirs.

use super::super::TemplateError;
use super::super::java::{INT, LONG, parse_double, parse_integer};
use super::super::value::Value;
use super::{Called, fails};
use std::cmp::Ordering;

pub fn call(value: &Value, method: &str, arguments: &[Value]) -> Called {
    use Value::{Double, Integer, Text};
    if let Some(converted) = converted(value, method).filter(|_| arguments.is_empty()) {
        return Ok(Some(converted));
    }
    Ok(Some(match (value, method, arguments) {
        (Integer(own), "parseInt", [Text(text)]) if INT.contains(own) => integer(method, text, 10, INT)?,
        (Integer(own), "parseInt", [Text(text), Integer(radix)]) if INT.contains(own) => {
            integer(method, text, *radix, INT)?
        }
        (Integer(own), "parseLong", [Text(text)]) if !INT.contains(own) => integer(method, text, 10, LONG)?,
        (Integer(own), "valueOf", [Text(text)]) => {
            integer(method, text, 10, if INT.contains(own) { INT } else { LONG })?
        }
        (Integer(_), "valueOf", [Integer(number)]) => Integer(*number),
        (Integer(own), "compareTo", [Integer(other)]) => order(own.cmp(other)),
        (Integer(_), "max", [Integer(left), Integer(right)]) => Integer(*left.max(right)),
        (Integer(_), "min", [Integer(left), Integer(right)]) => Integer(*left.min(right)),
        (Integer(_), "sum", [Integer(left), Integer(right)]) => Integer(left.wrapping_add(*right)),
        (Integer(own), "signum", [Integer(number)]) if INT.contains(own) => Integer(number.signum()),
        (Integer(own), "bitCount", [Integer(number)]) if INT.contains(own) && INT.contains(number) => {
            Integer((*number as i32).count_ones().into())
        }
        (Integer(own), "toHexString", [Integer(number)]) => Value::text(match INT.contains(own) {
            true => format!("{:x}", *number as i32),
            false => format!("{:x}", *number as i64),
        }),
        (Integer(own), "toBinaryString", [Integer(number)]) => Value::text(match INT.contains(own) {
            true => format!("{:b}", *number as i32),
            false => format!("{:b}", *number as i64),
        }),
        (Integer(_), "toString", [Integer(number)]) => Value::text(number.to_string()),
        (Double(_), "parseDouble" | "valueOf", [Text(text)]) => match parse_double(text) {
            Some(number) => Double(number),
            None => return fails(method, format!("{text} is no number")),
        },
        (Double(_), "toString", [Double(number)]) => Value::text(super::super::java::double(*number)),
        (Double(own), "isNaN", []) => Value::Boolean(own.is_nan()),
        (Double(own), "isInfinite", []) => Value::Boolean(own.is_infinite()),
        (Double(own), "compareTo", [Double(other)]) => order(own.total_cmp(other)),
        (Double(_), "max", [Double(left), Double(right)]) => Double(left.max(*right)),
        (Double(_), "min", [Double(left), Double(right)]) => Double(left.min(*right)),
        (Double(_), "sum", [Double(left), Double(right)]) => Double(left + right),
        _ => return Ok(None),
    }))
}

/// `intValue()` and its siblings: whole numbers lose their upper bits, others their fraction.
fn converted(value: &Value, method: &str) -> Option<Value> {
    let number = value.number()?;
    let whole = match value {
        Value::Integer(whole) => *whole,
        // Java cuts a double to the bounds of the type first.
        _ => i128::from(if method == "longValue" { number as i64 } else { i64::from(number as i32) }),
    };
    Some(match method {
        "intValue" => Value::Integer((whole as i32).into()),
        "longValue" => Value::Integer((whole as i64).into()),
        "shortValue" => Value::Integer((whole as i16).into()),
        "byteValue" => Value::Integer((whole as i8).into()),
        "doubleValue" => Value::Double(number),
        // A float has fewer digits than the double that it is.
        "floatValue" => Value::Double((number as f32).to_string().parse().ok()?),
        _ => return None,
    })
}

fn order(ordering: Ordering) -> Value {
    Value::Integer(ordering as i128)
}

fn integer(
    method: &str,
    text: &str,
    radix: i128,
    bounds: std::ops::RangeInclusive<i128>,
) -> Result<Value, TemplateError> {
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix));
    match radix.and_then(|radix| parse_integer(text, radix, bounds)) {
        Some(number) => Ok(Value::Integer(number)),
        None => fails(method, format!("{text} is no whole number of the type")),
    }
}

pub fn of_boolean(own: bool, method: &str, arguments: &[Value]) -> Called {
    use Value::{Boolean, Text};
    let is_true = |text: &str| text.eq_ignore_ascii_case("true");
    Ok(Some(match (method, arguments) {
        ("booleanValue", []) => Boolean(own),
        ("parseBoolean" | "valueOf", [Text(text)]) => Boolean(is_true(text)),
        ("compareTo", [Boolean(other)]) => order(own.cmp(other)),
        ("logicalAnd", [Boolean(left), Boolean(right)]) => Boolean(left & right),
        ("logicalOr", [Boolean(left), Boolean(right)]) => Boolean(left | right),
        ("logicalXor", [Boolean(left), Boolean(right)]) => Boolean(left ^ right),
        _ => return Ok(None),
    }))
}
