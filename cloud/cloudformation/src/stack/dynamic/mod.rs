//! Dynamic references in properties: `{{resolve:ssm:name}}` and `{{resolve:ssm:name:version}}`.
//!
//! What a resource declares keeps them as they are written, so that another value in Parameter Store alone is no change;
//! its service gets the values, read when the resource is made or changed.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>

use crate::error::invalid;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, Cloud, Context};
use slam_cloud_wire::ssm;
use std::collections::{BTreeMap, BTreeSet};

const START: &str = "{{resolve:";
const END: &str = "}}";
/// The most references of a template.
const MOST: usize = 60;
/// The most names of one GetParameters (its model).
const AT_ONCE: usize = 10;

/// Values by what they are asked for with: `name` or `name:version`.
pub type Values = BTreeMap<String, String>;

/// A piece of a text.
enum Part<'a> {
    Text(&'a str),
    /// Of `{{resolve:service:key}}`, what stands between the braces behind `resolve:`.
    Reference(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find(START) {
        let inner = &rest[start + START.len()..];
        let Some(length) = inner.find(END) else { break };
        parts.push(Part::Text(&rest[..start]));
        parts.push(Part::Reference(&inner[..length]));
        rest = &inner[length + END.len()..];
    }
    parts.push(Part::Text(rest));
    parts
}

/// The references of a resource's properties, as Parameter Store is asked for them.
///
/// # Errors
/// For references of another form, and of what has none here.
pub fn references(resource_type: &str, id: &str, properties: &Map<String, Value>) -> AwsResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for (property, value) in properties {
        let mut wrong = None;
        visit(value, &mut |reference| match name_of(reference) {
            Some(name) => drop(found.insert(name.to_owned())),
            None => drop(wrong.get_or_insert_with(|| reference.to_owned())),
        });
        let Some(reference) = wrong else { continue };
        return Err(invalid(match reference.split_once(':') {
            // Of the properties that can have one ("Resources that support dynamic parameter patterns for secure
            // strings"), none is deployed here.
            Some(("ssm-secure", _)) => {
                format!("SSM Secure reference is not supported in: [{resource_type}/Properties/{property}]")
            }
            Some(("ssm", _)) => {
                format!("Incorrect format is used in the following SSM reference: [{START}{reference}{END}]")
            }
            _ => format!(
                "The dynamic reference {START}{reference}{END} of the resource {id} is not supported by the embedded cloud"
            ),
        }));
    }
    if found.len() > MOST {
        return Err(invalid(format!("A template can have at most {MOST} dynamic references, and {id} alone has more")));
    }
    Ok(found)
}

/// The name, and perhaps the version, of a reference to Parameter Store. Labels have none.
fn name_of(reference: &str) -> Option<&str> {
    let key = reference.strip_prefix("ssm:")?;
    let (name, version) = key.split_once(':').map_or((key, None), |(name, version)| (name, Some(version)));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(fits);
    let is_version = version.is_none_or(|version| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()));
    (is_name && is_version).then_some(key)
}

fn visit(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            for part in parts(text) {
                if let Part::Reference(reference) = part {
                    see(reference);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        Value::Object(entries) => entries.values().for_each(|value| visit(value, see)),
        _ => {}
    }
}

/// The values of references.
///
/// # Errors
/// AWS's `ValidationError` for what is not there, is a secret, or cannot be read.
pub async fn read(cloud: &Cloud, context: &Context, references: &BTreeSet<String>) -> AwsResult<Values> {
    let mut values = Values::new();
    let mut missing: Vec<String> = Vec::new();
    for names in references.iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let names = names.iter().map(|name| (*name).clone()).collect();
        let request = ssm::GetParameters { names, ..Default::default() };
        let answer = cloud.call(context.clone(), request).await.map_err(|error| invalid(error.message))?;
        missing.extend(answer.invalid_parameters.unwrap_or_default());
        for parameter in answer.parameters.unwrap_or_default() {
            let name = parameter.name.unwrap_or_default() + parameter.selector.as_deref().unwrap_or_default();
            if parameter.r#type.as_deref() == Some("SecureString") {
                let wrong = format!("Non-secure ssm prefix was used for secure parameter: [ssm:{name}]");
                return Err(invalid(wrong));
            }
            values.insert(name, parameter.value.unwrap_or_default());
        }
    }
    if missing.is_empty() {
        return Ok(values);
    }
    let missing: Vec<_> = missing.iter().map(|name| format!("ssm:{name}")).collect();
    Err(invalid(format!("Parameters: [{}] cannot be found.", missing.join(", "))))
}

/// Properties with the values in the references' places.
pub fn replace(properties: &Map<String, Value>, values: &Values) -> Map<String, Value> {
    properties.iter().map(|(name, value)| (name.clone(), replaced(value, values))).collect()
}

fn replaced(value: &Value, values: &Values) -> Value {
    match value {
        Value::String(text) if text.contains(START) => {
            let parts = parts(text).into_iter().map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Reference(reference) => match name_of(reference).and_then(|name| values.get(name)) {
                    Some(value) => value.clone(),
                    None => format!("{START}{reference}{END}"),
                },
            });
            Value::from(parts.collect::<String>())
        }
        Value::Array(items) => items.iter().map(|item| replaced(item, values)).collect(),
        Value::Object(entries) => Value::Object(replace(entries, values)),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_found_and_replaced_inside_texts() {
        let Value::Object(properties) = json!({
            "A": "x-{{resolve:ssm:/a/b}}-{{resolve:ssm:p:2}}",
            "B": [{"C": "{{resolve:ssm:p:2}}"}, "{{plain}}", 3],
        }) else {
            unreachable!()
        };
        let found = references("T", "R", &properties).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), ["/a/b", "p:2"]);
        let values = Values::from([("/a/b".into(), "one".into()), ("p:2".into(), "two".into())]);
        let expected = json!({"A": "x-one-two", "B": [{"C": "two"}, "{{plain}}", 3]});
        assert_eq!(Value::Object(replace(&properties, &values)), expected);
    }

    #[test]
    fn what_is_no_reference_to_a_value_is_refused() {
        let check = |text: &str, expected: &str| {
            let properties = Map::from_iter([("P".to_owned(), Value::from(text))]);
            assert_eq!(references("AWS::SNS::Topic", "T", &properties).unwrap_err().message, expected);
        };
        let format = "Incorrect format is used in the following SSM reference: ";
        check("{{resolve:ssm:p:label}}", &format!("{format}[{{{{resolve:ssm:p:label}}}}]"));
        check("{{resolve:ssm:}}", &format!("{format}[{{{{resolve:ssm:}}}}]"));
        check("{{resolve:ssm-secure:p}}", "SSM Secure reference is not supported in: [AWS::SNS::Topic/Properties/P]");
        check(
            "{{resolve:secretsmanager:s}}",
            "The dynamic reference {{resolve:secretsmanager:s}} of the resource T is not supported by the embedded cloud",
        );
    }
}
