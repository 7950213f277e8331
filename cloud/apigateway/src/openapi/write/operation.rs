//! A method as an operation.

use super::{Export, Form, schemas, security};
use crate::model::{Integration, IntegrationResponse, Method, MethodResponse, Resource, RestApi, Texts};
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::{BTreeMap, BTreeSet};

/// Writes a method.
pub fn write(api: &RestApi, resource: &Resource, method: &Method, export: &Export) -> AwsResult<Value> {
    let mut operation = Map::new();
    if let Some(name) = &method.operation_name {
        operation.insert("operationId".into(), name.clone().into());
    }
    let mut parameters = parameters(method.request_parameters.as_ref(), export.form);
    if let Some(models) = &method.request_models {
        body(&mut operation, &mut parameters, models, export.form)?;
    }
    if export.form == Form::Swagger {
        let answered = method.responses.values().filter_map(|response| response.response_models.as_ref());
        let types: BTreeSet<&String> = answered.flat_map(Texts::keys).collect();
        if !types.is_empty() {
            operation.insert("produces".into(), json!(types));
        }
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), Value::Array(parameters));
    }
    let mut responses = Map::new();
    for (status, response) in &method.responses {
        responses.insert(status.clone(), response_of(response, export.form)?);
    }
    operation.insert("responses".into(), Value::Object(responses));
    let demands = security::demands(api, method);
    if !demands.is_empty() {
        operation.insert("security".into(), Value::Array(demands));
    }
    if export.integrations {
        let validator = method.request_validator_id.as_ref().and_then(|id| api.request_validators.get(id));
        if let Some(validator) = validator {
            let name = validator.name.clone().unwrap_or_else(|| validator.id.clone());
            operation.insert("x-amazon-apigateway-request-validator".into(), name.into());
        }
        if let Some(integration) = &method.integration {
            operation.insert("x-amazon-apigateway-integration".into(), integration_of(resource, integration));
        }
    }
    Ok(Value::Object(operation))
}

fn parameters(parameters: Option<&BTreeMap<String, bool>>, form: Form) -> Vec<Value> {
    let parameter = |(name, required): (&String, &bool)| {
        let (place, name) = name.strip_prefix("method.request.")?.split_once('.')?;
        let place = if place == "querystring" { "query" } else { place };
        let mut parameter = json!({"name": name, "in": place});
        if *required {
            parameter["required"] = true.into();
        }
        match form {
            Form::Swagger => parameter["type"] = "string".into(),
            Form::OpenApi3 => parameter["schema"] = json!({"type": "string"}),
        }
        Some(parameter)
    };
    parameters.into_iter().flatten().filter_map(parameter).collect()
}

/// OpenAPI 2 has one body, whatever its content type.
fn body(operation: &mut Map<String, Value>, parameters: &mut Vec<Value>, models: &Texts, form: Form) -> AwsResult<()> {
    match form {
        Form::Swagger => {
            let name = only(models)?;
            operation.insert("consumes".into(), json!(models.keys().collect::<Vec<_>>()));
            let schema = schemas::reference(name, form);
            parameters.push(json!({"in": "body", "name": name, "required": true, "schema": schema}));
        }
        Form::OpenApi3 => {
            operation.insert("requestBody".into(), json!({"content": content(models), "required": true}));
        }
    }
    Ok(())
}

fn only(models: &Texts) -> AwsResult<&str> {
    let names: BTreeSet<&String> = models.values().collect();
    match names.into_iter().collect::<Vec<_>>()[..] {
        [name] => Ok(name),
        _ => Err(AwsError::unsupported("exporting several models of one body as Swagger")),
    }
}

fn content(models: &Texts) -> Value {
    let body = |(media_type, name): (&String, &String)| {
        (media_type.clone(), json!({"schema": schemas::reference(name, Form::OpenApi3)}))
    };
    Value::Object(models.iter().map(body).collect())
}

fn response_of(response: &MethodResponse, form: Form) -> AwsResult<Value> {
    let mut written = json!({"description": format!("{} response", response.status_code)});
    let header = |name: &String| {
        let name = name.strip_prefix("method.response.header.")?;
        let kind = match form {
            Form::Swagger => json!({"type": "string"}),
            Form::OpenApi3 => json!({"schema": {"type": "string"}}),
        };
        Some((name.to_owned(), kind))
    };
    let headers = response.response_parameters.iter().flat_map(BTreeMap::keys).filter_map(header);
    let headers: Map<String, Value> = headers.collect();
    if !headers.is_empty() {
        written["headers"] = Value::Object(headers);
    }
    match (&response.response_models, form) {
        (Some(models), Form::Swagger) => written["schema"] = schemas::reference(only(models)?, form),
        (Some(models), Form::OpenApi3) => written["content"] = content(models),
        (None, _) => {}
    }
    Ok(written)
}

fn integration_of(resource: &Resource, integration: &Integration) -> Value {
    let mut written = Map::new();
    let mut insert = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            written.insert(name.into(), value);
        }
    };
    insert("type", Some(integration.kind.name().to_ascii_lowercase().into()));
    insert("httpMethod", integration.http_method.clone().map(Value::from));
    insert("uri", integration.uri.clone().map(Value::from));
    insert("credentials", integration.credentials.clone().map(Value::from));
    insert("responses", responses(&integration.responses));
    insert("requestParameters", integration.request_parameters.as_ref().map(|parameters| json!(parameters)));
    insert("requestTemplates", integration.request_templates.as_ref().map(|templates| json!(templates)));
    insert("passthroughBehavior", Some(integration.passthrough_behavior.name().to_ascii_lowercase().into()));
    insert("contentHandling", integration.content_handling.clone().map(Value::from));
    let longer = integration.timeout_in_millis != 29_000;
    insert("timeoutInMillis", longer.then(|| integration.timeout_in_millis.into()));
    let streams = integration.response_transfer_mode != Default::default();
    insert("responseTransferMode", streams.then(|| integration.response_transfer_mode.name().into()));
    let named = integration.cache_namespace != resource.id;
    insert("cacheNamespace", named.then(|| integration.cache_namespace.clone().into()));
    let cached = !integration.cache_key_parameters.is_empty();
    insert("cacheKeyParameters", cached.then(|| json!(integration.cache_key_parameters)));
    Value::Object(written)
}

fn responses(responses: &BTreeMap<String, IntegrationResponse>) -> Option<Value> {
    let response = |response: &IntegrationResponse| {
        let mut written = json!({"statusCode": response.status_code});
        if let Some(parameters) = &response.response_parameters {
            written["responseParameters"] = json!(parameters);
        }
        if let Some(templates) = &response.response_templates {
            written["responseTemplates"] = json!(templates);
        }
        if let Some(handling) = &response.content_handling {
            written["contentHandling"] = handling.clone().into();
        }
        (response.selection_pattern.clone().unwrap_or_else(|| "default".into()), written)
    };
    let written: Map<String, Value> = responses.values().map(response).collect();
    (!written.is_empty()).then_some(Value::Object(written))
}
