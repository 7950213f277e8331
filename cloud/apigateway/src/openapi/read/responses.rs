//! The statuses that a method may answer with.

use super::models;
use super::parameters::{content_models, media_types};
use super::reader::Reader;
use crate::model::Texts;
use serde_json::{Map, Value};
use slam_cloud_wire::apigateway as wire;

/// Reads the responses of a method.
pub fn read(reader: &mut Reader<'_>, operation: &Map<String, Value>, place: &str) -> Vec<wire::PutMethodResponse> {
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let responses = responses.filter(|(status, _)| !status.starts_with("x-"));
    responses.filter_map(|(status, response)| one(reader, operation, status, response, place)).collect()
}

fn one(
    reader: &mut Reader<'_>,
    operation: &Map<String, Value>,
    status: &str,
    response: &Value,
    place: &str,
) -> Option<wire::PutMethodResponse> {
    let document = reader.document;
    if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
        reader.warn(format!("Ignoring response {status} of {place}: it is no status code"));
        return None;
    }
    // "Response definitions of the "500": {"$ref": "#/responses/UnexpectedError"} form is not supported"
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
    let referred = document.is_swagger() && response.get("$ref").is_some();
    let Some(response) = document.resolve(response).filter(|_| !referred) else {
        reader.warn(format!("Ignoring response {status} of {place}: its reference is not supported"));
        return None;
    };
    let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    let parameters = headers.map(|(name, _)| (format!("method.response.header.{name}"), false));
    let models = models_of(reader, operation, response, &format!("{place}.responses.{status}"));
    Some(wire::PutMethodResponse {
        status_code: status.to_owned(),
        response_parameters: Some(parameters.collect())
            .filter(|parameters: &std::collections::BTreeMap<_, _>| !parameters.is_empty()),
        response_models: Some(models).filter(|models| !models.is_empty()),
        ..wire::PutMethodResponse::default()
    })
}

fn models_of(reader: &mut Reader<'_>, operation: &Map<String, Value>, response: &Value, place: &str) -> Texts {
    if let Some(content) = response.get("content").and_then(Value::as_object) {
        return content_models(reader, content, place);
    }
    let document = reader.document;
    let model = response.get("schema").and_then(|schema| models::name(reader, schema, &format!("{place}.schema")));
    let Some(model) = model else { return Texts::new() };
    let types = media_types(operation, document.root(), "produces");
    types.into_iter().map(|media_type| (media_type, model.clone())).collect()
}
