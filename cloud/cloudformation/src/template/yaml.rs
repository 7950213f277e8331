//! YAML as CloudFormation reads it: short tags for functions, no aliases, scalars kept as they are written.

use super::{MAX_DEPTH, malformed};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};
use slam_cloud_core::AwsResult;

/// Parses a YAML template into JSON's model.
///
/// A plain scalar becomes a number only where the number prints as it was written: `010`, `1.10` or an account id
/// with leading zeros stay text, which the schema's types turn into numbers where numbers are asked for.
pub(super) fn parse(text: &str) -> AwsResult<Value> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let place = *error.marker();
            malformed(format!("YAML not well-formed. (line {}, column {})", place.line(), place.col() + 1))
        })?;
        builder.take(event, span.start)?;
    }
    Ok(builder.root.unwrap_or(Value::Null))
}

/// What is open while events arrive.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
}

struct Open {
    tag: Option<String>,
    kind: Kind,
}

enum Kind {
    Sequence(Vec<Value>),
    Mapping { entries: Map<String, Value>, key: Option<String> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: Marker) -> AwsResult<()> {
        match event {
            Event::Alias(_) => Err(malformed("YAML aliases are not allowed in CloudFormation templates")),
            Event::Scalar(text, style, _, tag) => {
                if self.expects_key() {
                    if tag.is_some() {
                        return Err(at(place, "a key must not carry a tag"));
                    }
                    return self.key(text.into_owned(), place);
                }
                let value = scalar(&text, style, tag.as_deref(), place)?;
                self.add(value, place)
            }
            Event::SequenceStart(_, tag) => self.open(Kind::Sequence(Vec::new()), tag.as_deref(), place),
            Event::MappingStart(_, tag) => {
                self.open(Kind::Mapping { entries: Map::new(), key: None }, tag.as_deref(), place)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            Event::DocumentStart(_) if self.root.is_some() => Err(at(place, "a template is one document")),
            _ => Ok(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Mapping { key: None, .. }, .. }))
    }

    fn open(&mut self, kind: Kind, tag: Option<&Tag>, place: Marker) -> AwsResult<()> {
        if self.expects_key() {
            return Err(at(place, "a key must be text"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(at(place, "the template is nested too deeply"));
        }
        let tag = match tag {
            Some(tag) if tag.is_yaml_core_schema() && matches!(&*tag.suffix, "map" | "seq") => None,
            Some(tag) => Some(function(tag, place)?),
            None => None,
        };
        self.open.push(Open { tag, kind });
        Ok(())
    }

    fn close(&mut self, place: Marker) -> AwsResult<()> {
        let Some(Open { tag, kind }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::Sequence(items) => Value::Array(items),
            Kind::Mapping { entries, .. } => Value::Object(entries),
        };
        self.add(tagged(tag, value), place)
    }

    fn key(&mut self, text: String, place: Marker) -> AwsResult<()> {
        if let Some(Open { kind: Kind::Mapping { entries, key }, .. }) = self.open.last_mut() {
            if entries.contains_key(&text) {
                return Err(at(place, &format!("the key '{text}' occurs twice")));
            }
            *key = Some(text);
        }
        Ok(())
    }

    fn add(&mut self, value: Value, place: Marker) -> AwsResult<()> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open { kind: Kind::Sequence(items), .. }) => items.push(value),
            Some(Open { kind: Kind::Mapping { entries, key }, .. }) => match key.take() {
                Some(key) => {
                    entries.insert(key, value);
                }
                None => return Err(at(place, "a key must be text")),
            },
        }
        Ok(())
    }
}

/// A short tag's function around its value: `!Ref X` is `{Ref: X}`.
fn tagged(tag: Option<String>, value: Value) -> Value {
    match tag {
        Some(function) => Value::Object(Map::from_iter([(function, value)])),
        None => value,
    }
}

/// The full name of a short tag's function.
fn function(tag: &Tag, place: Marker) -> AwsResult<String> {
    let name = match (&*tag.handle, &*tag.suffix) {
        ("!", "Ref" | "Condition") => tag.suffix.clone(),
        (
            "!",
            "GetAtt" | "Sub" | "Join" | "Select" | "Split" | "If" | "And" | "Or" | "Not" | "Equals" | "FindInMap"
            | "GetAZs" | "Base64" | "Cidr" | "ImportValue" | "Transform" | "ToJsonString" | "Length",
        ) => format!("Fn::{}", tag.suffix),
        (handle, suffix) => return Err(at(place, &format!("the tag '{handle}{suffix}' is unknown"))),
    };
    Ok(name)
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Marker) -> AwsResult<Value> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => match &*tag.suffix {
            "str" => Ok(Value::from(text)),
            "int" | "float" | "bool" | "null" => Ok(plain(text)),
            other => Err(at(place, &format!("the tag '!!{other}' is not supported in templates"))),
        },
        // The non-specific tag `!`: text.
        Some(tag) if tag.suffix.is_empty() || (tag.handle.is_empty() && tag.suffix == "!") => Ok(Value::from(text)),
        Some(tag) => Ok(tagged(Some(function(tag, place)?), Value::from(text))),
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        None => Ok(Value::from(text)),
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return Value::from(number);
    }
    if text.contains('.')
        && let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64)
        && number.to_string() == text
    {
        return Value::Number(number);
    }
    Value::from(text)
}

fn at(place: Marker, what: &str) -> slam_cloud_core::AwsError {
    let (line, column) = (place.line(), place.col() + 1);
    malformed(format!("YAML not well-formed. (line {line}, column {column}): {what}"))
}
