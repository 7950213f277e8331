//! Files that the API serves from the bucket for packages, without a function.
//!
//! The bucket stays private: API Gateway reads it as a role that can read nothing but these files. Each version of the
//! folder lies under a prefix of its own, named by its content; the stages' variable `STATIC` says which one is
//! served, so that a stage which is published, or goes back, has the files that its version was made with.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html>

use super::package;
use crate::draft::Draft;
use crate::ids::{STATIC_PARAMETER, STATIC_ROLE, STATIC_STAGE_VARIABLE};
use crate::policy;
use serde_json::{Value, json};
use slam_project::Project;

/// What clients are told of an object; the rest is S3's own business.
const HEADERS: &[&str] = &["Content-Type", "Cache-Control", "ETag", "Last-Modified"];
/// What an answer without a body may tell of it.
const CACHED: &[&str] = &["Cache-Control", "ETag", "Last-Modified"];
/// Who may not list a bucket is told of a missing object that access is denied, so both are "not found".
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
const MISSING: &str = "40[34]";
/// All else that S3 refuses; no status is in two of these patterns, as API Gateway does not say which one counts.
const FAILED: &str = r"(4([1-9]\d|0[0-25-9])|5\d\d)";

/// Where the versions of the files lie within the bucket.
#[must_use]
pub fn prefix(project: &Project) -> String {
    format!("{}/static", project.name)
}

/// The parameter that says which version was deployed last, and the role that reads the files.
pub fn add(draft: &mut Draft<'_>) {
    if draft.project.static_files.is_none() {
        return;
    }
    let parameter = json!({"Type": "String", "Description": "The version of the static files, by their content."});
    draft.parameters.insert(STATIC_PARAMETER.to_owned(), parameter);
    let objects = format!("arn:${{AWS::Partition}}:s3:::${{Bucket}}/{}/*", prefix(draft.project));
    let objects = json!({"Fn::Sub": [objects, {"Bucket": package::bucket(draft)}]});
    let document = policy::document(vec![policy::allow(json!(["s3:GetObject"]), objects)]);
    let properties = json!({
        "AssumeRolePolicyDocument": policy::trust("apigateway.amazonaws.com"),
        "Policies": [{"PolicyName": "StaticFiles", "PolicyDocument": document}],
    });
    draft.resource(STATIC_ROLE, "AWS::IAM::Role", properties);
}

/// A method that answers with an object: the one that the path names below `{proxy+}`, else `index`.
pub fn method(draft: &Draft<'_>, api: &str, resource: Value, verb: &str, index: Option<&str>) -> Value {
    let key = index.unwrap_or("{proxy}");
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:s3:path/${{Bucket}}/{}/${{!stageVariables.{STATIC_STAGE_VARIABLE}}}/{key}",
        prefix(draft.project)
    );
    let mut declared = json!({"method.request.header.If-None-Match": false});
    let mut mapped = json!({"integration.request.header.If-None-Match": "method.request.header.If-None-Match"});
    if index.is_none() {
        declared["method.request.path.proxy"] = json!(true);
        mapped["integration.request.path.proxy"] = json!("method.request.path.proxy");
    }
    let not_found = json!({"application/json": r#"{"message": "Not Found"}"#});
    let failed = json!({"application/json": r#"{"message": "Bad Gateway"}"#});
    json!({
        "RestApiId": {"Ref": api},
        "ResourceId": resource,
        "HttpMethod": verb,
        "AuthorizationType": "NONE",
        "RequestParameters": declared,
        "Integration": {
            "Type": "AWS",
            "IntegrationHttpMethod": verb,
            "Uri": {"Fn::Sub": [uri, {"Bucket": package::bucket(draft)}]},
            "Credentials": {"Fn::GetAtt": [STATIC_ROLE, "Arn"]},
            "RequestParameters": mapped,
            "IntegrationResponses": [
                {"StatusCode": "200", "ResponseParameters": from_object(HEADERS)},
                {"StatusCode": "304", "SelectionPattern": "304", "ResponseParameters": from_object(CACHED)},
                {"StatusCode": "404", "SelectionPattern": MISSING, "ResponseTemplates": not_found},
                {"StatusCode": "502", "SelectionPattern": FAILED, "ResponseTemplates": failed},
            ],
        },
        "MethodResponses": [
            {"StatusCode": "200", "ResponseParameters": declaring(HEADERS)},
            {"StatusCode": "304", "ResponseParameters": declaring(CACHED)},
            {"StatusCode": "404"},
            {"StatusCode": "502"},
        ],
    })
}

fn from_object(headers: &[&str]) -> Value {
    let mapped = |name: &&str| {
        (format!("method.response.header.{name}"), Value::from(format!("integration.response.header.{name}")))
    };
    Value::Object(headers.iter().map(mapped).collect())
}

fn declaring(headers: &[&str]) -> Value {
    Value::Object(headers.iter().map(|name| (format!("method.response.header.{name}"), Value::from(false))).collect())
}
