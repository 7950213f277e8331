//! The types that a request must have, in the words of DynamoDB's own front, which differ from other services' (asserted on
//! AWS: dynalite's suite, test/helpers.js, `assertType`).

use serde_json::Value;
use slam_cloud_core::schema::{Schema, Structure};

/// Where AWS's types live.
const PACKAGE: &str = "com.amazonaws.dynamodb.v20120810.";
/// What Java says where a type with parameters meets a scalar.
const CAST: &str = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class \
                    java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are \
                    in module java.base of loader 'bootstrap')";
const STRUCTURE: &str = "Start of structure or map found where not expected";

/// Checks a request against its model.
///
/// # Errors
/// The message of AWS's `SerializationException`.
pub fn check(schema: &Schema, request: &Value) -> Result<(), String> {
    value(schema, request, false)
}

/// `within` tells a value of a list or map from a member.
fn value(schema: &Schema, json: &Value, within: bool) -> Result<(), String> {
    match (schema, json) {
        (_, Value::Null) | (Schema::Document, _) => Ok(()),
        (Schema::Structure(structure), Value::Object(members)) => members.iter().try_for_each(|(name, json)| {
            let member = structure.members.iter().find(|member| member.wire_name == name);
            member.map_or(Ok(()), |member| value(member.schema, json, false))
        }),
        (Schema::List(list), Value::Array(items)) => items.iter().try_for_each(|item| value(list.member, item, true)),
        (Schema::Map(map), Value::Object(entries)) => {
            entries.values().try_for_each(|item| value(map.value, item, true))
        }
        (Schema::Structure(Structure { name, .. }), Value::Array(_)) => {
            Err(format!("Unrecognized collection type class {PACKAGE}{name}"))
        }
        (Schema::Map(_), Value::Array(_)) => Err(format!("Unrecognized collection type {}", java(schema))),
        (Schema::Structure(_), _) if within => Err("Unexpected value type in payload".to_owned()),
        (Schema::List(_), Value::Object(_)) => Err(STRUCTURE.to_owned()),
        (Schema::List(_) | Schema::Map(_), _) if within => Err(CAST.to_owned()),
        (Schema::Structure(_) | Schema::List(_) | Schema::Map(_), _) => Err("Unexpected field type".to_owned()),
        (_, Value::Object(_)) => Err(STRUCTURE.to_owned()),
        (_, Value::Array(_)) => Err(format!("Unrecognized collection type class {}", java(schema))),
        (Schema::Blob(_), Value::String(text)) => base64(text),
        (Schema::Blob(_), _) => Err("only base-64-encoded strings are convertible to bytes".to_owned()),
        (Schema::String(_), Value::String(_))
        | (Schema::Boolean, Value::Bool(_))
        | (Schema::Integer(_) | Schema::Long(_) | Schema::Float(_) | Schema::Double(_), Value::Number(_))
        | (Schema::Timestamp(_), _) => Ok(()),
        // Text that reads as one is read as one (dynalite, validations/index.js).
        (Schema::Boolean, Value::String(text))
            if ["true", "false", "yes", "no", "1", "0"].iter().any(|word| text.eq_ignore_ascii_case(word)) =>
        {
            Ok(())
        }
        (Schema::Boolean, Value::String(_)) => Err("Unexpected token received from parser".to_owned()),
        (_, scalar) => {
            let java = java(schema);
            let target = java.rsplit('.').next().unwrap_or(&java);
            Err(format!("{} cannot be converted to {target}", token(scalar)))
        }
    }
}

fn token(scalar: &Value) -> &'static str {
    match scalar {
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        _ => "STRING_VALUE",
    }
}

