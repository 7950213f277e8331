//! Schemas as models.

use super::reader::Reader;
use super::values::text;
use serde_json::Value;
use slam_cloud_core::id;
use slam_cloud_wire::apigateway as wire;

/// The models of the schemas that have names.
pub fn named(reader: &mut Reader<'_>) -> Vec<wire::CreateModel> {
    let schemas = reader.document.components("definitions", "schemas").into_iter().flatten();
    schemas.map(|(name, schema)| model(reader.api_id, name.clone(), schema)).collect()
}

/// A model refers to others of the API by their URLs (recorded: test_import_swagger_api).
fn model(api_id: &str, name: String, schema: &Value) -> wire::CreateModel {
    let mut written = schema.clone();
    rewrite(&mut written, api_id);
    wire::CreateModel {
        rest_api_id: String::new(),
        name,
        description: schema.get("description").and_then(text),
        schema: Some(written.to_string()),
        content_type: "application/json".into(),
    }
}

fn rewrite(schema: &mut Value, api_id: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, api_id)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str().and_then(local) {
                    Some(name) if key == "$ref" => {
                        *value = format!("https://apigateway.amazonaws.com/restapis/{api_id}/models/{name}").into();
                    }
                    _ => rewrite(value, api_id),
                }
            }
        }
        _ => {}
    }
}

/// The name of a schema of the document.
fn local(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/definitions/").or_else(|| reference.strip_prefix("#/components/schemas/"))
}

/// The name of a schema's model. `place` is where it stands: `paths.'/a'(get).responses.200.schema`.
///
/// A schema without a name gets one, which is the same each time. That AWS makes models of them is seen in its exports; its
/// names are others.
pub fn name(reader: &mut Reader<'_>, schema: &Value, place: &str) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = local(reference).or_else(|| reference.rsplit_once("/models/").map(|(_, name)| name));
        let known = reader.document.components("definitions", "schemas");
        let known = |name: &str| local(reference).is_none() || known.is_some_and(|schemas| schemas.contains_key(name));
        let found = name.filter(|name| known(name)).map(str::to_owned);
        if found.is_none() {
            // What AWS says of HTTP APIs, in moto's tests that are verified on AWS (`test_reimport_api_failonwarnings`).
            reader.warn(format!("Parse issue: attribute {place}.{reference} is missing"));
        }
        return found;
    }
    schema.as_object().filter(|schema| !schema.is_empty())?;
    let name = format!("MODEL{}", id::made_by(&schema.to_string(), "Model", 6));
    reader.note(model(reader.api_id, name.clone(), schema));
    Some(name)
}
