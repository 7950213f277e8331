//! The tables of a service and its operations: what the router reads.

use super::layout::{chain, filled, fits, line, literal};
use super::model::{Metadata, Operation, Service};
use super::names::output_name;
use super::refusals;
use anyhow::{Context, Result, bail};
use std::fmt::Write;

/// The operations' tables and the service's.
pub fn render(service: &Service) -> Result<String> {
    Ok(operations(service)? + "\n" + &table(service)?)
}

fn operations(service: &Service) -> Result<String> {
    let mut out = format!("operations! {{ {}:\n", literal(&service.name));
    for (name, operation) in service.operations() {
        let http = &operation.http;
        let status = http.response_code.filter(|status| *status != 200);
        let status = status.map_or_else(String::new, |status| format!(".status({status})"));
        let wrapper = operation.output.as_ref().and_then(|output| output.result_wrapper.as_ref());
        let wrapper = wrapper.map_or_else(String::new, |wrapper| format!(".wrapped({})", literal(wrapper)));
        let (method, uri) = (literal(&http.method), literal(&http.request_uri));
        let answer = format!(") -> {}{status}{wrapper}", output_name(name, operation.output.as_ref()));
        let refused = refused(service, name, operation)?;
        let end = if refused.is_empty() { "," } else { "" };
        let whole = line(1, &format!("{name}({method}, {uri}{answer}{end}"));
        let parts = [line(1, &format!("{name}({method},")), line(2, &uri), line(1, &format!("{answer}{end}"))];
        out.push_str(&if fits(&whole) { whole } else { parts.concat() });
        out.push_str(&refused);
    }
    Ok(out + "}\n")
}

fn refused(service: &Service, name: &str, operation: &Operation) -> Result<String> {
    let refused = &service.members(name).refused;
    if refused.is_empty() {
        return Ok(String::new());
    }
    let input = &operation.input.as_ref().with_context(|| format!("{name} has no input"))?.shape;
    let mut out = line(2, "refuses {");
    for member in refused {
        let given = refusals::given(service, input, member)? + ",";
        let calls: Vec<String> = given.split_inclusive("|it| ").map(str::to_owned).collect();
        out.push_str(&chain(3, &format!("{}: |it|", literal(&member.path)), &calls));
    }
    Ok(out + &line(2, "},"))
}

fn table(service: &Service) -> Result<String> {
    let metadata = service.metadata();
    let protocols = protocols(metadata).with_context(|| service.name.clone())?;
    let signing_name = metadata.signing_name();
    let mut out = String::from("/// The service's table.\npub static SERVICE: ServiceModel = ServiceModel {\n");
    for (field, value) in [
        ("name", literal(&service.name)),
        ("signing_name", literal(signing_name)),
        ("action_prefix", literal(signing_name)),
        ("protocols", format!("&[{protocols}]")),
        ("target_prefix", literal(metadata.target_prefix.as_deref().unwrap_or_default())),
        ("api_version", literal(&metadata.api_version)),
        ("xml_namespace", literal(metadata.xml_namespace.as_deref().unwrap_or_default())),
        ("unsigned", unsigned(service)),
        ("operations", "OPERATIONS".into()),
    ] {
        writeln!(out, "    {field}: {value},")?;
    }
    out.push_str(&others(service));
    Ok(out + "};\n")
}

/// The operations without a signature.
fn unsigned(service: &Service) -> String {
    let all = service.operations().chain(service.others());
    let names = all.filter(|(_, operation)| operation.authtype.as_deref() == Some("none"));
    format!("&[{}]", names.map(|(name, _)| literal(name)).collect::<Vec<_>>().join(", "))
}

/// The protocols of a service, what its clients prefer first.
pub fn protocols(metadata: &Metadata) -> Result<String> {
    let one = |protocol: &String| match protocol.as_str() {
        "json" => Ok(format!("Json({})", literal(metadata.json_version.as_deref().unwrap_or("1.0")))),
        "rest-json" => Ok("RestJson".to_owned()),
        "query" => Ok("Query".to_owned()),
        "ec2" => Ok("Ec2".to_owned()),
        "rest-xml" => Ok("RestXml".to_owned()),
        "smithy-rpc-v2-cbor" => Ok("RpcV2Cbor".to_owned()),
        other => bail!("the protocol {other} is unknown"),
    };
    let only = [metadata.protocol.clone()];
    let all = if metadata.protocols.is_empty() { &only[..] } else { &metadata.protocols };
    let mut all = all.iter().map(one).collect::<Result<Vec<_>>>()?;
    let query = "Query".to_owned();
    if metadata.aws_query_compatible.is_some() && !all.contains(&query) {
        all.push(query);
    }
    Ok(all.join(", "))
}

/// What AWS has beside the selection.
fn others(service: &Service) -> String {
    if service.others().all(|(_, operation)| (&*operation.http.method, &*operation.http.request_uri) == ("POST", "/")) {
        return filled(1, "others: &by_name([", service.others().map(|(name, _)| literal(name)), "]),");
    }
    let mut out = line(1, "others: &[");
    for (name, operation) in service.others() {
        let (name, method, uri) =
            (literal(name), literal(&operation.http.method), literal(&operation.http.request_uri));
        let whole = line(2, &format!("({name}, {method}, {uri}),"));
        let parts = [line(2, &format!("({name}, {method},")), line(2, &format!(" {uri}),"))];
        out.push_str(&if fits(&whole) { whole } else { parts.concat() });
    }
    out + &line(1, "],")
}
