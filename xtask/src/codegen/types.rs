//! The Rust structures of a service: one per structure shape, one per operation for its input.

use super::model::{Service, Shape, ShapeRef};
use super::names::{field, type_name};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::fmt::Write;

/// All structures with their conversions.
pub fn render(service: &Service) -> Result<String> {
    let mut out = String::from(
        "use bytes::Bytes;\nuse slam_cloud_core::schema::*;\nuse slam_cloud_core::shape::{Members, Operation, Shape};\n\
         use slam_cloud_core::{AwsError, Timestamp, Value};\nuse std::collections::BTreeMap;\n\n",
    );
    let inputs = service.inputs();
    for name in service.reached()? {
        let shape = service.shape(&name)?;
        if shape.is_structure() && !inputs.contains_key(name.as_str()) {
            structure(service, &type_name(&name), &name, shape, &mut out)?;
        }
    }
    for (name, operation) in service.operations() {
        match &operation.input {
            Some(input) => structure(service, name, &input.shape, service.shape(&input.shape)?, &mut out)?,
            None => empty(name, &mut out)?,
        }
        let output = match &operation.output {
            Some(output) => type_name(&output.shape),
            None => {
                let output = format!("{name}Output");
                empty(&output, &mut out)?;
                output
            }
        };
        writeln!(
            out,
            "impl Operation for {name} {{ type Output = {output}; const MODEL: &'static OperationModel = \
             &OPERATION_{name}; }}\n"
        )?;
    }
    Ok(out)
}

fn empty(name: &str, out: &mut String) -> Result<()> {
    writeln!(
        out,
        "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{}}\nimpl Shape for {name} {{\n\
         fn from_value(_: Value) -> Result<Self, AwsError> {{ Ok(Self {{}}) }}\n\
         fn into_value(self) -> Value {{ Value::Structure(Vec::new()) }} }}\n"
    )?;
    Ok(())
}

fn structure(service: &Service, name: &str, shape_name: &str, shape: &Shape, out: &mut String) -> Result<()> {
    let members = shape.members()?;
    if members.is_empty() {
        return empty(name, out);
    }
    writeln!(out, "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{")?;
    let (mut read, mut write) = (String::new(), String::new());
    for (member, reference) in &members {
        let boxed = is_recursive(service, shape_name, reference)?;
        let inner = rust_type(service, reference, boxed)?;
        let field = field(member);
        if shape.required.contains(member) {
            writeln!(out, "pub {field}: {inner},")?;
            writeln!(read, "{field}: members.required()?,")?;
            writeln!(write, "Some(self.{field}.into_value()),")?;
        } else {
            writeln!(out, "pub {field}: Option<{inner}>,")?;
            writeln!(read, "{field}: members.optional()?,")?;
            writeln!(write, "self.{field}.map(Shape::into_value),")?;
        }
    }
    writeln!(
        out,
        "}}\nimpl Shape for {name} {{\nfn from_value(value: Value) -> Result<Self, AwsError> {{\n\
         let mut members = Members::of(\"{shape_name}\", value)?;\nOk(Self {{ {read} }}) }}\n\
         fn into_value(self) -> Value {{ Value::Structure(vec![{write}]) }} }}\n"
    )?;
    Ok(())
}

fn rust_type(service: &Service, reference: &ShapeRef, boxed: bool) -> Result<String> {
    let shape = service.shape(&reference.shape)?;
    let of = |part: &Option<ShapeRef>| match part {
        Some(part) => rust_type(service, part, false),
        None => bail!("{} has a part missing", reference.shape),
    };
    Ok(match shape.kind.as_str() {
        _ if shape.document => "serde_json::Value".into(),
        "structure" if shape.eventstream => {
            format!("slam_cloud_core::EventStream<{}>", structure_name(service, &reference.shape))
        }
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

fn structure_name(service: &Service, shape: &str) -> String {
    service.inputs().get(shape).map_or_else(|| type_name(shape), |operation| (*operation).to_owned())
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
