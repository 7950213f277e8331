//! `String.format`: `%s`, `%d`, `%x`, `%f`, `%b`, `%c`, `%n` and `%%` with their flags, width and precision.

use super::super::TemplateError;
use super::super::value::Value;
use super::{LENGTH, fails};
use std::iter::Peekable;
use std::str::Chars;

/// Wider fields than this are refused.
const WIDTH: usize = 10_000;

#[derive(Default)]
struct Spec {
    left: bool,
    zeros: bool,
    plus: bool,
    grouped: bool,
    width: usize,
    precision: Option<usize>,
}

/// Writes the values into the places of a pattern.
pub fn format(pattern: &str, values: &[Value]) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    let mut values = values.iter();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let spec = spec(&mut rest)?;
        let text = match rest.next() {
            Some('%') => "%".to_owned(),
            Some('n') => "\n".to_owned(),
            Some(conversion) => match values.next() {
                Some(value) => convert(&spec, conversion, value)?,
                None => return fails("format", format!("there is no value for %{conversion}")),
            },
            None => return fails("format", "a % ends the pattern"),
        };
        let missing = spec.width.saturating_sub(text.chars().count());
        match spec.left {
            true => out.extend([text, " ".repeat(missing)]),
            false if spec.zeros => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                out.extend([sign, &"0".repeat(missing), digits]);
            }
            false => out.extend([" ".repeat(missing), text]),
        }
        if out.len() > LENGTH {
            return Err(TemplateError::Output(LENGTH));
        }
    }
    Ok(out)
}

fn spec(rest: &mut Peekable<Chars<'_>>) -> Result<Spec, TemplateError> {
    let mut spec = Spec::default();
    while let Some(flag) = rest.next_if(|c| matches!(c, '-' | '0' | '+' | ',')) {
        match flag {
            '-' => spec.left = true,
            '0' => spec.zeros = true,
            '+' => spec.plus = true,
            _ => spec.grouped = true,
        }
    }
    spec.width = number(rest)?.unwrap_or(0);
    if rest.next_if_eq(&'.').is_some() {
        spec.precision = number(rest)?;
    }
    Ok(spec)
}

fn number(rest: &mut Peekable<Chars<'_>>) -> Result<Option<usize>, TemplateError> {
    let mut number: Option<usize> = None;
    while let Some(digit) = rest.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) {
        let longer = number.unwrap_or(0) * 10 + digit as usize;
        if longer > WIDTH {
            return fails("format", format!("fields wider than {WIDTH} characters are not supported"));
        }
        number = Some(longer);
    }
    Ok(number)
}

fn convert(spec: &Spec, conversion: char, value: &Value) -> Result<String, TemplateError> {
    let signed = |text: String| if spec.plus && !text.starts_with('-') { format!("+{text}") } else { text };
    Ok(match (conversion, value) {
        ('s' | 'd' | 'f' | 'x' | 'c', Value::Null) => "null".to_owned(),
        ('s' | 'S', value) => {
            let text: String = value.to_text().chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            if conversion == 'S' { text.to_uppercase() } else { text }
        }
        ('b', value) => value.is_true().to_string(),
        ('c', Value::Text(text)) if text.chars().count() == 1 => text.to_string(),
        ('d', Value::Integer(number)) if spec.grouped => signed(grouped(&number.to_string())),
        ('d', Value::Integer(number)) => signed(number.to_string()),
        ('x', Value::Integer(number)) if *number >= 0 => format!("{number:x}"),
        ('X', Value::Integer(number)) if *number >= 0 => format!("{number:X}"),
        ('f', Value::Double(number)) => {
            let text = rounded(*number, spec.precision.unwrap_or(6));
            signed(if spec.grouped { grouped(&text) } else { text })
        }
        ('d' | 'x' | 'X' | 'f' | 'c', value) => {
            return fails("format", format!("%{conversion} does not take {}", value.kind()));
        }
        _ => return fails("format", format!("%{conversion} is not supported")),
    })
}

/// Java rounds halves up, of the digits that `Double.toString` shows.
fn rounded(number: f64, places: usize) -> String {
    let shown = format!("{number}");
    let is_half = shown.split_once('.').is_some_and(|(_, digits)| digits.len() == places + 1 && digits.ends_with('5'));
    match is_half {
        true => format!("{:.*}", places, format!("{shown}1").parse().unwrap_or(number)),
        false => format!("{number:.places$}"),
    }
}

/// A comma between thousands.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}
