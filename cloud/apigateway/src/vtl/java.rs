//! How Java writes and reads numbers.

/// `Double.toString`: digits from a thousandth to ten million, an exponent otherwise.
pub fn double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let size = number.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{number:?}");
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let dot = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{dot}E{exponent}")
}

/// `Integer.parseInt`, `Long.parseLong`: digits with a sign, within the bounds of the type.
pub fn parse_integer(text: &str, radix: u32, bounds: std::ops::RangeInclusive<i128>) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let size = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -size } else { size }).filter(|number| bounds.contains(number))
}

/// `Double.parseDouble`.
pub fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    match text.trim_start_matches(['+', '-']) {
        "NaN" | "Infinity" => {}
        digits if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {}
        _ => return None,
    }
    text.parse().ok()
}

/// The bounds of Java's `int`.
pub const INT: std::ops::RangeInclusive<i128> = -(1 << 31)..=(1 << 31) - 1;
/// The bounds of Java's `long`.
pub const LONG: std::ops::RangeInclusive<i128> = -(1 << 63)..=(1 << 63) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// Of JDK 17.
    #[test]
    fn doubles_look_as_in_java() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.00099, "9.9E-4"),
            (1.5e300, "1.5E300"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(double(number), expected);
        }
    }
}
