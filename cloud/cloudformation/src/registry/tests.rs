//! Schemas against properties.

use super::*;
use crate::template::functions::UNKNOWN;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn schema(type_name: &str) -> Schema {
    let file = folder().join(format!("{}.json", type_name.replace("::", "-")));
    Schema::parse(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn check(type_name: &str, properties: Value, expected: &[&str]) {
    let Value::Object(properties) = properties else { panic!("properties are an object") };
    let schema = schema(type_name);
    let found = schema.check(&schema.coerce(properties.clone()));
    assert_eq!(found, expected, "{type_name} {properties:?}");
}

const FUNCTION: &str = "AWS::Lambda::Function";

fn function(more: Value) -> Value {
    let mut all = json!({"Code": {"ZipFile": "x"}, "Role": "arn:aws:iam::000000000000:role/r"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

#[test]
fn every_pattern_compiles() {
    fn patterns<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(entries) => {
                found.extend(entries.get("pattern").and_then(Value::as_str));
                let named = entries.get("patternProperties").and_then(Value::as_object);
                found.extend(named.into_iter().flat_map(|named| named.keys().map(String::as_str)));
                entries.values().for_each(|value| patterns(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| patterns(value, found)),
            _ => {}
        }
    }
    let files = folder().read_dir().unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let schema = Schema::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let (name, root) = (schema.type_name(), Value::Object(schema.root().clone()));
        let mut found = Vec::new();
        patterns(&root, &mut found);
        for pattern in found {
            let compiled = validate::compiled(pattern);
            assert!(compiled.is_ok(), "{name}: {pattern}: {compiled:?}");
        }
    }
}

#[test]
fn good_properties_pass() {
    check(FUNCTION, function(json!({"MemorySize": "256", "Timeout": 3.0, "Runtime": "python3.13"})), &[]);
    check(FUNCTION, function(json!({"Role": UNKNOWN, "Environment": {"Variables": {"AB": 1, "CD": true}}})), &[]);
    check("AWS::Logs::LogGroup", json!({"RetentionInDays": "14"}), &[]);
    check("AWS::CDK::Metadata", json!({"Analytics": "v2:deflate64:x"}), &[]);
    check(
        "AWS::DynamoDB::Table",
        json!({
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }),
        &[],
    );
}

#[test]
fn types_are_coerced() {
    let properties: Map<String, Value> =
        serde_json::from_value(json!({"MemorySize": "0256", "Description": 5, "PublishToLatestPublished": "true"}))
            .unwrap();
    let coerced = schema(FUNCTION).coerce(properties);
    assert_eq!(
        Value::Object(coerced),
        json!({"MemorySize": 256, "Description": "5", "PublishToLatestPublished": true})
    );
}

/// Recorded: test_invalid_stack_deploy (`The property {/Type} is required`).
#[test]
fn bad_properties_are_named() {
    check(FUNCTION, json!({"Code": {"ZipFile": "x"}}), &["The property {/Role} is required"]);
    check(FUNCTION, function(json!({"Foo": 1})), &["Encountered unsupported property Foo"]);
    check(FUNCTION, function(json!({"Arn": "x"})), &["Encountered unsupported property Arn"]);
    check(
        FUNCTION,
        function(json!({"Code": {"ZipFile": "x", "Zip": 1}})),
        &["Encountered unsupported properties in {/Code}: [Zip]"],
    );
    check(
        FUNCTION,
        function(json!({"MemorySize": "big"})),
        &["Value of property {/MemorySize} does not match type {Integer}"],
    );
    check(
        FUNCTION,
        function(json!({"MemorySize": 64})),
        &["Value of property {/MemorySize} is less than minimum allowed value {128}"],
    );
    check(
        FUNCTION,
        function(json!({"TracingConfig": {"Mode": "On"}})),
        &["On is not a valid value for property {/TracingConfig/Mode}: [Active, PassThrough]"],
    );
    check(
        "AWS::Logs::LogGroup",
        json!({"LogGroupName": "a b"}),
        &["Value of property {/LogGroupName} does not match pattern {^[.\\-_/#A-Za-z0-9]{1,512}\\Z}"],
    );
    check(
        "AWS::DynamoDB::Table",
        json!({"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}], "AttributeDefinitions": []}),
        &["Value of property {/KeySchema/0/KeyType} must be HASH"],
    );
    check(
        FUNCTION,
        function(json!({"Handler": "h".repeat(129)})),
        &["Length of value for property {/Handler} is greater than maximum allowed length {128}"],
    );
}

#[test]
fn attributes_and_recreation_come_from_the_schema() {
    let function = schema(FUNCTION);
    assert!(function.has_attribute("Arn") && function.has_attribute("SnapStartResponse.ApplyOn"));
    assert!(!function.has_attribute("Role"));
    assert_eq!(function.recreation("FunctionName"), Recreation::Always);
    assert_eq!(function.recreation("MemorySize"), Recreation::Never);
    let table = schema("AWS::DynamoDB::Table");
    assert_eq!(table.recreation("KeySchema"), Recreation::Conditionally);
}

#[test]
fn known_types_are_told_from_unknown_ones() {
    assert!(is_known("AWS::SQS::Queue") && is_known("Custom::Thing"));
    assert!(!is_known("AWS::SQS::Que") && !is_known("AWS::Serverless::Function"));
}
