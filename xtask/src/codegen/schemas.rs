//! The tables of what is no structure: lists, maps, and scalars of which the model says more than their type.

use super::layout::{chain, filled, literal, text};
use super::model::{Service, Shape};
use super::names::structure_name;
use anyhow::{Context, Result, bail};

/// All of them.
pub fn render(service: &Service) -> Result<String> {
    let mut out = String::new();
    for name in service.reached()? {
        let shape = service.shape(&name)?;
        if !shape.is_structure() && common(&name, shape)?.is_none() {
            out.push_str(&table(service, &name, shape)?);
        }
    }
    Ok(out)
}

/// How a shape's table is called.
pub fn name(service: &Service, shape: &str) -> Result<String> {
    let model = service.shape(shape)?;
    if model.is_structure() {
        return Ok(structure_name(service, shape));
    }
    Ok(common(shape, model)?.map_or_else(|| shape.to_owned(), str::to_owned))
}

/// The table of all timestamps of one format.
pub fn timestamp(format: Option<&str>) -> Result<&'static str> {
    Ok(match format {
        None => "TIMESTAMP",
        Some("unixTimestamp") => "TIMESTAMP_UNIX",
        Some("iso8601") => "TIMESTAMP_ISO8601",
        Some("rfc822") => "TIMESTAMP_RFC822",
        Some(other) => bail!("unknown timestamp format {other}"),
    })
}

/// The table that all shapes share of which the model says no more than their type.
fn common(name: &str, shape: &Shape) -> Result<Option<&'static str>> {
    let free = !shape.sensitive
        && shape.min.is_none()
        && shape.max.is_none()
        && shape.pattern.is_none()
        && shape.values.is_empty();
    Ok(match shape.kind.as_str() {
        _ if shape.document => Some("DOCUMENT"),
        "boolean" => Some("BOOLEAN"),
        "timestamp" => Some(timestamp(shape.timestamp_format.as_deref())?),
        "list" | "map" => None,
        kind => Some(scalar(kind).with_context(|| name.to_owned())?).filter(|_| free),
    })
}

fn scalar(kind: &str) -> Result<&'static str> {
    Ok(match kind {
        "string" | "character" => "STRING",
        "blob" => "BLOB",
        "integer" | "short" => "INTEGER",
        "long" | "bigInteger" => "LONG",
        "float" => "FLOAT",
        "double" => "DOUBLE",
        other => bail!("the type {other} is unknown"),
    })
}

fn table(service: &Service, shape_name: &str, shape: &Shape) -> Result<String> {
    let part = |part: &str| name(service, part).map(|name| format!("&{name}"));
    let mut value = match shape.kind.as_str() {
        "list" => {
            let member = shape.member.as_ref().context("a list has members")?;
            let named = member.location_name.as_deref().unwrap_or("member");
            let of = if named == "member" { String::new() } else { format!(".of({})", literal(named)) };
            format!("list({}){of}", part(&member.shape)?)
        }
        "map" => {
            let (key, value) = shape.key.as_ref().zip(shape.value.as_ref()).context("a map has keys and values")?;
            let names = [key.location_name.as_deref(), value.location_name.as_deref()];
            let entries = match [names[0].unwrap_or("key"), names[1].unwrap_or("value")] {
                ["key", "value"] => String::new(),
                [key, value] => format!(".entries({}, {})", literal(key), literal(value)),
            };
            format!("map({}, {}){entries}", part(&key.shape)?, part(&value.shape)?)
        }
        kind => scalar(kind)?.to_owned(),
    };
    // The models write bounds of 64-bit numbers as floating point.
    for (word, bound) in [("min", shape.min), ("max", shape.max)] {
        value.push_str(&bound.map_or_else(String::new, |bound| format!(".{word}({})", bound as i64)));
    }
    if shape.sensitive {
        value.push_str(".sensitive()");
    }
    let head = format!("static {shape_name}: Schema = {value}");
    Ok(match &shape.pattern {
        // No shape has both.
        Some(pattern) => text(0, &format!("{head}.pattern("), pattern, ");"),
        None if shape.values.is_empty() => chain(0, &format!("static {shape_name}: Schema ="), &[value + ";"]),
        None => filled(0, &format!("{head}.values(&["), shape.values.iter().map(|value| literal(value)), "]);"),
    })
}
