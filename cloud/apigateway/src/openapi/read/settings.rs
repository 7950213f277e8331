//! What holds for the API as a whole.

use super::values::{flag, integer, json_text, only_known, text, texts};
use crate::error::bad_request;
use crate::openapi::definition::Settings;
use crate::openapi::document::Document;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

/// The extensions that may stand at the top.
const KNOWN: [&str; 11] = [
    "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-documentation",
    "x-amazon-apigateway-endpoint-configuration",
    "x-amazon-apigateway-gateway-responses",
    // "… for HTTP APIs. Currently, the only supported value is 1.0"
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-importexport-version.html>
    "x-amazon-apigateway-importexport-version",
    "x-amazon-apigateway-minimum-compression-size",
    "x-amazon-apigateway-policy",
    "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-request-validators",
    "x-amazon-apigateway-security-policy",
];

/// Reads the settings.
pub fn read(document: &Document) -> AwsResult<Settings> {
    let root = document.root();
    only_known(root, &KNOWN)?;
    if root.get("x-amazon-apigateway-security-policy").is_some() {
        return Err(AwsError::unsupported("the extension x-amazon-apigateway-security-policy of an OpenAPI document"));
    }
    let extension = |name: &str| root.get(&format!("x-amazon-apigateway-{name}")).filter(|value| !value.is_null());
    let compression = extension("minimum-compression-size").map(|size| {
        integer(size).ok_or_else(|| bad_request("Invalid minimum compression size, must be between 0 and 10485760"))
    });
    Ok(Settings {
        api_key_source: extension("api-key-source").and_then(text),
        binary_media_types: extension("binary-media-types").map(texts),
        minimum_compression_size: compression.transpose()?,
        policy: extension("policy").map(json_text),
        disable_execute_api_endpoint: endpoint(document)?,
    })
}

/// "This object should be present in top-level vendor extensions for Swagger 2.0. For OpenAPI 3.0, it should be present under the
/// vendor extensions of the Server object"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html>).
fn endpoint(document: &Document) -> AwsResult<Option<bool>> {
    const NAME: &str = "x-amazon-apigateway-endpoint-configuration";
    let servers = document.root().get("servers").and_then(Value::as_array).into_iter().flatten();
    let places = document.root().get(NAME).into_iter().chain(servers.filter_map(|server| server.get(NAME)));
    let mut disabled = None;
    for configuration in places {
        for (name, value) in configuration.as_object().into_iter().flatten() {
            match name.as_str() {
                "disableExecuteApiEndpoint" => disabled = flag(value),
                "vpcEndpointIds" if texts(value).is_empty() => {}
                name => {
                    return Err(AwsError::unsupported(format_args!(
                        "{name} of the extension {NAME} of an OpenAPI document"
                    )));
                }
            }
        }
    }
    Ok(disabled)
}

/// The request validators by name.
pub fn validators(root: &Map<String, Value>) -> AwsResult<Vec<wire::CreateRequestValidator>> {
    let validators = root.get("x-amazon-apigateway-request-validators").and_then(Value::as_object);
    let validator = |(name, rules): (&String, &Value)| wire::CreateRequestValidator {
        rest_api_id: String::new(),
        name: Some(name.clone()),
        validate_request_body: rules.get("validateRequestBody").and_then(flag),
        validate_request_parameters: rules.get("validateRequestParameters").and_then(flag),
    };
    Ok(validators.into_iter().flatten().map(validator).collect())
}
