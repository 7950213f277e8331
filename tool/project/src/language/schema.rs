//! The JSON Schema of slam.yaml, for editors.

use super::{FILE, Key, Shape, Status};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 7, which editors know best) of what this version understands.
#[must_use]
pub fn schema() -> Value {
    let mut schema = of_shape(&FILE);
    let head = [
        ("$schema", json!("http://json-schema.org/draft-07/schema#")),
        ("title", json!("slam.yaml")),
        ("description", json!("A Python function or web application, deployed by slam.")),
        ("required", json!(["name"])),
        // A program of a `provided` runtime has one entry, which needs no name.
        (
            "anyOf",
            json!([
                {"required": ["app"]}, {"required": ["handler"]}, {"required": ["function"]},
                {"required": ["runtime"], "properties": {"runtime": {"pattern": "^provided"}}},
            ]),
        ),
    ];
    if let Value::Object(schema) = &mut schema {
        for (at, (name, value)) in head.into_iter().enumerate() {
            schema.shift_insert(at, name.to_owned(), value);
        }
        // The file itself, unlike a section in it, cannot be empty.
        schema.insert("type".to_owned(), json!("object"));
    }
    schema
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_shape(&key.shape);
    if let Value::Object(schema) = &mut schema {
        let about = match key.status {
            Status::Original(today) => format!("{} Today: `{today}`.", key.about),
            _ => key.about.to_owned(),
        };
        schema.shift_insert(0, "description".to_owned(), Value::String(about));
    }
    schema
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Shape::Choice { now, .. } => json!({"enum": now}),
        Shape::List(item) => json!({"type": ["array", "null"], "items": of_shape(item)}),
        Shape::OneOrMany(item) => {
            let item = of_shape(item);
            json!({"anyOf": [item.clone(), {"type": "array", "items": item}]})
        }
        Shape::Map(item) => json!({"type": ["object", "null"], "additionalProperties": of_shape(item)}),
        Shape::AnyOf(shapes) => json!({"anyOf": shapes.iter().map(of_shape).collect::<Vec<_>>()}),
        Shape::CloudFormation => json!({}),
        Shape::Section(keys) => {
            let known = keys.iter().filter(|key| !matches!(key.status, Status::Later));
            let properties: Map<_, _> = known.map(|key| (key.name.to_owned(), of_key(key))).collect();
            json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
        }
    }
}
