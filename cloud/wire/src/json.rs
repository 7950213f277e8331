//! JSON ↔ [`Value`], as AWS's JSON protocols write it: names of the wire, seconds for timestamps, base-64 for bytes.

use crate::timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Map, Number, Value as Json};
use slam_cloud_core::schema::{Location, Schema, Structure, TimestampFormat};
use slam_cloud_core::{AwsError, AwsResult, Operation, OperationModel, Shape, Timestamp, Value};

/// An operation's input as the JSON body that a client would send.
pub fn input_to_json<O: Operation>(input: O) -> Json {
    to_json(O::MODEL.input, input.into_value())
}

/// An operation's input from the JSON body that a client sent.
///
/// # Errors
/// AWS's `SerializationException` where the JSON does not have the model's types.
pub fn input_from_json<O: Operation>(json: Json) -> AwsResult<O> {
    O::from_value(from_json(O::MODEL.input, json)?)
}

/// An operation's output as the JSON body that a service answers.
pub fn output_to_json<O: Operation>(output: O::Output) -> Json {
    to_json(O::MODEL.output, output.into_value())
}

/// An operation's output from the JSON body that a service answered.
///
/// # Errors
/// AWS's `SerializationException` where the JSON does not have the model's types.
pub fn output_from_json<O: Operation>(json: Json) -> AwsResult<O::Output> {
    O::Output::from_value(from_json(O::MODEL.output, json)?)
}

/// Refuses what is refused of an operation's input, for a service that reads its JSON itself. Others need not ask: the
/// door does ([`Operation::check_supported`]).
///
/// # Errors
/// `NotImplemented`, naming the first member that asks for something.
pub fn check_supported(model: &OperationModel, input: &Json) -> AwsResult<()> {
    let given = |member: &&&str| asks(input, &member.split('.').collect::<Vec<_>>());
    model.refused.iter().find(given).map_or(Ok(()), |member| Err(model.refusal(member)))
}

/// Whether there is anything at a path; in a list, in any of its elements.
fn asks(json: &Json, path: &[&str]) -> bool {
    match (json, path.split_first()) {
        (Json::Array(items), Some(_)) => items.iter().any(|item| asks(item, path)),
        (json, Some((name, rest))) => json.get(name).is_some_and(|inner| asks(inner, rest)),
        (Json::Null | Json::Bool(false), None) => false,
        (Json::String(text), None) => !text.is_empty(),
        (Json::Array(items), None) => !items.is_empty(),
        (_, None) => true,
    }
}

/// A value as JSON. Members that travel outside the body (headers, labels, the status) are left out.
pub fn to_json(schema: &Schema, value: Value) -> Json {
    match (schema, value) {
        (Schema::Structure(structure), Value::Structure(members)) => structure_to_json(structure, members),
        (Schema::List(list), Value::List(items)) => {
            Json::Array(items.into_iter().map(|item| to_json(list.member, item)).collect())
        }
        (Schema::Map(map), Value::Map(entries)) => {
            Json::Object(entries.into_iter().map(|(key, value)| (key, to_json(map.value, value))).collect())
        }
        (Schema::Timestamp(format), Value::Timestamp(moment)) => timestamp_to_json(*format, moment),
        (_, Value::String(text)) => Json::String(text),
        (_, Value::Boolean(flag)) => Json::Bool(flag),
        (_, Value::Integer(number)) => Json::Number(number.into()),
        (_, Value::Double(number)) => double_to_json(number),
        (_, Value::Blob(bytes)) => Json::String(BASE64.encode(bytes)),
        (_, Value::Document(json)) => json,
        // Shapes are generated from the schemas, so nothing else can meet here.
        (schema, value) => {
            debug_assert!(false, "{value:?} does not fit {schema:?}");
            Json::Null
        }
    }
}

fn structure_to_json(structure: &Structure, members: Vec<Option<Value>>) -> Json {
    let mut object = Map::with_capacity(members.len());
    for (member, value) in structure.members.iter().zip(members) {
        if let (Some(value), Location::Body) = (value, member.location) {
            object.insert(member.wire_name.to_owned(), to_json(member.schema, value));
        }
    }
    Json::Object(object)
}

