//! What answers a method.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use super::reader::Reader;
use super::values::{entries, integer, text, texts};
use crate::error::bad_request;
use crate::model::Texts;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

/// Where it stands, for warnings.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// `/a/b`
    pub path: &'a str,
    /// `GET`
    pub verb: &'a str,
}

/// An integration with its responses.
pub type Read = (wire::PutIntegration, Vec<wire::PutIntegrationResponse>);

/// Reads an integration.
pub fn read(reader: &mut Reader<'_>, value: &Value, place: Place<'_>) -> AwsResult<Read> {
    if value.get("$ref").is_some() {
        // "x-amazon-apigateway-integrations … Supported only for HTTP APIs"
        return Err(AwsError::unsupported("a reference to an integration of an OpenAPI document"));
    }
    let Some(members) = value.as_object() else {
        return Err(bad_request("x-amazon-apigateway-integration must be an object"));
    };
    let mut made = wire::PutIntegration { http_method: place.verb.to_owned(), ..wire::PutIntegration::default() };
    let mut responses = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "type" => made.r#type = text(value).unwrap_or_default().to_ascii_uppercase(),
            "httpMethod" => made.integration_http_method = text(value).map(|verb| verb.to_ascii_uppercase()),
            "uri" => made.uri = text(value),
            "credentials" => made.credentials = text(value).filter(|role| !role.is_empty()),
            "connectionType" => made.connection_type = text(value),
            "connectionId" => made.connection_id = text(value),
            "requestParameters" => made.request_parameters = mappings(reader, name, value, place),
            "requestTemplates" => made.request_templates = templates(value),
            "passthroughBehavior" => made.passthrough_behavior = text(value).map(|name| name.to_ascii_uppercase()),
            "contentHandling" => made.content_handling = text(value).map(|name| name.to_ascii_uppercase()),
            "timeoutInMillis" => made.timeout_in_millis = Some(timeout(value)?),
            "cacheNamespace" => made.cache_namespace = text(value),
            "cacheKeyParameters" => made.cache_key_parameters = Some(texts(value)),
            "responseTransferMode" => made.response_transfer_mode = text(value).map(|name| name.to_ascii_uppercase()),
            "responses" => responses = responses_of(reader, value, place)?,
            // Of HTTP APIs; recorded with REST APIs, too, where it does nothing (test_import_with_stage_variables).
            "payloadFormatVersion" => {}
            "tlsConfig" | "integrationTarget" | "integrationSubtype" => {
                return Err(AwsError::unsupported(format_args!("{name} of an integration of an OpenAPI document")));
            }
            name if name.starts_with("x-") => {}
            name => {
                let Place { path, verb } = place;
                reader.warn(format!("Ignoring '{name}' of the integration of resource '{path}' and method '{verb}'"));
            }
        }
    }
    Ok((made, responses))
}

fn timeout(value: &Value) -> AwsResult<i64> {
    integer(value).ok_or_else(|| bad_request("Timeout should be between 50 ms and 29000 ms"))
}

/// The words are recorded: test_import_rest_api_with_base_path_oas30.
fn mappings(reader: &mut Reader<'_>, member: &str, value: &Value, Place { path, verb }: Place<'_>) -> Option<Texts> {
    let mut mappings = Texts::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::String(from) => {
                mappings.insert(name.clone(), from.clone());
            }
            other => reader.warn(format!(
                "Invalid format for '{member}'. Expected type string for property '{name}' of resource '{path}' and method \
                 '{verb}' but got '{other}'"
            )),
        }
    }
    Some(mappings).filter(|mappings| !mappings.is_empty())
}

/// A template that is written as JSON is its text.
fn templates(value: &Value) -> Option<Texts> {
    entries(value).filter(|templates| !templates.is_empty())
}

/// By patterns; `default` is what no other matches.
fn responses_of(
    reader: &mut Reader<'_>,
    value: &Value,
    place: Place<'_>,
) -> AwsResult<Vec<wire::PutIntegrationResponse>> {
    let mut responses: Vec<wire::PutIntegrationResponse> = Vec::new();
    for (pattern, response) in value.as_object().into_iter().flatten() {
        let response = response.as_object().cloned().unwrap_or_default();
        let made = one(reader, pattern, &response, place)?;
        if let Some(other) = responses.iter_mut().find(|other| other.status_code == made.status_code) {
            // An integration has one response for a status.
            let Place { path, verb } = place;
            let status = &made.status_code;
            reader.warn(format!(
                "Several responses with the status {status} of the integration of resource '{path}' and method '{verb}': the last counts"
            ));
            *other = made;
        } else {
            responses.push(made);
        }
    }
    Ok(responses)
}

fn one(
    reader: &mut Reader<'_>,
    pattern: &str,
    response: &Map<String, Value>,
    place: Place<'_>,
) -> AwsResult<wire::PutIntegrationResponse> {
    let status = response.get("statusCode").and_then(text).unwrap_or_else(|| pattern.to_owned());
    if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad_request(format!("Invalid status code specified for the integration response '{pattern}'")));
    }
    let parameters = response.get("responseParameters");
    Ok(wire::PutIntegrationResponse {
        http_method: place.verb.to_owned(),
        status_code: status,
        selection_pattern: (pattern != "default").then(|| pattern.to_owned()),
        response_parameters: parameters.and_then(|given| mappings(reader, "responseParameters", given, place)),
        response_templates: response.get("responseTemplates").and_then(templates),
        content_handling: response.get("contentHandling").and_then(text).map(|name| name.to_ascii_uppercase()),
        ..wire::PutIntegrationResponse::default()
    })
}
