//! What a method takes.

use super::models;
use super::reader::Reader;
use super::values::{flag, text, texts};
use crate::model::Texts;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Parameters, and models of bodies by content type.
#[derive(Default)]
pub struct Parameters {
    /// `method.request.header.x`: whether it is required.
    pub parameters: BTreeMap<String, bool>,
    /// Content type: name of a model.
    pub models: Texts,
}

/// Reads what a method of a path takes. Its own parameters stand before those of the path.
pub fn read(
    reader: &mut Reader<'_>,
    segments: &[String],
    item: &Map<String, Value>,
    operation: &Map<String, Value>,
    place: &str,
) -> Parameters {
    let mut read = Parameters::default();
    // Recorded: a variable of the path is a parameter without being declared (test_import_with_global_api_key_authorizer).
    for segment in segments {
        let variable = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if let Some(name) = variable {
            let name = name.strip_suffix('+').unwrap_or(name);
            read.parameters.insert(format!("method.request.path.{name}"), true);
        }
    }
    for list in [item, operation].map(|object| object.get("parameters").and_then(Value::as_array)) {
        for parameter in list.into_iter().flatten() {
            parameter_of(reader, &mut read, parameter, operation, place);
        }
    }
    if let Some(body) = operation.get("requestBody") {
        match reader.document.resolve(body).and_then(|body| body.get("content")).and_then(Value::as_object) {
            Some(content) => read.models.extend(content_models(reader, content, &format!("{place}.requestBody"))),
            None => reader.warn(format!("Parse issue: attribute {place}.requestBody.content is missing")),
        }
    }
    read
}

fn parameter_of(
    reader: &mut Reader<'_>,
    read: &mut Parameters,
    parameter: &Value,
    operation: &Map<String, Value>,
    place: &str,
) {
    let document = reader.document;
    let Some(parameter) = document.resolve(parameter).and_then(Value::as_object) else {
        return reader.warn(format!("Parse issue: attribute {place}.parameters has a reference to what is missing"));
    };
    let name = parameter.get("name").and_then(text).unwrap_or_default();
    let required = parameter.get("required").and_then(flag).unwrap_or(false);
    let kind = parameter.get("in").and_then(Value::as_str).unwrap_or_default();
    let to = match kind {
        "query" => "querystring",
        "header" => "header",
        "path" => "path",
        "body" => {
            let schema = parameter.get("schema");
            if let Some(model) =
                schema.and_then(|schema| models::name(reader, schema, &format!("{place}.parameters.schema")))
            {
                let types = media_types(operation, document.root(), "consumes");
                read.models.extend(types.into_iter().map(|media_type| (media_type, model.clone())));
            }
            return;
        }
        kind => {
            return reader
                .warn(format!("Parse issue: attribute {place}.parameters has '{name}' in {kind}, which is ignored"));
        }
    };
    if !name.is_empty() {
        read.parameters.insert(format!("method.request.{to}.{name}"), required || to == "path");
    }
}

/// OpenAPI 2 has media types apart from schemas: an operation's, or the document's.
pub fn media_types(operation: &Map<String, Value>, root: &Map<String, Value>, member: &str) -> Vec<String> {
    let types = operation.get(member).or_else(|| root.get(member)).map(texts).unwrap_or_default();
    if types.is_empty() { vec!["application/json".to_owned()] } else { types }
}

/// The models of a body by content type, as OpenAPI 3 has them.
pub fn content_models(reader: &mut Reader<'_>, content: &Map<String, Value>, place: &str) -> Texts {
    let model = |(media_type, body): (&String, &Value)| {
        let name = models::name(reader, body.get("schema")?, &format!("{place}.content.schema"))?;
        Some((media_type.clone(), name))
    };
    content.iter().filter_map(model).collect()
}
