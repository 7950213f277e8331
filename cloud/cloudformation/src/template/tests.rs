//! The template language, case by case. Messages marked "recorded" were answered by AWS
//! (LocalStack's validated snapshots, Apache-2.0, see the README of the test data).

use super::functions::UNKNOWN;
use super::parameters::{self, Given};
use super::trial::evaluate_all;
use super::{Template, parse_document};
use indexmap::IndexMap;
use serde_json::{Value, json};

fn tree(text: &str, expected: Value) {
    assert_eq!(parse_document(text).unwrap(), expected, "{text}");
}

fn refused(text: &str, expected: &str) {
    let message = match Template::parse(text) {
        Err(error) => error.message,
        Ok(template) => match evaluate_all(&template) {
            Err(error) => error.message,
            Ok(_) => panic!("accepted: {text}"),
        },
    };
    assert_eq!(message, expected, "{text}");
}

/// What a function gives, written as the property of a resource.
fn gives(function: &str, expected: Value) {
    let text = format!(
        r"
Parameters:
  Name: {{Type: String, Default: tasks}}
  Count: {{Type: Number, Default: 3}}
  Nothing: {{Type: String, Default: 'AWS::NoValue'}}
  List: {{Type: CommaDelimitedList, Default: 'x, y,z'}}
Mappings:
  Map: {{top: {{one: 1, list: [p, q]}}}}
Conditions:
  Yes: !Equals [!Ref Name, tasks]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Or [!Condition No, !Equals [a, a]]]
Resources:
  A: {{Type: 'AWS::S3::Bucket'}}
  B: {{Type: 'AWS::S3::Bucket'}}
  Z:
    Type: AWS::S3::Bucket
    Properties:
      P: {function}
"
    );
    let value = Template::parse(&text).and_then(|template| evaluate_all(&template));
    assert_eq!(value.map_err(|error| error.message), Ok(expected), "{function}");
}

fn fails(function: &str, expected: &str) {
    let text = format!("Resources: {{A: {{Type: 'AWS::S3::Bucket', Properties: {{P: {function}}}}}}}");
    refused(&text, expected);
}

#[test]
fn scalars_stay_as_they_are_written() {
    tree("a: 010", json!({"a": "010"}));
    tree("a: 012345678901", json!({"a": "012345678901"}));
    tree("a: 10", json!({"a": 10}));
    tree("a: 1.10", json!({"a": "1.10"}));
    tree("a: 1.5", json!({"a": 1.5}));
    tree("a: 2012-10-17", json!({"a": "2012-10-17"}));
    tree("a: yes", json!({"a": "yes"}));
    tree("a: true", json!({"a": true}));
    tree("a: 'true'", json!({"a": "true"}));
    tree("a: !!str 10", json!({"a": "10"}));
    tree("a: |\n  one\n  two\n", json!({"a": "one\ntwo\n"}));
}

#[test]
fn short_tags_are_their_functions() {
    tree("a: !Ref X", json!({"a": {"Ref": "X"}}));
    tree("a: !Condition X", json!({"a": {"Condition": "X"}}));
    tree("a: !GetAtt A.B.C", json!({"a": {"Fn::GetAtt": ["A", "B.C"]}}));
    tree("a: !GetAtt [A, B]", json!({"a": {"Fn::GetAtt": ["A", "B"]}}));
    tree("a: !Sub ['${X}', {X: !Ref Y}]", json!({"a": {"Fn::Sub": ["${X}", {"X": {"Ref": "Y"}}]}}));
    tree("a: !If [C, 1, !Ref B]", json!({"a": {"Fn::If": ["C", 1, {"Ref": "B"}]}}));
    tree("{\"a\": [1, 2,], }", json!({"a": [1, 2]}));
    tree("a:\n  Fn::GetAtt: A.B", json!({"a": {"Fn::GetAtt": ["A", "B"]}}));
    tree("{\"a\": {\"Fn::GetAtt\": \"A.B\"}}", json!({"a": {"Fn::GetAtt": ["A", "B"]}}));
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    // Recorded: test_validate_invalid_json_template_should_fail.
    refused("{\"this is invalid JSON\"}", "Template format error: JSON not well-formed. (line 1, column 25)");
    refused(
        "{\"a\": 1, \"a\": 2}",
        "Template format error: JSON not well-formed. (line 1, column 13): the key 'a' occurs twice",
    );
    refused(
        "a: 1\na: 2\n",
        "Template format error: YAML not well-formed. (line 2, column 1): the key 'a' occurs twice",
    );
    refused(
        "a: !Nope 1\n",
        "Template format error: YAML not well-formed. (line 1, column 4): the tag '!Nope' is unknown",
    );
    // Recorded: test_create_stack_invalid_yaml_template_should_fail.
    refused("a: b\n  - c: d\n e", "Template format error: YAML not well-formed. (line 2, column 6)");
    refused("a: &x 1\nb: *x\n", "Template format error: YAML aliases are not allowed in CloudFormation templates");
    refused("just text", "Template format error: unsupported structure.");
}

