//! The engine's request types from a request's JSON, with AWS's errors for what does not fit.

use super::types;
use crate::dialect::DIALECT;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, AwsResult, OperationModel};
use slam_cloud_wire::protocol::Voice;
use slam_cloud_wire::{dynamodb, dynamodbstreams, json, validate};

/// Members that the engine reads as any JSON: their types must be checked before.
const LOOSE: [&str; 6] =
    ["KeyConditions", "QueryFilter", "ScanFilter", "Expected", "AttributeUpdates", "ExclusiveStartKey"];

/// The prefixes by which the engine's types tell which of AWS's errors a message belongs to.
const MARKS: [(&str, Kind); 5] = [
    ("SERIALIZATION_AS_READ:", Kind::Serialization),
    ("VALIDATION_AS_READ:", Kind::Validation),
    ("SERIALIZATION:", Kind::Serialization),
    ("VALIDATION_REQUEST:", Kind::Enveloped),
    ("VALIDATION:", Kind::Validation),
];

#[derive(Clone, Copy)]
enum Kind {
    Serialization,
    Validation,
    /// A validation that the writes of single items put into an envelope.
    Enveloped,
}

/// Reads a request.
///
/// # Errors
/// `SerializationException` for wrong types, `ValidationException` for what is missing or not allowed.
pub(super) fn read<T: DeserializeOwned>(operation: &'static str, body: &str) -> AwsResult<T> {
    // Where a structure should be, the engine's types take a list as well.
    let structured = matches!(operation, "CreateTable" | "UpdateTable") || operation.starts_with("Batch");
    let loose = structured || operation.starts_with("Transact") || LOOSE.iter().any(|name| body.contains(name));
    if loose {
        check_types(operation, body)?;
    }
    serde_json::from_str(body).map_err(|error| refusal(operation, body, &error.to_string()))
}

fn refusal(operation: &'static str, body: &str, message: &str) -> AwsError {
    // AWS reads a request to its end before it looks at what it says.
    if let Err(error) = check_types(operation, body) {
        return error;
    }
    let plain = without_position(message);
    for (mark, kind) in MARKS {
        if let Some(message) = plain.strip_prefix(mark) {
            return match kind {
                Kind::Serialization => serialization(message),
                Kind::Enveloped if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem") => {
                    AwsError::validation(format!("1 validation error detected: {message}"))
                }
                Kind::Validation | Kind::Enveloped => AwsError::validation(message),
            };
        }
    }
    if plain.contains("empty AttributeValue") {
        return AwsError::validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        );
    }
    if plain.contains("Supplied AttributeValue") {
        return AwsError::validation(plain);
    }
    if message.contains("recursion limit exceeded") {
        return AwsError::validation(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported \
             limit",
        );
    }
    // What is left are the words of the JSON reader, which no client is to see: what they mean is in the model.
    check_demands(operation, body).err().unwrap_or_else(|| serialization(""))
}

fn serialization(message: &str) -> AwsError {
    AwsError::bad_request("SerializationException", message)
}

/// The model's types, as AWS's own front checks them.
fn check_types(operation: &str, body: &str) -> AwsResult<()> {
    let Ok(parsed) = serde_json::from_str::<Value>(body) else { return Ok(()) };
    match (model(operation), parsed.is_object()) {
        (Some(model), true) => types::check(model.input, &parsed).map_err(|message| serialization(&message)),
        (Some(_), false) => Err(serialization("")),
        (None, _) => Ok(()),
    }
}

/// What the model demands of a request.
pub(crate) fn check_demands(operation: &str, body: &str) -> AwsResult<()> {
    let (Some(model), Ok(parsed)) = (model(operation), serde_json::from_str::<Value>(body)) else { return Ok(()) };
    let voice = Voice::new(&dynamodb::SERVICE, Protocol::Json("1.0"), &DIALECT);
    validate(&voice, model, &json::from_json(model.input, parsed)?)
}

/// An operation's row in the tables.
pub(crate) fn model(operation: &str) -> Option<&'static OperationModel> {
    let all = dynamodb::SERVICE.operations.iter().chain(dynamodbstreams::SERVICE.operations);
    all.copied().find(|model| model.name == operation)
}

/// A message without the place that the JSON reader appends.
fn without_position(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(at) if message[at..].contains(" column ") => &message[..at],
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dynoxide::actions::put_item::PutItemRequest;

    fn check(body: &str, code: &str, message: &str) {
        let error = read::<PutItemRequest>("PutItem", body).unwrap_err();
        assert_eq!((&*error.code, error.message.as_str()), (code, message), "{body}");
    }

    #[test]
    fn what_does_not_fit_is_refused_in_aws_words() {
        check(
            r#"{"TableName": "tasks", "Item": {"id": {}}}"#,
            "ValidationException",
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        );
        check(
            r#"{"TableName": "tasks", "Item": {"id": {"N": "abc"}}}"#,
            "ValidationException",
            "1 validation error detected: The parameter cannot be converted to a numeric value: abc",
        );
    }

    #[test]
    fn wrong_types_are_serialization_errors() {
        let error = read::<PutItemRequest>("PutItem", r#"{"TableName": 23, "Item": {}}"#).unwrap_err();
        assert_eq!((&*error.code, error.status), ("SerializationException", 400));
    }

    #[test]
    fn a_list_is_no_structure() {
        use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
        let error =
            read::<BatchWriteItemRequest>("BatchWriteItem", r#"{"RequestItems": {"tasks": [[]]}}"#).unwrap_err();
        let told = "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.WriteRequest";
        assert_eq!((&*error.code, &*error.message), ("SerializationException", told));
    }

    #[test]
    fn nobody_is_told_of_missing_fields() {
        let told = |operation, error: AwsError| (operation, error.code.to_string(), error.message);
        let error =
            read::<dynoxide::actions::describe_stream::DescribeStreamRequest>("DescribeStream", "{}").unwrap_err();
        assert_eq!(
            told("DescribeStream", error),
            (
                "DescribeStream",
                "ValidationException".to_owned(),
                "1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: Member must not be \
                 null"
                    .to_owned()
            )
        );
        let body = r#"{"RequestItems": {"tasks": {}}}"#;
        let error = read::<dynoxide::actions::batch_get_item::BatchGetItemRequest>("BatchGetItem", body).unwrap_err();
        assert_eq!(
            told("BatchGetItem", error),
            (
                "BatchGetItem",
                "ValidationException".to_owned(),
                "1 validation error detected: Value null at 'requestItems.tasks.member.keys' failed to satisfy constraint: \
                 Member must not be null"
                    .to_owned()
            )
        );
    }
}