/// A type as Java names it.
fn java(schema: &Schema) -> String {
    match schema {
        Schema::Structure(Structure { name, .. }) => format!("{PACKAGE}{name}"),
        Schema::List(list) => format!("java.util.List<{}>", java(list.member)),
        Schema::Map(map) => format!("java.util.Map<java.lang.String, {}>", java(map.value)),
        Schema::String(_) => "java.lang.String".to_owned(),
        Schema::Blob(_) => "java.nio.ByteBuffer".to_owned(),
        Schema::Boolean => "java.lang.Boolean".to_owned(),
        Schema::Integer(_) => "java.lang.Integer".to_owned(),
        Schema::Long(_) => "java.lang.Long".to_owned(),
        Schema::Float(_) => "java.lang.Float".to_owned(),
        Schema::Double(_) => "java.lang.Double".to_owned(),
        Schema::Timestamp(_) => "java.util.Date".to_owned(),
        Schema::Document => "java.lang.Object".to_owned(),
    }
}

/// Only its form; the spelling of the error is AWS's.
fn base64(text: &str) -> Result<(), String> {
    if !text.len().is_multiple_of(4) {
        return Err(format!("Base64 encoded length is expected a multiple of 4 bytes but found: {}", text.len()));
    }
    let padding = text.bytes().rev().take(2).take_while(|byte| *byte == b'=').count();
    let digits = &text.as_bytes()[..text.len() - padding];
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    // Bits that no byte would have.
    let spare = match (padding, digits.last()) {
        (0, _) | (_, None) => false,
        (1, Some(last)) => !b"AEIMQUYcgkosw048".contains(last),
        (_, Some(last)) => !b"AQgw".contains(last),
    };
    if digits.iter().all(fits) && !spare {
        Ok(())
    } else {
        Err("Invalid last non-pad Base64 character dectected".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use slam_cloud_core::Operation;
    use slam_cloud_wire::dynamodb::{BatchGetItem, BatchWriteItem, CreateTable, PutItem, Query};

    fn told<O: Operation>(request: Value, expected: &str) {
        let found = check(O::MODEL.input, &request).err().unwrap_or_default();
        assert_eq!(found, expected, "{request}");
    }

    #[test]
    fn types_are_refused_in_dynamodbs_words() {
        told::<PutItem>(json!({"TableName": true}), "TRUE_VALUE cannot be converted to String");
        told::<PutItem>(json!({"TableName": 34.56}), "DECIMAL_VALUE cannot be converted to String");
        told::<PutItem>(json!({"TableName": []}), "Unrecognized collection type class java.lang.String");
        told::<PutItem>(json!({"TableName": {}}), "Start of structure or map found where not expected");
        told::<PutItem>(json!({"Item": "23"}), "Unexpected field type");
        told::<PutItem>(
            json!({"Item": []}),
            "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
        );
        told::<PutItem>(json!({"Item": {"a": "x"}}), "Unexpected value type in payload");
        told::<PutItem>(
            json!({"Item": {"a": []}}),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
        );
        told::<PutItem>(json!({"Item": {"a": {"SS": {}}}}), "Start of structure or map found where not expected");
        told::<PutItem>(json!({"Item": {"a": {"B": 3}}}), "only base-64-encoded strings are convertible to bytes");
        told::<PutItem>(
            json!({"Item": {"a": {"B": "23456"}}}),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
        );
        told::<PutItem>(json!({"Item": {"a": {"B": "=+/="}}}), "Invalid last non-pad Base64 character dectected");
        told::<PutItem>(json!({"Item": {"a": {"B": "YQ=="}, "b": {"NULL": "true"}, "c": {"BOOL": "no"}}}), "");
        told::<Query>(json!({"Limit": "23"}), "STRING_VALUE cannot be converted to Integer");
        told::<Query>(json!({"ConsistentRead": "23"}), "Unexpected token received from parser");
        told::<CreateTable>(
            json!({"ProvisionedThroughput": {"ReadCapacityUnits": []}}),
            "Unrecognized collection type class java.lang.Long",
        );
        told::<CreateTable>(json!({"ProvisionedThroughput": 3}), "Unexpected field type");
        told::<BatchGetItem>(json!({"RequestItems": {"t": {"Keys": ["a"]}}}), CAST);
        told::<BatchWriteItem>(
            json!({"RequestItems": []}),
            "Unrecognized collection type java.util.Map<java.lang.String, \
             java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>",
        );
    }
}