#[test]
fn deep_documents_are_refused() {
    for open in ["[", "{a: "] {
        let message = Template::parse(&format!("a: {}", open.repeat(100))).unwrap_err().message;
        assert!(message.contains("nested too deeply"), "{message}");
    }
    let json = format!("{{\"a\": {}", "[".repeat(100));
    assert!(Template::parse(&json).unwrap_err().message.contains("nested too deeply"));
}

/// Recorded: test_get_template_summary_no_resources, test_linting_error_during_creation, test_no_type,
/// test_using_pseudoparameters_in_places.
#[test]
fn the_form_of_sections_is_checked() {
    let bucket = "Resources: {A: {Type: 'AWS::S3::Bucket'}}";
    refused("Description: x", "Template format error: At least one Resources member must be defined.");
    refused("Resources: {A: x}", "Template format error: Any Resources member must be an object.");
    refused(
        "Resources: {Foo: {Properties: {}}}",
        "Template format error: [/Resources/Foo] Every Resources object must contain a Type member.",
    );
    refused(
        "Resources: {'AWS::NoValue': {Type: X}}",
        "Template format error: Resource name AWS::NoValue is non alphanumeric.",
    );
    refused(
        &format!("Parameters: {{'AWS::NoValue': {{Type: String}}}}\n{bucket}"),
        "Template format error: Parameter name AWS::NoValue is non alphanumeric.",
    );
    refused("Resources: {A: {Type: 'AWS::S3::Bucket', Color: red}}", "Invalid template resource property 'Color'");
    refused(
        "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {X: null}}}",
        "[/Resources/A/Properties/X] 'null' values are not allowed in templates",
    );
    refused(&format!("Foo: 1\n{bucket}"), "Template format error: Invalid template property or properties [Foo]");
    refused(
        &format!("Transform: AWS::Serverless-2016-10-31\n{bucket}"),
        "The transform AWS::Serverless-2016-10-31 is not supported by the embedded cloud",
    );
    refused(
        "Resources: {A: {Type: 'AWS::S3::Bucket', UpdatePolicy: {CodeDeployLambdaAliasUpdate: {}}}}",
        "UpdatePolicy of the resource A is not supported by the embedded cloud",
    );
    refused(
        "AWSTemplateFormatVersion: 2010-09-08",
        "Template format error: 2010-09-08 is not a supported value for AWSTemplateFormatVersion.",
    );
}

#[test]
fn too_many_resources_are_refused() {
    let mut text = "Resources:\n".to_owned();
    for index in 0..501 {
        text.push_str(&format!("  R{index}: {{Type: 'AWS::S3::Bucket'}}\n"));
    }
    refused(&text, "Template format error: Number of resources, 501, is greater than maximum allowed, 500");
}

