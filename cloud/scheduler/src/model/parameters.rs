//! The input of an operation that is called by its name: JSON whose names are those of the API reference, wherever they travel
//! in a request.
//!
//! Bytes are written as the text that they are (Lambda's `Payload`), other JSON as its text.

use bytes::Bytes;
use serde_json::Value as Json;
use slam_cloud_core::schema::{Schema, Structure};
use slam_cloud_core::{AwsError, AwsResult, OperationModel, Value};
use slam_cloud_wire::json::from_json;

/// The input of an operation, written as JSON.
///
/// # Errors
/// When it is no JSON object, or has what the operation has not.
pub fn read(model: &OperationModel, input: &str) -> AwsResult<Value> {
    match serde_json::from_str(input) {
        Ok(json @ Json::Object(_)) => value(model.input, json, model.name),
        Ok(_) => Err(invalid("it is not an object")),
        Err(error) => Err(invalid(error)),
    }
}

fn invalid(reason: impl std::fmt::Display) -> AwsError {
    AwsError::validation(format!("Invalid RequestJson provided. Reason {reason}"))
}

fn value(schema: &Schema, json: Json, place: &str) -> AwsResult<Value> {
    match (schema, json) {
        (Schema::Structure(structure), Json::Object(members)) => {
            let mut values = Vec::new();
            values.resize_with(structure.members.len(), || None);
            for (name, json) in members.into_iter().filter(|(_, json)| !json.is_null()) {
                let index = index(structure, &name)
                    .ok_or_else(|| invalid(format_args!("the field '{name}' is not one of {place}")))?;
                values[index] = Some(value(structure.members[index].schema, json, &name)?);
            }
            Ok(Value::Structure(values))
        }
        (Schema::List(list), Json::Array(items)) => {
            let items = items.into_iter().map(|item| value(list.member, item, place));
            items.collect::<AwsResult<_>>().map(Value::List)
        }
        (Schema::Map(map), Json::Object(entries)) => {
            let entries = entries.into_iter().map(|(key, json)| Ok((key, value(map.value, json, place)?)));
            entries.collect::<AwsResult<_>>().map(Value::Map)
        }
        (Schema::Blob(_), Json::String(text)) => Ok(Value::Blob(text.into())),
        (Schema::Blob(_), json) => Ok(Value::Blob(Bytes::from(json.to_string()))),
        (Schema::Timestamp(_), Json::String(text)) => text
            .parse()
            .map(Value::Timestamp)
            .map_err(|_| invalid(format_args!("the field '{place}' is no time: {text}"))),
        (schema, json) => from_json(schema, json).map_err(|error| invalid(format_args!("{place}: {}", error.message))),
    }
}

/// A member by its name in the API reference, with or without a capital: models have some of either.
fn index(structure: &Structure, name: &str) -> Option<usize> {
    structure.index(name).or_else(|| {
        let capital = |name: &str| name.chars().next().map(|first| first.to_ascii_uppercase());
        let same = |other: &str| capital(other) == capital(name) && other.get(1..) == name.get(1..);
        structure.members.iter().position(|member| same(member.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Operation;
    use slam_cloud_wire::{lambda, logs};

    fn of<O: Operation>(input: &str) -> Result<O, String> {
        read(O::MODEL, input).and_then(O::from_value).map_err(|error| error.message)
    }

    #[test]
    fn names_are_those_of_the_reference_wherever_they_travel() {
        let input = r#"{"FunctionName": "f", "InvocationType": "Event", "Payload": "{\"a\": 1}"}"#;
        let invoke = of::<lambda::Invoke>(input).unwrap();
        assert_eq!((&*invoke.function_name, invoke.invocation_type.as_deref()), ("f", Some("Event")));
        assert_eq!(invoke.payload.as_deref(), Some(&b"{\"a\": 1}"[..]));
        let put = r#"{"LogGroupName": "g", "logStreamName": "s", "LogEvents": [{"Timestamp": 1, "Message": "m"}]}"#;
        let put = of::<logs::PutLogEvents>(put).unwrap();
        assert_eq!((&*put.log_group_name, &*put.log_events[0].message), ("g", "m"));
    }

    #[test]
    fn what_the_operation_does_not_have_is_refused() {
        let check = |input: &str, expected: &str| {
            let error = of::<lambda::Invoke>(input).unwrap_err();
            assert!(error.starts_with("Invalid RequestJson provided. Reason ") && error.contains(expected), "{error}");
        };
        check("[]", "not an object");
        check("{", "EOF");
        check(r#"{"FunctionNam": "f"}"#, "the field 'FunctionNam' is not one of Invoke");
        check(r#"{"FunctionName": 1}"#, "FunctionName: NUMBER_VALUE can not be converted to a String");
    }
}
