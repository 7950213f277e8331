//! What is said about the parts of an API.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-documentation.html>

use super::values::{json_text, text};
use crate::error::bad_request;
use crate::openapi::document::Document;
use serde_json::Value;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The documentation parts of a document.
///
/// # Errors
/// When one has no type.
pub fn parts(document: &Document) -> AwsResult<Vec<wire::CreateDocumentationPart>> {
    let documentation = document.root().get("x-amazon-apigateway-documentation");
    let parts = documentation.and_then(|documentation| documentation.get("documentationParts"));
    parts.and_then(Value::as_array).into_iter().flatten().map(part).collect()
}

fn part(part: &Value) -> AwsResult<wire::CreateDocumentationPart> {
    let location = |name: &str| part.get("location").and_then(|location| location.get(name)).and_then(text);
    Ok(wire::CreateDocumentationPart {
        rest_api_id: String::new(),
        location: wire::DocumentationPartLocation {
            r#type: location("type").ok_or_else(|| bad_request("Documentation part location type is required"))?,
            path: location("path"),
            method: location("method"),
            status_code: location("statusCode"),
            name: location("name"),
        },
        properties: part.get("properties").map(json_text).unwrap_or_default(),
    })
}
