//! CloudFormation that a user wrote in slam.yaml, as JSON: short tags become their long form.

use super::{Kind, Node, boolean};
use crate::Diagnostic;
use serde_json::{Map, Number, Value};

/// The intrinsic functions whose short tag is `!Name` and whose long form is `Fn::Name`.
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// Converts a node as CloudFormation's own YAML reader would.
pub fn to_cloudformation(node: &Node) -> Result<Value, Diagnostic> {
    let value = match &node.kind {
        Kind::Scalar { text, plain: true } if node.tag.is_none() => plain_scalar(text),
        Kind::Scalar { text, .. } => Value::String(text.clone()),
        Kind::List(items) => items.iter().map(to_cloudformation).collect::<Result<_, _>>()?,
        Kind::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                map.insert(key.key().to_owned(), to_cloudformation(value)?);
            }
            Value::Object(map)
        }
    };
    match node.tag.as_deref() {
        None => Ok(value),
        Some(tag) => long_form(node, tag.trim_start_matches('!'), value),
    }
}

fn long_form(node: &Node, function: &str, value: Value) -> Result<Value, Diagnostic> {
    let (name, value) = match (function, value) {
        ("Ref" | "Condition", value) => (function.to_owned(), value),
        ("GetAtt", Value::String(text)) => {
            let Some((resource, attribute)) = text.split_once('.') else {
                return Err(Diagnostic::at(node.span.clone(), "`!GetAtt` takes a resource and an attribute")
                    .hint("write it as `!GetAtt Resource.Attribute`"));
            };
            ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
        }
        ("GetAtt", value) => ("Fn::GetAtt".to_owned(), value),
        (function, value) if FUNCTIONS.contains(&function) => (format!("Fn::{function}"), value),
        (function, _) => {
            return Err(Diagnostic::at(node.span.clone(), format!("`!{function}` is no CloudFormation function")));
        }
    };
    Ok(Value::Object(Map::from_iter([(name, value)])))
}

/// A scalar without quotes. Only what reads back as it was written is a number: account ids and dates stay text.
fn plain_scalar(text: &str) -> Value {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    if let Some(flag) = boolean(text) {
        return Value::Bool(flag);
    }
    if let Ok(integer) = text.parse::<i64>()
        && integer.to_string() == text
    {
        return Value::Number(integer.into());
    }
    if text.contains('.')
        && let Ok(float) = text.parse::<f64>()
        && let Some(number) = Number::from_f64(float)
        && number.to_string() == text
    {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(yaml: &str, expected: Value) {
        let node = super::super::parse(&format!("v: {yaml}\n")).expect("valid YAML");
        assert_eq!(to_cloudformation(node.entry("v").expect("v").1).expect(yaml), expected, "{yaml}");
    }

    #[test]
    fn short_tags_become_functions() {
        check("!Ref Api", json!({"Ref": "Api"}));
        check("!GetAtt A.B.C", json!({"Fn::GetAtt": ["A", "B.C"]}));
        check("!GetAtt [A, B]", json!({"Fn::GetAtt": ["A", "B"]}));
        check("!Sub '${A}-x'", json!({"Fn::Sub": "${A}-x"}));
        check("!Join ['', [a, !Ref B]]", json!({"Fn::Join": ["", ["a", {"Ref": "B"}]]}));
        check("!If [C, !Ref 'AWS::NoValue', 1]", json!({"Fn::If": ["C", {"Ref": "AWS::NoValue"}, 1]}));
    }

    #[test]
    fn scalars_keep_what_was_written() {
        check("2012-10-17", json!("2012-10-17"));
        check("012345678901", json!("012345678901"));
        check("42", json!(42));
        check("1.5", json!(1.5));
        check("1.10", json!("1.10"));
        check("true", json!(true));
        check("'true'", json!("true"));
        check("!!str 5", json!("5"));
    }

    #[test]
    fn unknown_tags_are_refused() {
        let node = super::super::parse("v: !Foo 1").expect("valid YAML");
        let error = to_cloudformation(node.get("v").expect("v")).expect_err("refused");
        assert_eq!(error.message, "`!Foo` is no CloudFormation function");
    }
}
