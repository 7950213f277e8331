//! Event patterns as they are written, with the refusals of AWS's Event Ruler 2.1.0, which EventBridge hands on.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

use super::json::{self, Json};
use super::matcher::{Matcher, Text, cidr};
use super::scalar::{Scalar, number};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The fields that a pattern asks for, by their paths, each with its alternatives.
pub type Fields = BTreeMap<String, Vec<Matcher>>;

/// How many ways there may be to meet a pattern.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or>
const WAYS: usize = 1000;

/// What cannot be the name of a field within `$or`.
const RESERVED: [&str; 9] =
    ["exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"];

/// The ways in which an event can meet a pattern.
///
/// # Errors
/// Why it is none.
pub fn ways(text: &str) -> Result<Vec<Fields>, String> {
    let not_an_object = || "Filter is not an object".to_owned();
    if text.trim().is_empty() {
        return Err(not_an_object());
    }
    let pattern = json::read(text).map_err(|error| error.to_string())?;
    let Json::Object(fields) = pattern else { return Err(not_an_object()) };
    object(&fields, "", vec![Fields::new()], false)
}

/// Adds what an object asks for to each of the ways to meet what stands before it.
fn object(fields: &[(Name<'_>, Json<'_>)], path: &str, ways: Vec<Fields>, in_or: bool) -> Result<Vec<Fields>, String> {
    if fields.is_empty() {
        return Err("Empty objects are not allowed".into());
    }
    fields.iter().try_fold(ways, |ways, (name, value)| {
        if in_or && RESERVED.contains(&&**name) {
            return Err(format!("{name} is Ruler reserved fieldName which cannot be used inside $or."));
        }
        if name == "$or" {
            return or(value, path, &ways);
        }
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        match value {
            Json::Object(fields) => object(fields, &path, ways, false),
            Json::Array(alternatives) => field(alternatives, path, ways),
            _ => Err(format!("\"{name}\" must be an object or an array")),
        }
    })
}

type Name<'t> = std::borrow::Cow<'t, str>;

/// Each of the ways, with each of the objects.
fn or(value: &Json<'_>, path: &str, ways: &[Fields]) -> Result<Vec<Fields>, String> {
    let Json::Array(branches) = value else { return Err("It must be an Array followed with $or.".into()) };
    let mut more = Vec::new();
    for branch in branches {
        let Json::Object(fields) = branch else {
            return Err("Only JSON object is allowed in array of $or relationship.".into());
        };
        more.extend(object(fields, path, ways.to_vec(), true)?);
        if more.len() > WAYS {
            return Err(format!("the pattern has more than {WAYS} combinations of $or"));
        }
    }
    if branches.len() < 2 {
        return Err("There must have at least 2 Objects in $or relationship.".into());
    }
    Ok(more)
}

fn field(alternatives: &[Json<'_>], path: String, mut ways: Vec<Fields>) -> Result<Vec<Fields>, String> {
    if alternatives.is_empty() {
        return Err("Empty arrays are not allowed".into());
    }
    let matchers: Vec<Matcher> = alternatives.iter().map(alternative).collect::<Result<_, _>>()?;
    for way in &mut ways {
        if way.insert(path.clone(), matchers.clone()).is_some() {
            return Err(format!("Path `{path}` cannot be allowed multiple times"));
        }
    }
    Ok(ways)
}

fn alternative(value: &Json<'_>) -> Result<Matcher, String> {
    match value {
        Json::Object(expression) => match &expression[..] {
            [] => Err("Match expression name not found".into()),
            [(name, value)] => of_name(name, value),
            // Whether the first is one at all is told before.
            [(name, value), ..] => of_name(name, value).and(Err("Only one key allowed in match expression".into())),
        },
        Json::Array(_) => Err("Match value must be String, number, true, false, or null".into()),
        value => Scalar::of(value).map(Matcher::Exactly).ok_or_else(String::new),
    }
}

fn of_name(name: &str, value: &Json<'_>) -> Result<Matcher, String> {
    let must_be_text = |name: &str| format!("{name} match pattern must be a string");
    let text = |name: &str| match value {
        Json::Text(text) => Ok(text.to_string()),
        _ => Err(must_be_text(name)),
    };
    Ok(match name {
        "exactly" => Matcher::Exactly(Scalar::text(&text("exactly")?)),
        "prefix" => Matcher::Text(match value {
            Json::Object(inner) => Text::PrefixIgnoringCase(ignoring_case(inner, "prefix", "Prefix")?),
            _ => Text::Prefix(text("prefix")?),
        }),
        "suffix" => Matcher::Text(match value {
            Json::Object(inner) => Text::SuffixIgnoringCase(ignoring_case(inner, "suffix", "Suffix")?),
            _ => Text::Suffix(text("suffix")?),
        }),
        "equals-ignore-case" => Matcher::Text(Text::EqualsIgnoringCase(text(name)?)),
        "wildcard" => Matcher::Text(Text::wildcard(&text(name)?)?),
        // As Event Ruler calls it.
        "cidr" => cidr(&text("prefix")?)?,
        "exists" => match value {
            Json::Literal("true") => Matcher::Exists(true),
            Json::Literal("false") => Matcher::Exists(false),
            _ => return Err("exists match pattern must be either true or false.".into()),
        },
        "numeric" => numeric(value)?,
        "anything-but" => Matcher::AnythingBut(anything_but(value)?),
        other => return Err(format!("Unrecognized match type {other}")),
    })
}

fn ignoring_case(expression: &[(Name<'_>, Json<'_>)], name: &str, title: &str) -> Result<String, String> {
    match expression {
        [] => Err(format!("{title} expression name not found")),
        [(inner, Json::Text(text))] if inner == "equals-ignore-case" => Ok(text.to_string()),
        [(inner, _)] if inner == "equals-ignore-case" => {
            Err("equals-ignore-case match pattern must be a string".into())
        }
        [(inner, _)] => Err(format!("Unsupported {name} pattern: {inner}")),
        _ => Err("Only one key allowed in match expression".into()),
    }
}

fn numeric(value: &Json<'_>) -> Result<Matcher, String> {
    let Json::Array(terms) = value else { return Err("Value of numeric must be an array.".into()) };
    let operator = |term: Option<&Json<'_>>| match term {
        Some(Json::Text(operator)) => Ok(operator.to_string()),
        Some(Json::Number(text) | Json::Literal(text)) => Err(format!("Invalid member in numeric match: {text}")),
        Some(Json::Object(_)) => Err("Invalid member in numeric match: {".to_owned()),
        Some(Json::Array(_)) => Err("Invalid member in numeric match: [".to_owned()),
        None => Err("Invalid member in numeric match: ]".to_owned()),
    };
    let bound = |operator: &str, term: Option<&Json<'_>>| match term {
        Some(Json::Number(text)) => number(text).ok_or_else(|| format!("Cannot compare number : {text}")),
        _ => Err(format!("Value of {operator} must be numeric")),
    };
    let mut terms = terms.iter();
    let mut range = (Bound::Unbounded, Bound::Unbounded);
    let first = operator(terms.next())?;
    let known = matches!(&*first, "=" | ">" | ">=" | "<" | "<=");
    if !known {
        return Err(format!("Unrecognized numeric range operator: {first}"));
    }
    let value = bound(&first, terms.next())?;
    match &*first {
        ">" => range.0 = Bound::Excluded(value),
        ">=" => range.0 = Bound::Included(value),
        "<" => range.1 = Bound::Excluded(value),
        "<=" => range.1 = Bound::Included(value),
        _ => range = (Bound::Included(value), Bound::Included(value)),
    }
    if terms.len() == 0 {
        return Ok(Matcher::Numeric(range.0, range.1));
    }
    if !first.starts_with('>') {
        return Err("Too many elements in numeric expression".into());
    }
    let second = operator(terms.next())?;
    let top = match &*second {
        "<" | "<=" => bound(&second, terms.next())?,
        other => return Err(format!("Bad numeric range operator: {other}")),
    };
    if terms.len() > 0 {
        return Err("Too many terms in numeric range expression".into());
    }
    if value >= top {
        return Err("Bottom must be less than top".into());
    }
    range.1 = if second == "<" { Bound::Excluded(top) } else { Bound::Included(top) };
    Ok(Matcher::Numeric(range.0, range.1))
}