fn timestamp_to_json(format: TimestampFormat, moment: Timestamp) -> Json {
    match format {
        TimestampFormat::Default | TimestampFormat::Unix => {
            let milliseconds = moment.as_millisecond();
            if milliseconds % 1000 == 0 {
                Json::Number((milliseconds / 1000).into())
            } else {
                double_to_json(milliseconds as f64 / 1000.0)
            }
        }
        TimestampFormat::Iso8601 | TimestampFormat::Rfc822 => Json::String(timestamp::format(format, moment)),
    }
}

/// JSON has no numbers for these three; AWS's protocols name them.
fn double_to_json(number: f64) -> Json {
    Number::from_f64(number).map_or_else(
        || {
            let name = match number {
                f64::INFINITY => "Infinity",
                f64::NEG_INFINITY => "-Infinity",
                _ => "NaN",
            };
            Json::String(name.to_owned())
        },
        Json::Number,
    )
}

/// A value from JSON: null members are absent, unknown members are ignored, as AWS does.
///
/// # Errors
/// AWS's `SerializationException` where the JSON does not have the schema's types.
pub fn from_json(schema: &Schema, json: Json) -> AwsResult<Value> {
    match (schema, json) {
        (Schema::Document, json) => Ok(Value::Document(json)),
        (Schema::Structure(structure), Json::Object(object)) => structure_from_json(structure, object),
        (Schema::List(list), Json::Array(items)) => {
            let items = items.into_iter().map(|item| from_json(list.member, item));
            items.collect::<AwsResult<_>>().map(Value::List)
        }
        (Schema::Map(map), Json::Object(object)) => {
            let entries = object.into_iter().map(|(key, value)| Ok((key, from_json(map.value, value)?)));
            entries.collect::<AwsResult<_>>().map(Value::Map)
        }
        (Schema::String(_), Json::String(text)) => Ok(Value::String(text)),
        (Schema::Boolean, Json::Bool(flag)) => Ok(Value::Boolean(flag)),
        (Schema::Integer(_) | Schema::Long(_), Json::Number(number)) => integer(&number, schema).map(Value::Integer),
        (Schema::Float(_) | Schema::Double(_), Json::Number(number)) => {
            number.as_f64().map(Value::Double).ok_or_else(|| mismatch(&Json::Number(number), schema))
        }
        (Schema::Float(_) | Schema::Double(_), Json::String(text)) => match text.as_str() {
            "NaN" => Ok(Value::Double(f64::NAN)),
            "Infinity" => Ok(Value::Double(f64::INFINITY)),
            "-Infinity" => Ok(Value::Double(f64::NEG_INFINITY)),
            _ => Err(mismatch(&Json::String(text), schema)),
        },
        (Schema::Blob(_), Json::String(text)) => match BASE64.decode(&text) {
            Ok(bytes) => Ok(Value::Blob(Bytes::from(bytes))),
            Err(_) => Err(serialization("Invalid Base64 encoding of a binary value")),
        },
        (Schema::Timestamp(format), json) => {
            timestamp_from_json(*format, &json).map(Value::Timestamp).ok_or_else(|| mismatch(&json, schema))
        }
        (schema, json) => Err(mismatch(&json, schema)),
    }
}

fn structure_from_json(structure: &Structure, object: Map<String, Json>) -> AwsResult<Value> {
    let mut members = Vec::new();
    members.resize_with(structure.members.len(), || None);
    for (name, json) in object {
        let index = structure.members.iter().position(|m| m.wire_name == name && m.location == Location::Body);
        if let (Some(index), false) = (index, json.is_null()) {
            members[index] = Some(from_json(structure.members[index].schema, json)?);
        }
    }
    Ok(Value::Structure(members))
}

/// A whole number within the schema's width. `5.0` is one, as it is for AWS's parser.
fn integer(number: &Number, schema: &Schema) -> AwsResult<i64> {
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let in_range = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
        in_range.then_some(float as i64)
    });
    let fits = |whole: &i64| !matches!(schema, Schema::Integer(_)) || i32::try_from(*whole).is_ok();
    whole.filter(fits).ok_or_else(|| mismatch(&Json::Number(number.clone()), schema))
}

fn timestamp_from_json(format: TimestampFormat, json: &Json) -> Option<Timestamp> {
    match json {
        Json::Number(number) => timestamp::from_seconds(number.as_f64()?),
        Json::String(text) => timestamp::parse(format, text),
        _ => None,
    }
}

/// The error for a body that is no JSON or not of the model's types.
pub(crate) fn serialization(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("SerializationException", message)
}

