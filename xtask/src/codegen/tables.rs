//! The schema tables of a service: what the codecs, the router and the validator read.

use super::model::{Operation, Service, Shape, ShapeRef};
use anyhow::{Context, Result, bail};
use std::fmt::Write;

/// The service's table, its operations' and its shapes'.
pub fn render(service: &Service) -> Result<String> {
    let mut out = String::new();
    head(service, &mut out)?;
    for (name, operation) in service.operations() {
        operation_table(service, name, operation, &mut out)?;
    }
    out.push_str("static SHAPE_EMPTY: Schema = Schema::Structure(Structure { name: \"\", members: &[], payload: None, union: false });\n");
    for name in service.reached()? {
        let schema = schema(service, &name)?;
        writeln!(out, "static {}: Schema = {schema};", static_name(&name))?;
    }
    Ok(out)
}

fn head(service: &Service, out: &mut String) -> Result<()> {
    let metadata = service.metadata();
    let protocol = match metadata.protocol.as_str() {
        "json" => format!("Protocol::Json({:?})", metadata.json_version.as_deref().unwrap_or("1.0")),
        "rest-json" => "Protocol::RestJson".into(),
        "query" => "Protocol::Query".into(),
        "rest-xml" => "Protocol::RestXml".into(),
        other => bail!("{} speaks {other}, which the wire does not", service.name),
    };
    let signing_name = metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix);
    // IAM knows the streams of DynamoDB under DynamoDB's own prefix.
    let action_prefix = if service.name == "dynamodbstreams" { "dynamodb" } else { &service.name };
    writeln!(
        out,
        "/// The service's table.\npub static SERVICE: ServiceModel = ServiceModel {{ name: {:?}, signing_name: \
         {signing_name:?}, action_prefix: {action_prefix:?}, protocol: {protocol}, target_prefix: {:?}, api_version: \
         {:?}, xml_namespace: {:?}, operations: &[",
        service.name,
        metadata.target_prefix.as_deref().unwrap_or(""),
        metadata.api_version,
        metadata.xml_namespace.as_deref().unwrap_or(""),
    )?;
    for (name, _) in service.operations() {
        writeln!(out, "&OPERATION_{name},")?;
    }
    out.push_str("], others: &[");
    for (name, operation) in service.others() {
        writeln!(out, "({name:?}, {:?}, {:?}),", operation.http.method, operation.http.request_uri)?;
    }
    out.push_str("] };\n");
    Ok(())
}

fn operation_table(service: &Service, name: &str, operation: &Operation, out: &mut String) -> Result<()> {
    let shape = |reference: &Option<ShapeRef>| {
        reference.as_ref().map_or("SHAPE_EMPTY".to_owned(), |reference| static_name(&reference.shape))
    };
    let wrapper = operation.output.as_ref().and_then(|output| output.result_wrapper.as_deref());
    writeln!(
        out,
        "static OPERATION_{name}: OperationModel = OperationModel {{ service: {:?}, name: {name:?}, method: {:?}, uri: \
         {:?}, status: {}, input: &{}, output: &{}, result_wrapper: {wrapper:?} }};",
        service.name,
        operation.http.method,
        operation.http.request_uri,
        operation.http.response_code.unwrap_or(200),
        shape(&operation.input),
        shape(&operation.output),
    )?;
    Ok(())
}

fn static_name(shape: &str) -> String {
    format!("SHAPE_{shape}")
}

