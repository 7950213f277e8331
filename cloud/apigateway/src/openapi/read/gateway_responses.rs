//! What API Gateway answers itself.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>

use super::reader::Reader;
use super::values::{entries, json_text};
use crate::error::bad_request;
use crate::model::Texts;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

const NAME: &str = "x-amazon-apigateway-gateway-responses";

/// Reads the gateway responses, by their types.
///
/// # Errors
/// What is no object where one must be.
pub fn read(reader: &mut Reader<'_>) -> AwsResult<Vec<wire::PutGatewayResponse>> {
    let Some(responses) = reader.document.root().get(NAME).filter(|responses| !responses.is_null()) else {
        return Ok(Vec::new());
    };
    let responses = responses.as_object().ok_or_else(|| no_object(NAME))?;
    responses.iter().map(|(kind, response)| one(reader, kind, response)).collect()
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.gatewayResponse.html>
fn one(reader: &mut Reader<'_>, kind: &str, response: &Value) -> AwsResult<wire::PutGatewayResponse> {
    let members = response.as_object().ok_or_else(|| no_object(&format!("The gateway response {kind}")))?;
    let texts = |name: &str, value: &Value| -> AwsResult<Option<Texts>> {
        entries(value).map(Some).ok_or_else(|| no_object(&format!("{name} of the gateway response {kind}")))
    };
    let mut made = wire::PutGatewayResponse { response_type: kind.to_owned(), ..wire::PutGatewayResponse::default() };
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "statusCode" => made.status_code = Some(json_text(value)),
            "responseParameters" => made.response_parameters = texts(name, value)?,
            "responseTemplates" => made.response_templates = texts(name, value)?,
            name if name.starts_with("x-") => {}
            name => reader.warn(format!("Ignoring '{name}' of the gateway response {kind}")),
        }
    }
    Ok(made)
}

fn no_object(what: &str) -> AwsError {
    bad_request(format!("{what} must be an object"))
}
