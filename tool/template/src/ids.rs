//! Logical ids, and names of parameters, conditions and outputs.

use serde_json::Value;
use slam_project::{Function, logical_name};

/// The parameter with the bucket of the package, when it is not the stack's own.
pub const CODE_BUCKET_PARAMETER: &str = "LambdaS3Bucket";
/// The parameter with the key of the package.
pub const CODE_KEY_PARAMETER: &str = "LambdaS3Key";

/// The bucket for packages.
pub const PACKAGE_BUCKET: &str = "PackageBucket";
/// The project's own function.
pub const FUNCTION: &str = "Function";
/// Its log group.
pub const FUNCTION_LOG_GROUP: &str = "FunctionLogGroup";
/// The REST API.
pub const API: &str = "Api";

/// The parameter with the version of the static files that was deployed last: a hash of their content.
pub const STATIC_PARAMETER: &str = "StaticFilesVersion";

/// The stage variable that says which version of the files is served.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html>
pub const STATIC_STAGE_VARIABLE: &str = "STATIC";

/// The output with the name of the bucket for packages.
pub const PACKAGE_BUCKET_OUTPUT: &str = "PackageBucket";
/// The output with the ARN of the function.
pub const FUNCTION_ARN_OUTPUT: &str = "FunctionArn";
/// The output with the name of the function's log group.
pub const LOG_GROUP_OUTPUT: &str = "FunctionLogGroup";
/// The output with the id of the REST API.
pub const API_ID_OUTPUT: &str = "ApiId";

pub const STATIC_ROLE: &str = "StaticFilesRole";
pub const ROLE: &str = "FunctionExecutionRole";
pub const API_ACCOUNT: &str = "ApiAccount";
pub const API_LOG_ROLE: &str = "ApiCloudWatchRole";

/// The condition that the stack is at AWS itself.
pub const ON_AWS: &str = "OnAws";

/// What stands before the ids of a function's own resources: nothing for the project's own function.
fn prefix(function: Option<&str>) -> String {
    function.map(logical_name).unwrap_or_default()
}

/// A function; `None` is the project's own.
#[must_use]
pub fn function_id(function: Option<&str>) -> String {
    format!("{}{FUNCTION}", prefix(function))
}

/// A function's log group.
#[must_use]
pub fn log_group_id(function: Option<&str>) -> String {
    format!("{}{FUNCTION_LOG_GROUP}", prefix(function))
}

/// The output with the ARN of a function.
#[must_use]
pub fn function_arn_output(function: Option<&str>) -> String {
    format!("{}{FUNCTION_ARN_OUTPUT}", prefix(function))
}

/// A stage's alias of a function.
#[must_use]
pub fn alias_id(stage: &str, function: Option<&str>) -> String {
    format!("{}{}FunctionAlias", logical_name(stage), prefix(function))
}

/// The parameter with the key of the package that is a function's own; of the first package for `None`.
#[must_use]
pub fn code_key_parameter(package: Option<&str>) -> String {
    match package {
        None => CODE_KEY_PARAMETER.to_owned(),
        Some(name) => format!("{}FunctionS3Key", logical_name(name)),
    }
}

/// The parameter with the key of a package's layer of dependencies.
#[must_use]
pub fn layer_key_parameter(package: Option<&str>) -> String {
    match package {
        None => "LayerS3Key".to_owned(),
        Some(name) => format!("{}FunctionLayerS3Key", logical_name(name)),
    }
}

/// A package's layer of dependencies.
pub fn layer_id(package: Option<&str>) -> String {
    format!("{}DependenciesLayer", prefix(package))
}

/// The role of a function: the project's, unless it has one of its own.
pub fn role_id(function: &Function) -> String {
    let own = function.permissions.is_some().then_some(function.name.as_deref()).flatten();
    format!("{}{ROLE}", prefix(own))
}

/// What a function's versions are called, before a hash.
pub fn version_prefix(function: Option<&str>) -> String {
    format!("{}Version", prefix(function))
}

/// A table of a stage.
#[must_use]
pub fn table_id(stage: &str, table: &str) -> String {
    format!("{}{}DynamoDBTable", logical_name(stage), logical_name(table))
}

/// A queue of a stage.
#[must_use]
pub fn queue_id(stage: &str, queue: &str) -> String {
    format!("{}{}Queue", logical_name(stage), logical_name(queue))
}

/// The dead-letter queue of a stage's queue.
#[must_use]
pub fn dead_queue_id(stage: &str, queue: &str) -> String {
    format!("{}{}DeadLetterQueue", logical_name(stage), logical_name(queue))
}

/// A topic of a stage.
#[must_use]
pub fn topic_id(stage: &str, topic: &str) -> String {
    format!("{}{}Topic", logical_name(stage), logical_name(topic))
}

/// A bucket of a stage.
#[must_use]
pub fn bucket_id(stage: &str, bucket: &str) -> String {
    format!("{}{}Bucket", logical_name(stage), logical_name(bucket))
}

/// A stage's queue of tasks of a function.
pub fn tasks_queue_id(stage: &str, function: Option<&str>) -> String {
    format!("{}{}TasksQueue", logical_name(stage), prefix(function))
}

/// The role of a stage's schedules.
pub fn schedules_role_id(stage: &str) -> String {
    format!("{}SchedulesRole", logical_name(stage))
}

/// The part of a logical id that stands for what an ARN, or a CloudFormation function that gives one, names.
pub fn logical_part(arn: &Value) -> String {
    match arn {
        Value::String(text) if text.starts_with("arn:") => {
            let resource = text.splitn(6, ':').nth(5).unwrap_or_default();
            // Of a stream: the table's name.
            let name = resource.strip_prefix("table/").and_then(|rest| rest.split('/').next()).unwrap_or(resource);
            logical_name(name)
        }
        Value::String(text) => logical_name(text),
        Value::Array(items) => items.iter().map(logical_part).collect(),
        Value::Object(map) => map.values().map(logical_part).collect(),
        _ => String::new(),
    }
}

/// A stage's table of results of tasks.
pub fn tasks_table_id(stage: &str) -> String {
    format!("{}TasksResultsTable", logical_name(stage))
}

/// A stage of the API.
pub fn api_stage_id(stage: &str) -> String {
    format!("{}ApiStage", logical_name(stage))
}

/// A usage plan of a stage.
pub fn usage_plan_id(stage: &str, plan: &str) -> String {
    format!("{}{}UsagePlan", logical_name(stage), logical_name(plan))
}

/// The output with the URL of a stage.
#[must_use]
pub fn endpoint_output(stage: &str) -> String {
    format!("{}Endpoint", logical_name(stage))
}

/// The output with the version that a stage is at.
#[must_use]
pub fn version_output(stage: &str) -> String {
    format!("{}Version", logical_name(stage))
}
