//! The project's tags, on every resource of ours that can have some. What the user adds is left as it is.

use crate::draft::Draft;
use serde_json::{Value, json};

const TAGGABLE: &[&str] = &[
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
];

pub fn add(draft: &mut Draft<'_>) {
    if draft.project.tags.is_empty() {
        return;
    }
    let tags: Value = draft.project.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    for resource in draft.resources.values_mut() {
        if resource["Type"].as_str().is_some_and(|kind| TAGGABLE.contains(&kind)) {
            resource["Properties"]["Tags"] = tags.clone();
        }
    }
}