/// Recorded: test_useful_error_when_invalid_ref, test_depends_on_with_missing_reference, test_dependent_ref,
/// test_output_reference_to_skipped_resource, test_missing_condition.
#[test]
fn references_to_nothing_are_refused() {
    fails(
        "!Ref InvalidRef",
        "Template format error: Unresolved resource dependencies [InvalidRef] in the Resources block of the template",
    );
    fails(
        "!Sub '${Nope.Arn}'",
        "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template",
    );
    refused(
        "Resources: {A: {Type: 'AWS::S3::Bucket', DependsOn: NonExistingResource}}",
        "Template format error: Unresolved resource dependencies [NonExistingResource] in the Resources block of the template",
    );
    refused(
        "Resources: {A: {Type: 'AWS::S3::Bucket'}}\nOutputs: {O: {Value: !Ref MyTopic}}",
        "Unresolved resource dependencies [MyTopic] in the Outputs block of the template",
    );
    refused(
        "Conditions: {No: !Equals [a, b]}\nResources: {MyTopic: {Type: 'AWS::S3::Bucket', Condition: No}, A: {Type: 'AWS::S3::Bucket', Properties: {P: !Ref MyTopic}}}",
        "Template format error: Unresolved resource dependencies [MyTopic] in the Resources block of the template",
    );
    fails("!If [MissingCondition, 1, 2]", "Template error: unresolved condition dependency MissingCondition in Fn::If");
    refused(
        "Conditions: {C: !Equals [!Ref A, b]}\nResources: {A: {Type: 'AWS::S3::Bucket'}}",
        "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template",
    );
}

#[test]
fn a_reference_in_the_branch_not_taken_is_no_need() {
    let template = Template::parse(
        "Conditions: {No: !Equals [a, b]}\n\
         Resources: {A: {Type: 'AWS::S3::Bucket', Condition: No}, B: {Type: 'AWS::S3::Bucket', Properties: {P: !If [No, !Ref A, x]}}}",
    )
    .unwrap();
    assert_eq!(evaluate_all(&template).unwrap(), json!("x"));
}

#[test]
fn circles_are_named() {
    let resource =
        |id: &str, needs: &str| format!("  {id}: {{Type: 'AWS::S3::Bucket', Properties: {{P: !Ref {needs}}}}}\n");
    refused(
        &format!("Resources:\n{}{}{}", resource("A", "B"), resource("B", "A"), resource("C", "A")),
        "Circular dependency between resources: [A, B]",
    );
}

#[test]
fn functions_give_what_aws_gives() {
    gives("!Ref Name", json!("tasks"));
    gives("!Ref List", json!(["x", "y", "z"]));
    gives("!Ref A", json!("a-physical"));
    gives("!Ref B", json!(UNKNOWN));
    gives("!Ref AWS::AccountId", json!("012345678901"));
    gives("!Ref AWS::NoValue", Value::Null);
    gives("!Ref Nothing", Value::Null);
    gives("{x: !Ref 'AWS::NoValue', y: [1, !Ref 'AWS::NoValue', 2]}", json!({"y": [1, 2]}));
    gives("!GetAtt A.Arn", json!("a.Arn"));
    gives(
        "!Sub 'https://${A}.${AWS::Region}.${AWS::URLSuffix}/${!stay}/${A.Arn}/${Count}'",
        json!("https://a-physical.eu-west-1.localhost:4566/${stay}/a.Arn/3"),
    );
    gives("!Sub ['${X}-${Name}', {X: !Select [1, !Ref List]}]", json!("y-tasks"));
    gives("!Sub 'a-${B}'", json!(UNKNOWN));
    gives("!Join ['-', [a, !Ref Name, !Ref 'AWS::NoValue', 1]]", json!("a-tasks-1"));
    gives("!Join [',', !Ref List]", json!("x,y,z"));
    gives("!Split ['|', 'a||c']", json!(["a", "", "c"]));
    gives("!Select ['2', !Split [',', 'a,b,c']]", json!("c"));
    gives("!FindInMap [Map, top, one]", json!(1));
    gives("!FindInMap [Map, top, list]", json!(["p", "q"]));
    gives("!If [Yes, 1, 2]", json!(1));
    gives("!If [Both, 1, 2]", json!(1));
    gives("!If [No, 1, !Ref 'AWS::NoValue']", Value::Null);
    gives("!Base64 'a b'", json!("YSBi"));
    gives("!Cidr ['10.0.0.0/16', 2, 8]", json!(["10.0.0.0/24", "10.0.1.0/24"]));
    gives("!Cidr ['fd00::/56', '2', '64']", json!(["fd00::/64", "fd00:0:0:1::/64"]));
    gives("!GetAZs ''", json!(["eu-west-1a", "eu-west-1b", "eu-west-1c"]));
    gives("!ImportValue shared", json!("imported"));
}

