//! Paths and their methods.

use super::integration::{self, Place};
use super::parameters;
use super::reader::Reader;
use super::responses;
use super::security::Security;
use super::values::{only_known, text};
use crate::openapi::definition::Operation;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

const VERBS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("x-amazon-apigateway-any-method", "ANY"),
];
const INTEGRATION: &str = "x-amazon-apigateway-integration";
const VALIDATOR: &str = "x-amazon-apigateway-request-validator";
/// What else may stand at a path, and says nothing to API Gateway.
const SILENT: [&str; 5] = ["$ref", "parameters", "summary", "description", "servers"];

/// Reads the methods of a path.
pub fn of_path(
    reader: &mut Reader<'_>,
    security: &Security,
    segments: &[String],
    item: &Value,
) -> AwsResult<Vec<Operation>> {
    let path = format!("/{}", segments.join("/"));
    let Some(item) = reader.document.resolve(item) else {
        return Err(AwsError::unsupported(format_args!("the reference of the path {path} to another document")));
    };
    let Some(item) = item.as_object() else { return Ok(Vec::new()) };
    only_known(item, &["x-amazon-apigateway-any-method"])?;
    let mut operations = Vec::new();
    for (name, operation) in item {
        match VERBS.iter().find(|(verb, _)| verb == name) {
            Some((_, verb)) => {
                let nothing = Map::new();
                let operation = operation.as_object().unwrap_or(&nothing);
                operations.push(one(reader, security, segments, item, operation, Place { path: &path, verb })?);
            }
            None if SILENT.contains(&name.as_str()) || name.starts_with("x-") => {}
            None => reader.warn(format!("Parse issue: attribute paths.'{path}'.{name} is unexpected")),
        }
    }
    Ok(operations)
}

fn one(
    reader: &mut Reader<'_>,
    security: &Security,
    segments: &[String],
    item: &Map<String, Value>,
    operation: &Map<String, Value>,
    at: Place<'_>,
) -> AwsResult<Operation> {
    only_known(operation, &[INTEGRATION, VALIDATOR, "x-amazon-apigateway-auth"])?;
    let place = format!("paths.'{}'({})", at.path, at.verb.to_ascii_lowercase());
    let takes = parameters::read(reader, segments, item, operation, &place);
    let asked = security.of(reader, operation, &place)?;
    let integration = operation.get(INTEGRATION).filter(|value| !value.is_null());
    let (integration, integration_responses) = match integration {
        Some(value) => {
            let (integration, responses) = integration::read(reader, value, at)?;
            (Some(integration), responses)
        }
        None => (None, Vec::new()),
    };
    let validator = operation.get(VALIDATOR).or_else(|| reader.document.root().get(VALIDATOR));
    let validator = validator.and_then(text).filter(|name| !name.is_empty());
    let responses = responses::read(reader, operation, &place);
    let responses =
        responses.into_iter().map(|response| wire::PutMethodResponse { http_method: at.verb.into(), ..response });
    Ok(Operation {
        path: segments.to_vec(),
        method: wire::PutMethod {
            http_method: at.verb.to_owned(),
            authorization_type: asked.kind,
            authorization_scopes: Some(asked.scopes).filter(|scopes| !scopes.is_empty()),
            api_key_required: Some(asked.api_key),
            operation_name: operation.get("operationId").and_then(text),
            request_parameters: Some(takes.parameters).filter(|parameters| !parameters.is_empty()),
            request_models: Some(takes.models).filter(|models| !models.is_empty()),
            ..wire::PutMethod::default()
        },
        authorizer: asked.authorizer,
        validator,
        responses: responses.collect(),
        integration,
        integration_responses,
    })
}