/// AWS's words for a JSON token in the wrong place.
fn mismatch(found: &Json, expected: &Schema) -> AwsError {
    let token = match found {
        Json::Object(_) => return serialization("Start of structure or map found where not expected."),
        Json::Array(_) => return serialization("Start of list found where not expected"),
        Json::Null => "NULL_VALUE",
        Json::Bool(true) => "TRUE_VALUE",
        Json::Bool(false) => "FALSE_VALUE",
        Json::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Json::Number(_) => "NUMBER_VALUE",
        Json::String(_) => "STRING_VALUE",
    };
    let target = match expected {
        Schema::Structure(_) | Schema::List(_) | Schema::Map(_) | Schema::Document => {
            return serialization("Unexpected field type");
        }
        Schema::String(_) => "a String",
        Schema::Blob(_) => "a Blob",
        Schema::Boolean => "a Boolean",
        Schema::Integer(_) => "an Integer",
        Schema::Long(_) => "a Long",
        Schema::Float(_) => "a Float",
        Schema::Double(_) => "a Double",
        Schema::Timestamp(_) => "a Timestamp",
    };
    serialization(format!("{token} can not be converted to {target}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apigateway, dynamodb, lambda, logs};
    use serde_json::json;

    #[test]
    fn a_request_goes_there_and_back() {
        let body = json!({"TableName": "t", "Item": {"a": {"B": "AAE="}, "n": {"L": [{"N": "1"}, {"BOOL": true}]}}});
        let input: dynamodb::PutItem = input_from_json(body.clone()).unwrap();
        assert_eq!(input.item["a"].b.as_deref(), Some(&[0_u8, 1][..]));
        assert_eq!(input_to_json(input), body);
    }

    #[test]
    fn timestamps_are_seconds() {
        let json = json!({"id": "x", "createdDate": 1_700_000_000.5});
        let api: apigateway::RestApi = output_from_json::<apigateway::GetRestApi>(json.clone()).unwrap();
        assert_eq!(api.created_date.unwrap().as_millisecond(), 1_700_000_000_500);
        assert_eq!(output_to_json::<apigateway::GetRestApi>(api), json);
    }

    #[test]
    fn null_and_unknown_members_are_absent() {
        let json = json!({"logGroupName": "g", "kmsKeyId": null, "whatIsThis": {"a": []}});
        let input: logs::CreateLogGroup = input_from_json(json).unwrap();
        assert_eq!(input, logs::CreateLogGroup { log_group_name: "g".into(), ..Default::default() });
    }

    #[test]
    fn what_is_refused_is_named_where_it_asks_for_something() {
        let check = |model: &OperationModel, json: Json, expected: Option<&str>| {
            let message = check_supported(model, &json).err().map(|error| error.message);
            assert_eq!(message, expected.map(|what| format!("{what} is not supported by the embedded cloud")));
        };
        let (create, update) = (dynamodb::CreateTable::MODEL, dynamodb::UpdateTable::MODEL);
        check(create, json!({"ResourcePolicy": "{}"}), Some("the parameter ResourcePolicy of CreateTable"));
        check(create, json!({"TableClass": "STANDARD"}), None);
        check(update, json!({"ReplicaUpdates": []}), None);
        check(
            update,
            json!({"GlobalSecondaryIndexUpdates": [{"Create": {}}, {"Create": {"WarmThroughput": {}}}]}),
            Some("the parameter GlobalSecondaryIndexUpdates.Create.WarmThroughput of UpdateTable"),
        );
    }

    #[test]
    fn a_wrong_type_is_refused_in_aws_words() {
        let check = |json: Json, message: &str| {
            let error = from_json(lambda::CreateFunction::MODEL.input, json).unwrap_err();
            assert_eq!((&*error.code, error.status, &*error.message), ("SerializationException", 400, message));
        };
        check(json!({"Timeout": "3"}), "STRING_VALUE can not be converted to an Integer");
        check(json!({"Timeout": 2_147_483_648_u64}), "NUMBER_VALUE can not be converted to an Integer");
        check(json!({"Handler": 3}), "NUMBER_VALUE can not be converted to a String");
        check(json!({"Publish": "yes"}), "STRING_VALUE can not be converted to a Boolean");
        check(json!({"Handler": {}}), "Start of structure or map found where not expected.");
        check(json!({"Handler": []}), "Start of list found where not expected");
        check(json!({"Code": "x"}), "Unexpected field type");
        check(json!([]), "Start of list found where not expected");
    }
}
