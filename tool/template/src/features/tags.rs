//! The project's tags, on every resource of ours that can have some. What the user adds is left as it is.

use crate::draft::Draft;
use serde_json::{Map, Value, json};

const TAGGABLE: &[&str] = &[
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
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

/// Those whose tags are a mapping, and no list.
const TAGGABLE_BY_NAME: &[&str] = &["AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"];

pub fn add(draft: &mut Draft<'_>) {
    if draft.project.tags.is_empty() {
        return;
    }
    let tags: Value = draft.project.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let named: Value =
        draft.project.tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect::<Map<_, _>>().into();
    for resource in draft.resources.values_mut() {
        let Some(kind) = resource["Type"].as_str() else { continue };
        if TAGGABLE.contains(&kind) {
            resource["Properties"]["Tags"] = tags.clone();
        } else if TAGGABLE_BY_NAME.contains(&kind) {
            resource["Properties"]["Tags"] = named.clone();
        }
    }
}
