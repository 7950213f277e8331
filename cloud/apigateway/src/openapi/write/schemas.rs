//! Models as schemas.

use super::Form;
use crate::error::bad_request;
use crate::model::RestApi;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;

/// The schemas of all models by name. "If you define models in your API, they must be for the content type of "application/json""
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html>).
pub fn write(api: &RestApi, form: Form) -> AwsResult<Map<String, Value>> {
    let schema = |model: &crate::model::Model| {
        if model.content_type != "application/json" {
            return Err(bad_request(format!("Only found non-JSON body models for {}", model.name)));
        }
        let mut schema: Value = serde_json::from_str(&model.schema).unwrap_or_default();
        // OpenAPI has no word for it.
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("$schema");
        }
        rewrite(&mut schema, form);
        Ok((model.name.clone(), schema))
    };
    api.models.values().map(schema).collect()
}

/// A reference to a model's schema.
pub fn reference(name: &str, form: Form) -> Value {
    json!({"$ref": path(name, form)})
}

fn path(name: &str, form: Form) -> String {
    match form {
        Form::Swagger => format!("#/definitions/{name}"),
        Form::OpenApi3 => format!("#/components/schemas/{name}"),
    }
}

/// Models refer to one another by URLs.
fn rewrite(schema: &mut Value, form: Form) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, form)),
        Value::Object(entries) => {
            for (key, value) in entries {
                let url = value.as_str().filter(|_| key == "$ref");
                match url.and_then(|url| url.rsplit_once("/models/")) {
                    Some((_, name)) => *value = path(name, form).into(),
                    None => rewrite(value, form),
                }
            }
        }
        _ => {}
    }
}
