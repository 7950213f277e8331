//! The structures of a service: one Rust type with its table per structure shape, and one per operation for its input.

use super::layout::{chain, line, literal};
use super::model::{Service, Shape, ShapeRef};
use super::names::{field, output_name, structure_name, type_name};
use super::schemas;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;

/// All structures; inputs last, in the order of their operations.
pub fn render(service: &Service) -> Result<String> {
    let mut out = String::new();
    let inputs = service.inputs();
    for name in service.reached()? {
        let shape = service.shape(&name)?;
        if shape.is_structure() && !inputs.contains_key(name.as_str()) {
            out.push_str(&structure(service, &type_name(&name), &name, shape)?);
        }
    }
    for (name, operation) in service.operations() {
        match &operation.input {
            Some(input) => out.push_str(&structure(service, name, &input.shape, service.shape(&input.shape)?)?),
            None => out.push_str(&empty(name)),
        }
        if operation.output.is_none() {
            out.push_str(&empty(&output_name(name, None)));
        }
    }
    Ok(out)
}

/// Of an operation without input or output, whose structure the model does not name.
fn empty(name: &str) -> String {
    format!("shape! {{ structure {name} {{}} }}\n\n")
}

fn structure(service: &Service, name: &str, shape_name: &str, shape: &Shape) -> Result<String> {
    let kind = if shape.union { "union" } else { "structure" };
    let named = if name == shape_name { String::new() } else { format!(" as {}", literal(shape_name)) };
    let members = shape.members()?;
    if members.is_empty() {
        return Ok(format!("shape! {{ {kind} {name}{named} {{}} }}\n\n"));
    }
    let mut out = line(0, &format!("shape! {{ {kind} {name}{named} {{"));
    for (member, reference) in &members {
        let boxed = is_recursive(service, shape_name, reference)?;
        let inner = rust_type(service, reference, boxed)?;
        let of_type = if shape.required.contains(member) { inner } else { format!("Option<{inner}>") };
        let payload = shape.payload.as_ref() == Some(member);
        let table = table(service, member, reference, payload).with_context(|| format!("{shape_name}.{member}"))?;
        out.push_str(&chain(1, &format!("{}: {of_type} =", field(member)), &table));
    }
    Ok(out + "} }\n\n")
}

/// A member's row: `m("FunctionName", &FunctionName).uri(),`.
fn table(service: &Service, member: &str, reference: &ShapeRef, payload: bool) -> Result<Vec<String>> {
    let schema = match reference.timestamp_format.as_deref() {
        // A member that chooses another timestamp format than its shape's.
        Some(format) => schemas::timestamp(Some(format))?.to_owned(),
        None => schemas::name(service, &reference.shape)?,
    };
    let mut calls = vec![format!("m({}, &{schema})", literal(member))];
    if let Some(name) = reference.location_name.as_ref().filter(|name| *name != member) {
        calls.push(format!(".named({})", literal(name)));
    }
    let mut words = String::from(match reference.location.as_deref() {
        None if reference.eventpayload => ".event_payload()",
        None => "",
        Some("uri") => ".uri()",
        Some("querystring") => ".query()",
        Some("header") => ".header()",
        Some("headers") => ".headers()",
        Some("statusCode") => ".status_code()",
        Some(other) => bail!("travels in the unknown location {other}"),
    });
    if reference.flattened.unwrap_or(service.shape(&reference.shape)?.flattened) {
        words.push_str(".flattened()");
    }
    if payload {
        words.push_str(".payload()");
    }
    calls.push(words + ",");
    Ok(calls)
}

fn rust_type(service: &Service, reference: &ShapeRef, boxed: bool) -> Result<String> {
    let shape = service.shape(&reference.shape)?;
    let of = |part: &Option<ShapeRef>| match part {
        Some(part) => rust_type(service, part, false),
        None => bail!("{} has a part missing", reference.shape),
    };
    Ok(match shape.kind.as_str() {
        _ if shape.document => "serde_json::Value".into(),
        "structure" if shape.eventstream => format!("EventStream<{}>", structure_name(service, &reference.shape)),
        "structure" if boxed => format!("Box<{}>", structure_name(service, &reference.shape)),
        "structure" => structure_name(service, &reference.shape),
        "list" => format!("Vec<{}>", of(&shape.member)?),
        "map" => format!("BTreeMap<String, {}>", of(&shape.value)?),
        "string" | "character" => "String".into(),
        "blob" => "Bytes".into(),
        "boolean" => "bool".into(),
        "integer" | "long" | "short" | "bigInteger" => "i64".into(),
        "float" | "double" => "f64".into(),
        "timestamp" => "Timestamp".into(),
        other => bail!("{} is of the unknown type {other}", reference.shape),
    })
}

/// Whether a member leads back to its own structure without a list or map between: it needs a box.
fn is_recursive(service: &Service, owner: &str, member: &ShapeRef) -> Result<bool> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![member.shape.clone()];
    while let Some(name) = waiting.pop() {
        let shape = service.shape(&name)?;
        if !shape.is_structure() {
            continue;
        }
        if name == owner {
            return Ok(true);
        }
        if seen.insert(name) {
            waiting.extend(shape.members()?.into_iter().map(|(_, reference)| reference.shape));
        }
    }
    Ok(false)
}
