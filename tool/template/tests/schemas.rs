//! Every resource of ours is one that CloudFormation's registry accepts, as far as its schemas say.

mod common;

use common::{EVENTS, EVERYTHING, FIZZBUZZ, GUARDED, HTTP, ORIGINAL, SEVERAL, SITE, TASKS, URL, project};
use serde_json::Value;
use slam_template::{Inputs, Release, bootstrap, render};

#[test]
fn resources_keep_to_the_registrys_schemas() {
    let streaming = format!("{TASKS}http: {{stream: true}}\n");
    for text in [FIZZBUZZ, TASKS, EVERYTHING, ORIGINAL, SEVERAL, SITE, EVENTS, GUARDED, HTTP, URL, &streaming] {
        let inputs = Inputs { create_bucket: true, ..Inputs::default() };
        let mut template = render(&project(text), &inputs).expect("rendered");
        for stage in template.declared_stages() {
            template.open(&project(text), &stage).expect("opened");
        }
        let code_sha256 = [("LambdaS3Key".into(), "c2hh".into())].into();
        let release = Release { code_sha256, description: Some("the first".into()), ..Release::default() };
        template.publish("dev", &release).expect("published");
        let first = bootstrap(&project(text), &inputs).expect("rendered");
        for (id, resource) in template.resources().iter().chain(first.resources()) {
            let kind = resource["Type"].as_str().expect("a type");
            if kind.starts_with("AWS::Cognito::") {
                continue; // The user's own.
            }
            let schema = schema(kind);
            let properties = resource.get("Properties").cloned().unwrap_or_else(|| serde_json::json!({}));
            let mut errors = Vec::new();
            check(&schema, &schema, &properties, id, &mut errors);
            for name in read_only(&schema) {
                if properties.get(&name).is_some() {
                    errors.push(format!("{id}.{name} is read-only"));
                }
            }
            assert!(errors.is_empty(), "{kind}: {errors:#?}");
        }
    }
}

#[test]
fn the_check_sees_what_is_wrong() {
    let schema = schema("AWS::Lambda::Alias");
    let mut errors = Vec::new();
    let alias = serde_json::json!({"Name": 5, "FunctionName": {"Ref": "F"}, "Nope": 1});
    check(&schema, &schema, &alias, "A", &mut errors);
    assert_eq!(errors, ["A lacks FunctionVersion", "A.Name is no string", "A.Nope is unknown"]);
}

fn schema(kind: &str) -> Value {
    let path = format!("{}/tests/schemas/{}.json", env!("CARGO_MANIFEST_DIR"), kind.replace("::", "-"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

fn read_only(schema: &Value) -> Vec<String> {
    let names = schema["readOnlyProperties"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter_map(|name| name.strip_prefix("/properties/")).map(str::to_owned).collect()
}

/// Names, required ones, types and enumerations; what a function of CloudFormation will give is not known here.
fn check(root: &Value, schema: &Value, value: &Value, path: &str, errors: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).expect("a definition"),
        None => schema,
    };
    if is_function(value) {
        return;
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        _ => value.is_number(),
    };
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        errors.push(format!("{path} is no {}", kinds.join(" or ")));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        errors.push(format!("{path} is none of {}", schema["enum"]));
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema["items"].is_object()) {
        check(root, &schema["items"], item, &format!("{path}[]"), errors);
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            errors.push(format!("{path} lacks {name}"));
        }
    }
    for (name, value) in object {
        let path = format!("{path}.{name}");
        match schema["properties"].get(name) {
            Some(schema) => check(root, schema, value, &path, errors),
            None if schema["additionalProperties"] == false && !matches_pattern(schema) => {
                errors.push(format!("{path} is unknown"));
            }
            None => {}
        }
    }
}

fn matches_pattern(schema: &Value) -> bool {
    schema["patternProperties"].is_object()
}

fn is_function(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    object.len() == 1 && object.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}