/// Recorded: test_invalid_structure (`Fn::GetAtt`), test_validate_equals_args_len (`Fn::Equals`).
#[test]
fn functions_used_wrongly_are_refused() {
    fails(
        "!GetAtt [A]",
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    );
    fails("!Select [5, [a]]", "Template error: Fn::Select cannot select nonexistent value at index 5");
    fails(
        "!FindInMap [Nope, a, b]",
        "Template validation error: Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template.",
    );
    fails(
        "!Sub '${a b}'",
        "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
    );
    fails("!ImportValue nowhere", "No export named nowhere found.");
    refused(
        "Conditions: {C: !Equals [a]}\nResources: {A: {Type: 'AWS::S3::Bucket'}}",
        "Template error: every Fn::Equals object requires a list of 2 string parameters.",
    );
    refused(
        "Conditions: {C: !Not [!Condition D], D: !Not [!Condition C]}\nResources: {A: {Type: 'AWS::S3::Bucket'}}",
        "Template format error: Found circular condition dependency between C and D",
    );
}

fn parameter(declaration: &str, given: Option<&str>, expected: Result<&str, &str>) {
    let text = format!("Parameters: {{P: {declaration}}}\nResources: {{A: {{Type: 'AWS::S3::Bucket'}}}}");
    let given = given.map(|value| ("P".to_owned(), Given::Value(value.to_owned())));
    let resolved = Template::parse(&text)
        .and_then(|template| parameters::resolve(&template.parameters, &given.into_iter().collect(), None))
        .map(|values| values["P"].clone())
        .map_err(|error| error.message);
    assert_eq!(resolved.as_deref().map_err(|message| &**message), expected, "{declaration}");
}

/// Recorded: test_invalid_parameter_type (`must be a number`), test_no_parameters_given (`must have values`).
#[test]
fn parameters_are_checked() {
    parameter("{Type: String, Default: 010}", None, Ok("010"));
    parameter("{Type: String}", None, Err("Parameters: [P] must have values"));
    parameter("{Type: Number}", Some("x"), Err("Parameter 'P' must be a number."));
    parameter("{Type: String, AllowedValues: [a, b]}", Some("c"), Err("Parameter 'P' must be one of AllowedValues"));
    parameter("{Type: String, AllowedPattern: '[a-z]+'}", Some("ab1"), Err("Parameter 'P' must match pattern [a-z]+"));
    // Of AWS's own template of VPC flow logs.
    let bucket = r"{Type: String, AllowedPattern: '^$|^(?=^.{3,63}$)(?!.*[.-]{2})[a-z0-9][a-z0-9.-]*$'}";
    for name in ["", "abc", "a.b-c"] {
        parameter(bucket, Some(name), Ok(name));
    }
    let message = "Parameter 'P' must match pattern ^$|^(?=^.{3,63}$)(?!.*[.-]{2})[a-z0-9][a-z0-9.-]*$";
    parameter(bucket, Some("a..b"), Err(message));
    parameter(
        "{Type: String, MaxLength: 2, ConstraintDescription: short}",
        Some("abc"),
        Err("Parameter P failed to satisfy constraint: short"),
    );
    parameter("{Type: Number, MaxValue: 5}", Some("6"), Err("Parameter 'P' must be a number not greater than 5"));
    parameter("{Type: List<Number>}", Some("1,2,x"), Err("Parameter 'P' must be a number."));
    parameter(
        "{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>'}",
        Some("x"),
        Err(
            "The type AWS::SSM::Parameter::Value<AWS::EC2::Image::Id> of the parameter P is not supported by the embedded cloud: use String and give the value itself",
        ),
    );
    parameter("{Type: Strin}", None, Err("Template format error: Unrecognized parameter type: Strin"));
}

#[test]
fn parameters_that_nobody_declared_are_refused() {
    let given = IndexMap::from([("Q".to_owned(), Given::Value("1".to_owned()))]);
    let message = parameters::resolve(&IndexMap::new(), &given, None).unwrap_err().message;
    assert_eq!(message, "Parameters: [Q] do not exist in the template");
}