fn anything_but(value: &Json<'_>) -> Result<Vec<Matcher>, String> {
    let one = "Value of anything-but must be an array or single string/number value.";
    match value {
        Json::Text(_) | Json::Number(_) => Ok(vec![comparable(value)?]),
        Json::Literal(_) => Err(one.into()),
        Json::Array(values) => {
            let is_kind = |value: &Json<'_>| matches!(value, Json::Text(_) | Json::Number(_));
            if !values.iter().all(is_kind) {
                return Err("Inside anything but list, start|null|boolean is not supported.".into());
            }
            let texts = values.iter().filter(|value| matches!(value, Json::Text(_))).count();
            if values.is_empty() || (texts != 0 && texts != values.len()) {
                let mixed =
                    "Inside anything but list, either all values are number or string, mixed type is not supported";
                return Err(mixed.into());
            }
            values.iter().map(comparable).collect()
        }
        Json::Object(expression) => match &expression[..] {
            [] => Err("Anything-But expression name not found".into()),
            [(_, _), _, ..] => Err("Too many elements in numeric expression".into()),
            [(name, value)] => match &**name {
                "prefix" | "suffix" if matches!(value, Json::Object(_)) => Err(one.into()),
                "prefix" => texts(value, "prefix/suffix", Text::Prefix),
                "suffix" => texts(value, "prefix/suffix", Text::Suffix),
                "equals-ignore-case" => texts(value, name, Text::EqualsIgnoringCase),
                "wildcard" => {
                    let mut wild = Vec::new();
                    for text in listed(value, name)? {
                        wild.push(Matcher::Text(Text::wildcard(&text)?));
                    }
                    Ok(wild)
                }
                other => Err(format!("Unsupported anything-but pattern: {other}")),
            },
        },
    }
}

/// A string or number to be unlike; the number must be one that can be compared.
fn comparable(value: &Json<'_>) -> Result<Matcher, String> {
    match (value, Scalar::of(value)) {
        (Json::Number(text), Some(Scalar::Inexact(_))) => Err(format!("Cannot compare number : {text}")),
        (_, scalar) => scalar.map(Matcher::Exactly).ok_or_else(String::new),
    }
}

fn texts(value: &Json<'_>, name: &str, of: fn(String) -> Text) -> Result<Vec<Matcher>, String> {
    let texts = listed(value, name)?;
    if name == "prefix/suffix" && (texts.is_empty() || texts.iter().any(String::is_empty)) {
        return Err("Null prefix/suffix not allowed".into());
    }
    Ok(texts.into_iter().map(|text| Matcher::Text(of(text))).collect())
}

/// One string or several.
fn listed(value: &Json<'_>, name: &str) -> Result<Vec<String>, String> {
    let values = match value {
        Json::Array(values) => &values[..],
        value => std::slice::from_ref(value),
    };
    let text = |value: &Json<'_>| match value {
        Json::Text(text) => Ok(text.to_string()),
        _ if name == "prefix/suffix" => Err(format!("{name} match pattern must be a string")),
        _ => Err(format!("Inside anything-but/{name} list, number|start|null|boolean is not supported.")),
    };
    values.iter().map(text).collect()
}
