//! Dynamic references in properties: `{{resolve:ssm:…}}` and `{{resolve:secretsmanager:…}}`.
//!
//! - [`mod@reference`]: what they are. [`mod@read`]: the values that they stand for.
//!
//! What a resource declares keeps them as they are written, so that another value alone is no change; its service gets the
//! values, read when the resource is made or changed. They are values in properties alone: outputs and metadata keep them as
//! they are written, and so does whatever is told of a resource.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>

mod read;
mod reference;

pub use read::read;
pub use reference::Reference;

use crate::error::invalid;
use reference::{Wrong, is_secure_property};
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::collections::{BTreeMap, BTreeSet};

const START: &str = "{{resolve:";
const END: &str = "}}";
/// The most references of a template.
const MOST: usize = 60;

/// What references stand for.
pub type Values = BTreeMap<Reference, String>;

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

/// The references of a resource's properties.
///
/// # Errors
/// For references of another form, and of what has none here.
pub fn references(resource_type: &str, id: &str, properties: &Map<String, Value>) -> AwsResult<BTreeSet<Reference>> {
    let (mut found, mut misplaced, mut wrong) = (BTreeSet::new(), Vec::new(), None);
    for (property, value) in properties {
        visit(property, value, &mut |place, reference| match Reference::parse(reference) {
            Ok(reference) if reference.is_passed_on(resource_type) => {}
            Ok(reference) => drop(found.insert(reference)),
            // The property is refused by its name, as no type here that has it carries it out.
            Err(Wrong::Secure) if is_secure_property(resource_type, place) => {}
            Err(Wrong::Secure) => misplaced.push(format!("{resource_type}/Properties/{place}")),
            Err(other) => drop(wrong.get_or_insert_with(|| (other, reference.to_owned()))),
        });
    }
    if !misplaced.is_empty() {
        return Err(invalid(format!("SSM Secure reference is not supported in: [{}]", misplaced.join(","))));
    }
    if let Some((wrong, reference)) = wrong {
        let reference = format!("{START}{reference}{END}");
        return Err(invalid(match wrong {
            Wrong::Format(service) => {
                format!("Incorrect format is used in the following {service} reference: [{reference}]")
            }
            _ => {
                format!("The dynamic reference {reference} of the resource {id} is not supported by the embedded cloud")
            }
        }));
    }
    if found.len() > MOST {
        return Err(invalid(format!("A template can have at most {MOST} dynamic references, and {id} alone has more")));
    }
    Ok(found)
}

/// Shows the references of a value with their places: `Environment/Variables/NAME`. What is in a list has the list's.
fn visit(place: &str, value: &Value, see: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => {
            for part in parts(text) {
                if let Part::Reference(reference) = part {
                    see(place, reference);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit_in_list(place, item, see)),
        Value::Object(entries) => {
            entries.iter().for_each(|(name, value)| visit(&format!("{place}/{name}"), value, see));
        }
        _ => {}
    }
}

fn visit_in_list(place: &str, value: &Value, see: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(entries) => entries.values().for_each(|value| visit_in_list(place, value, see)),
        other => visit(place, other, see),
    }
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
                Part::Reference(written) => match Reference::parse(written).ok().and_then(|read| values.get(&read)) {
                    Some(value) => value.clone(),
                    None => format!("{START}{written}{END}"),
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

    fn properties(value: Value) -> Map<String, Value> {
        let Value::Object(properties) = value else { unreachable!() };
        properties
    }

    #[test]
    fn references_are_found_and_replaced_inside_texts() {
        let properties = properties(json!({
            "A": "x-{{resolve:ssm:/a/b}}-{{resolve:ssm:p:2}}",
            "B": [{"C": "{{resolve:ssm:p:2}}"}, "{{plain}}", 3],
            "D": {"E": "{{resolve:secretsmanager:s:SecretString:k}}"},
        }));
        let found = references("T", "R", &properties).unwrap();
        let read = |text: &str| Reference::parse(text).unwrap();
        let (path, version, secret) = (read("ssm:/a/b"), read("ssm:p:2"), read("secretsmanager:s:SecretString:k"));
        assert_eq!(found, BTreeSet::from([path.clone(), version.clone(), secret.clone()]));
        let values = Values::from([(path, "one".into()), (version, "two".into()), (secret, "three".into())]);
        let expected = json!({"A": "x-one-two", "B": [{"C": "two"}, "{{plain}}", 3], "D": {"E": "three"}});
        assert_eq!(Value::Object(replace(&properties, &values)), expected);
    }

    #[test]
    fn what_is_no_reference_to_a_value_is_refused() {
        let check = |value: Value, expected: &str| {
            let properties = Map::from_iter([("P".to_owned(), value)]);
            assert_eq!(references("AWS::SNS::Topic", "T", &properties).unwrap_err().message, expected);
        };
        let format = "Incorrect format is used in the following SSM reference: ";
        check(json!("{{resolve:ssm:p:label}}"), &format!("{format}[{{{{resolve:ssm:p:label}}}}]"));
        check(json!("{{resolve:ssm:}}"), &format!("{format}[{{{{resolve:ssm:}}}}]"));
        check(
            json!("{{resolve:secretsmanager:s:SecretBinary}}"),
            "Incorrect format is used in the following SecretsManager reference: \
             [{{resolve:secretsmanager:s:SecretBinary}}]",
        );
        check(
            json!("{{resolve:other:s}}"),
            "The dynamic reference {{resolve:other:s}} of the resource T is not supported by the embedded cloud",
        );
        // As AWS writes places: down to the first list.
        let secure = "{{resolve:ssm-secure:p:1}}";
        check(
            json!({"A": secure, "B": [{"C": secure}, secure]}),
            "SSM Secure reference is not supported in: [AWS::SNS::Topic/Properties/P/A,AWS::SNS::Topic/Properties/P/B,\
             AWS::SNS::Topic/Properties/P/B]",
        );
    }

    #[test]
    fn what_may_have_a_secure_reference_is_told_of_its_property() {
        let password = properties(json!({"LoginProfile": {"Password": "{{resolve:ssm-secure:p:1}}"}}));
        assert_eq!(references("AWS::IAM::User", "U", &password), Ok(BTreeSet::new()));
    }

    #[test]
    fn nested_stacks_are_given_secrets_as_they_are_written() {
        let parameters =
            properties(json!({"Parameters": {"A": "{{resolve:secretsmanager:s}}", "B": "{{resolve:ssm:p}}"}}));
        let found = references("AWS::CloudFormation::Stack", "S", &parameters).unwrap();
        assert_eq!(found, BTreeSet::from([Reference::parse("ssm:p").unwrap()]));
    }
}
