//! An API as a document.
//!
//! - [`operation`]: a method. [`schemas`]: models. [`security`]: authorizers and what else methods ask for.
//! - [`gateway_responses`]: what API Gateway answers itself.
//! - [`mod@yaml`]: a document's text in YAML.
//!
//! The form is that of AWS's examples
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-as-lambda-proxy-export-swagger-with-extensions.html>).

mod gateway_responses;
mod operation;
mod schemas;
mod security;
mod yaml;

pub use yaml::write as yaml;

use crate::model::RestApi;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsResult, Timestamp};

/// A version of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// OpenAPI 2.
    Swagger,
    /// OpenAPI 3.
    OpenApi3,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct Export {
    /// How.
    pub form: Form,
    /// Whether integrations and what else is API Gateway's own are.
    pub integrations: bool,
    /// Whether authorizers are.
    pub authorizers: bool,
    /// Where the API answers.
    pub host: String,
    /// The first segment of its URLs.
    pub stage: String,
}

/// Writes a document.
///
/// # Errors
/// What the form has no words for.
pub fn write(api: &RestApi, export: &Export) -> AwsResult<Value> {
    let mut document = Map::new();
    let version = match export.form {
        Form::Swagger => ("swagger", "2.0"),
        Form::OpenApi3 => ("openapi", "3.0.1"),
    };
    document.insert(version.0.into(), version.1.into());
    document.insert("info".into(), info(api));
    place(&mut document, api, export);
    document.insert("paths".into(), paths(api, export)?);
    let schemas = schemas::write(api, export.form)?;
    let schemes = security::schemes(api, export)?;
    let parts = [("definitions", "schemas", schemas), ("securityDefinitions", "securitySchemes", schemes)];
    let parts = parts.into_iter().filter(|(_, _, part)| !part.is_empty());
    match export.form {
        Form::Swagger => document.extend(parts.map(|(name, _, part)| (name.to_owned(), Value::Object(part)))),
        Form::OpenApi3 => {
            let components = parts.map(|(_, name, part)| (name.to_owned(), Value::Object(part)));
            document.insert("components".into(), Value::Object(components.collect()));
        }
    }
    if export.integrations {
        extensions(&mut document, api, export.form);
    }
    Ok(Value::Object(document))
}

/// An API without a version of its own has the time at which it was created.
fn info(api: &RestApi) -> Value {
    let created = || Timestamp::from_second(api.created).map(|moment| moment.to_string()).unwrap_or_default();
    let mut info = Map::new();
    info.insert("title".into(), api.name.clone().into());
    if let Some(description) = &api.description {
        info.insert("description".into(), description.clone().into());
    }
    info.insert("version".into(), api.version.clone().unwrap_or_else(created).into());
    Value::Object(info)
}

fn place(document: &mut Map<String, Value>, api: &RestApi, export: &Export) {
    let base_path = format!("/{}", export.stage);
    match export.form {
        Form::Swagger => {
            document.insert("host".into(), export.host.clone().into());
            document.insert("basePath".into(), base_path.into());
            document.insert("schemes".into(), json!(["https"]));
        }
        Form::OpenApi3 => {
            let mut server = json!({
                "url": format!("https://{}/{{basePath}}", export.host),
                "variables": {"basePath": {"default": base_path}},
            });
            if export.integrations && api.disable_execute_api_endpoint {
                server["x-amazon-apigateway-endpoint-configuration"] = json!({"disableExecuteApiEndpoint": true});
            }
            document.insert("servers".into(), json!([server]));
        }
    }
}

fn paths(api: &RestApi, export: &Export) -> AwsResult<Value> {
    let mut resources: Vec<_> = api.resources.values().filter(|resource| !resource.methods.is_empty()).collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    let mut paths = Map::new();
    for resource in resources {
        let mut item = Map::new();
        for method in resource.methods.values() {
            let verb = match method.http_method.as_str() {
                "ANY" => "x-amazon-apigateway-any-method".to_owned(),
                verb => verb.to_ascii_lowercase(),
            };
            item.insert(verb, operation::write(api, resource, method, export)?);
        }
        paths.insert(resource.path.clone(), Value::Object(item));
    }
    Ok(Value::Object(paths))
}

fn extensions(document: &mut Map<String, Value>, api: &RestApi, form: Form) {
    let mut insert = |name: &str, value: Value| document.insert(format!("x-amazon-apigateway-{name}"), value);
    if !api.gateway_responses.is_empty() {
        insert("gateway-responses", Value::Object(gateway_responses::write(api)));
    }
    if !api.request_validators.is_empty() {
        let validators = api.request_validators.values().map(|validator| {
            let rules = json!({
                "validateRequestParameters": validator.validate_request_parameters,
                "validateRequestBody": validator.validate_request_body,
            });
            (validator.name.clone().unwrap_or_else(|| validator.id.clone()), rules)
        });
        insert("request-validators", Value::Object(validators.collect()));
    }
    if !api.binary_media_types.is_empty() {
        insert("binary-media-types", json!(api.binary_media_types));
    }
    if let Some(size) = api.minimum_compression_size {
        insert("minimum-compression-size", size.into());
    }
    if api.api_key_source != "HEADER" {
        insert("api-key-source", api.api_key_source.clone().into());
    }
    if let Some(policy) = api.policy.as_ref().and_then(|policy| serde_json::from_str::<Value>(policy).ok()) {
        insert("policy", policy);
    }
    if form == Form::Swagger && api.disable_execute_api_endpoint {
        insert("endpoint-configuration", json!({"disableExecuteApiEndpoint": true}));
    }
}