fn schema(service: &Service, name: &str) -> Result<String> {
    let shape = service.shape(name)?;
    let constraints = constraints(shape);
    Ok(match shape.kind.as_str() {
        _ if shape.document => "Schema::Document".into(),
        "structure" => structure(service, name, shape)?,
        "list" => {
            let member = shape.member.as_ref().context("a list has members")?;
            format!(
                "Schema::List(List {{ member: &{}, member_name: {:?}, constraints: {constraints} }})",
                static_name(&member.shape),
                member.location_name.as_deref().unwrap_or("member"),
            )
        }
        "map" => {
            let key = shape.key.as_ref().context("a map has keys")?;
            let value = shape.value.as_ref().context("a map has values")?;
            format!(
                "Schema::Map(Map {{ key: &{}, value: &{}, key_name: {:?}, value_name: {:?}, constraints: {constraints} }})",
                static_name(&key.shape),
                static_name(&value.shape),
                key.location_name.as_deref().unwrap_or("key"),
                value.location_name.as_deref().unwrap_or("value"),
            )
        }
        "string" | "character" => format!("Schema::String({constraints})"),
        "blob" => format!("Schema::Blob({constraints})"),
        "boolean" => "Schema::Boolean".into(),
        "integer" | "short" => format!("Schema::Integer({constraints})"),
        "long" | "bigInteger" => format!("Schema::Long({constraints})"),
        "float" => format!("Schema::Float({constraints})"),
        "double" => format!("Schema::Double({constraints})"),
        "timestamp" => format!("Schema::Timestamp({})", timestamp_format(shape.timestamp_format.as_deref())?),
        other => bail!("{name} is of the unknown type {other}"),
    })
}

fn timestamp_format(format: Option<&str>) -> Result<&'static str> {
    Ok(match format {
        None => "TimestampFormat::Default",
        Some("unixTimestamp") => "TimestampFormat::Unix",
        Some("iso8601") => "TimestampFormat::Iso8601",
        Some("rfc822") => "TimestampFormat::Rfc822",
        Some(other) => bail!("unknown timestamp format {other}"),
    })
}

fn constraints(shape: &Shape) -> String {
    if shape.min.is_none() && shape.max.is_none() && shape.pattern.is_none() && shape.values.is_empty() {
        return "Constraints::NONE".into();
    }
    // The models write bounds of 64-bit numbers as floating point.
    let bound = |bound: Option<f64>| bound.map(|bound| bound as i64);
    let values: Vec<String> = shape.values.iter().map(|value| format!("{value:?}")).collect();
    format!(
        "Constraints {{ min: {:?}, max: {:?}, pattern: {:?}, values: &[{}] }}",
        bound(shape.min),
        bound(shape.max),
        shape.pattern,
        values.join(", ")
    )
}

fn structure(service: &Service, name: &str, shape: &Shape) -> Result<String> {
    let members = shape.members()?;
    let payload = shape.payload.as_ref().and_then(|payload| members.iter().position(|(member, _)| member == payload));
    let mut out = format!(
        "Schema::Structure(Structure {{ name: {name:?}, payload: {payload:?}, union: {}, members: &[",
        shape.union
    );
    for (member, reference) in &members {
        let location = match reference.location.as_deref() {
            None if reference.eventpayload => "EventPayload",
            None => "Body",
            Some("uri") => "Uri",
            Some("querystring") => "QueryString",
            Some("header") => "Header",
            Some("headers") => "Headers",
            Some("statusCode") => "StatusCode",
            Some(other) => bail!("{name}.{member} travels in the unknown location {other}"),
        };
        writeln!(
            out,
            "Member {{ name: {member:?}, wire_name: {:?}, location: Location::{location}, required: {}, flattened: {}, schema: &{} \
             }},",
            reference.location_name.as_deref().unwrap_or(member),
            shape.required.contains(member),
            reference.flattened.unwrap_or(service.shape(&reference.shape)?.flattened),
            member_schema(reference)?,
        )?;
    }
    out.push_str("] })");
    Ok(out)
}

/// A member that chooses another timestamp format than its shape's needs a schema of its own.
fn member_schema(reference: &ShapeRef) -> Result<String> {
    Ok(match reference.timestamp_format.as_deref() {
        Some(format) => format!("Schema::Timestamp({})", timestamp_format(Some(format))?),
        None => static_name(&reference.shape),
    })
}
