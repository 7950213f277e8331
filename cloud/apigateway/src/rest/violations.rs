//! What is wrong with a body, in the words of the validator that AWS uses (json-schema-validator for Java, as its users
//! quote it from `$context.error.validationErrorString` and from execution logs).

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is said of a body that cannot be read.
pub const UNREADABLE: &str = "[Unknown error parsing request body]";
/// So many are told; a body may break a schema in as many places as it has.
const MOST: usize = 100;

/// All that is wrong with a document, in brackets.
pub fn violations(validator: &Validator, document: &Value) -> String {
    // What one object lacks is told together.
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut told: Vec<(String, Option<String>)> = Vec::new();
    for error in validator.iter_errors(document).take(MOST) {
        let place = error.instance_path().to_string();
        match error.kind() {
            Kind::Required { property } => {
                let names = missing.entry(place.clone()).or_default();
                if names.is_empty() {
                    told.push((place, None));
                }
                names.push(property.to_string());
            }
            _ => told.push((place, Some(one(&error)))),
        }
    }
    let lacks = |place: &str| {
        let mut names = missing.get(place).cloned().unwrap_or_default();
        names.sort();
        format!("object has missing required properties ([{}])", names.join(","))
    };
    let told: Vec<String> = told.into_iter().map(|(place, text)| text.unwrap_or_else(|| lacks(&place))).collect();
    format!("[{}]", told.join(", "))
}

fn one(error: &ValidationError<'_>) -> String {
    let instance = error.instance();
    let length = || instance.as_str().map_or(0, |text| text.chars().count());
    let items = || instance.as_array().map_or(0, Vec::len);
    let members = || instance.as_object().map_or(0, serde_json::Map::len);
    match error.kind() {
        Kind::Type { kind } => format!(
            "instance type ({}) does not match any allowed primitive type (allowed: [{}])",
            type_of(instance),
            allowed(kind)
        ),
        Kind::Enum { options } => format!("instance value ({instance}) not found in enum (possible values: {options})"),
        Kind::AdditionalProperties { unexpected } => {
            let mut names: Vec<String> = unexpected.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
            names.sort();
            format!("object instance has properties which are not allowed by the schema: [{}]", names.join(","))
        }
        Kind::AdditionalItems { limit } => {
            format!("schema only allows {limit} elements in array but instance has {} elements", items())
        }
        Kind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})")
        }
        Kind::Maximum { limit } => {
            format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})")
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        Kind::MinLength { limit } => {
            format!("string {instance} is too short (length: {}, required minimum: {limit})", length())
        }
        Kind::MaxLength { limit } => {
            format!("string {instance} is too long (length: {}, maximum allowed: {limit})", length())
        }
        Kind::Pattern { pattern } => format!("ECMA 262 regex \"{pattern}\" does not match input string {instance}"),
        Kind::MinItems { limit } => {
            format!("array is too short: must have at least {limit} elements but instance has {} elements", items())
        }
        Kind::MaxItems { limit } => {
            format!("array is too long: must have at most {limit} elements but instance has {} elements", items())
        }
        Kind::UniqueItems => "array must not contain duplicate elements".to_owned(),
        Kind::MinProperties { limit } => {
            format!("object has too few properties (found {} but schema requires at least {limit})", members())
        }
        Kind::MaxProperties { limit } => {
            format!("object has too many properties (found {} but schema requires at most {limit})", members())
        }
        Kind::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        Kind::OneOfNotValid { context } => {
            format!("instance failed to match exactly one schema (matched 0 out of {})", context.len())
        }
        Kind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!("instance failed to match exactly one schema (matched {matched} out of {})", context.len())
        }
        Kind::Not { .. } => "instance matched a schema which it should not have".to_owned(),
        // What has no words of AWS's here has ours.
        _ => error.to_string(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn allowed(kind: &TypeKind) -> String {
    let mut names: Vec<String> = match kind {
        TypeKind::Single(one) => vec![format!("\"{one}\"")],
        TypeKind::Multiple(several) => several.iter().map(|one| format!("\"{one}\"")).collect(),
    };
    // A number may be an integer.
    if names.contains(&"\"number\"".to_owned()) && !names.contains(&"\"integer\"".to_owned()) {
        names.push("\"integer\"".to_owned());
    }
    names.sort();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(schema: Value, document: Value, expected: &str) {
        let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).unwrap();
        assert_eq!(violations(&validator, &document), expected, "{document}");
    }

    /// As users quote them: github.com/aws-samples (event-schema validation), github.com/Netflix/atlas, com.github.fge.
    #[test]
    fn what_is_wrong_is_told_in_the_words_of_the_validator() {
        let named = json!({"type": "object", "required": ["b", "a"]});
        check(named.clone(), json!({}), "[object has missing required properties ([\"a\",\"b\"])]");
        check(
            named,
            json!("x"),
            "[instance type (string) does not match any allowed primitive type (allowed: [\"object\"])]",
        );
        let number = json!({"properties": {"n": {"type": "number", "minimum": 1}}, "additionalProperties": false});
        check(
            number.clone(),
            json!({"n": "x"}),
            "[instance type (string) does not match any allowed primitive type (allowed: [\"integer\",\"number\"])]",
        );
        check(
            number.clone(),
            json!({"n": 0}),
            "[numeric instance is lower than the required minimum (minimum: 1, found: 0)]",
        );
        check(
            number,
            json!({"m": 1, "l": 2}),
            "[object instance has properties which are not allowed by the schema: [\"l\",\"m\"]]",
        );
        check(
            json!({"enum": ["a", "b"]}),
            json!("c"),
            "[instance value (\"c\") not found in enum (possible values: [\"a\",\"b\"])]",
        );
        check(
            json!({"minItems": 1}),
            json!([]),
            "[array is too short: must have at least 1 elements but instance has 0 elements]",
        );
        check(json!({"minLength": 1}), json!(""), "[string \"\" is too short (length: 0, required minimum: 1)]");
        check(json!({"pattern": "a+"}), json!("b"), "[ECMA 262 regex \"a+\" does not match input string \"b\"]");
        let one = json!({"oneOf": [{"type": "string"}, {"type": "boolean"}]});
        check(one, json!(1), "[instance failed to match exactly one schema (matched 0 out of 2)]");
    }
}
