//! What AWS's registry says about resource types: their schemas, and which types there are at all.

mod coerce;
mod schema;
mod validate;

#[cfg(test)]
mod tests;

pub use schema::{Recreation, Schema};

use std::collections::HashMap;
use std::sync::LazyLock;

/// The schemas of the types that the embedded cloud deploys.
const SCHEMAS: &[&str] = &[
    include_str!("../../schemas/AWS-ApiGateway-Account.json"),
    include_str!("../../schemas/AWS-ApiGateway-Deployment.json"),
    include_str!("../../schemas/AWS-ApiGateway-Method.json"),
    include_str!("../../schemas/AWS-ApiGateway-Model.json"),
    include_str!("../../schemas/AWS-ApiGateway-RequestValidator.json"),
    include_str!("../../schemas/AWS-ApiGateway-Resource.json"),
    include_str!("../../schemas/AWS-ApiGateway-RestApi.json"),
    include_str!("../../schemas/AWS-ApiGateway-Stage.json"),
    include_str!("../../schemas/AWS-CDK-Metadata.json"),
    include_str!("../../schemas/AWS-CloudFormation-Stack.json"),
    include_str!("../../schemas/AWS-CloudFormation-WaitConditionHandle.json"),
    include_str!("../../schemas/AWS-DynamoDB-Table.json"),
    include_str!("../../schemas/AWS-IAM-AccessKey.json"),
    include_str!("../../schemas/AWS-IAM-ManagedPolicy.json"),
    include_str!("../../schemas/AWS-IAM-Policy.json"),
    include_str!("../../schemas/AWS-IAM-Role.json"),
    include_str!("../../schemas/AWS-IAM-User.json"),
    include_str!("../../schemas/AWS-Lambda-Alias.json"),
    include_str!("../../schemas/AWS-Lambda-EventInvokeConfig.json"),
    include_str!("../../schemas/AWS-Lambda-Function.json"),
    include_str!("../../schemas/AWS-Lambda-LayerVersion.json"),
    include_str!("../../schemas/AWS-Lambda-LayerVersionPermission.json"),
    include_str!("../../schemas/AWS-Lambda-Permission.json"),
    include_str!("../../schemas/AWS-Lambda-Version.json"),
    include_str!("../../schemas/AWS-Logs-LogGroup.json"),
    include_str!("../../schemas/AWS-Logs-LogStream.json"),
    include_str!("../../schemas/AWS-S3-Bucket.json"),
    include_str!("../../schemas/AWS-S3-BucketPolicy.json"),
];

static BY_TYPE: LazyLock<HashMap<String, Schema>> = LazyLock::new(|| {
    let parsed = SCHEMAS.iter().map(|text| {
        let schema = Schema::parse(text).expect("the embedded schemas are checked by a test");
        (schema.type_name().to_owned(), schema)
    });
    parsed.collect()
});

/// The schema of a type, if the embedded cloud deploys it.
pub fn schema(type_name: &str) -> Option<&'static Schema> {
    BY_TYPE.get(type_name)
}

/// All types that the embedded cloud has a schema of, sorted.
pub fn supported_types() -> Vec<&'static str> {
    let mut names: Vec<&str> = BY_TYPE.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Whether AWS has a type of that name.
pub fn is_known(type_name: &str) -> bool {
    static NAMES: LazyLock<Vec<&str>> =
        LazyLock::new(|| include_str!("../../schemas/type-names.txt").lines().collect());
    NAMES.binary_search(&type_name).is_ok()
        || type_name.starts_with("Custom::")
        || type_name == "AWS::CloudFormation::CustomResource"
}
