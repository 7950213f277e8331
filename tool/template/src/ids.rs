//! Logical ids, and names of parameters and outputs.

use slam_project::logical_name;

/// The parameter with the bucket of the package, when it is not the stack's own.
pub const CODE_BUCKET_PARAMETER: &str = "LambdaS3Bucket";
/// The parameter with the key of the package.
pub const CODE_KEY_PARAMETER: &str = "LambdaS3Key";

/// The bucket for packages.
pub const PACKAGE_BUCKET: &str = "PackageBucket";
/// The function.
pub const FUNCTION: &str = "Function";
/// The function's log group.
pub const FUNCTION_LOG_GROUP: &str = "FunctionLogGroup";
/// The REST API.
pub const API: &str = "Api";

/// The output with the name of the bucket for packages.
pub const PACKAGE_BUCKET_OUTPUT: &str = "PackageBucket";
/// The output with the ARN of the function.
pub const FUNCTION_ARN_OUTPUT: &str = "FunctionArn";
/// The output with the name of the function's log group.
pub const LOG_GROUP_OUTPUT: &str = "FunctionLogGroup";
/// The output with the id of the REST API.
pub const API_ID_OUTPUT: &str = "ApiId";

pub(crate) const ROLE: &str = "FunctionExecutionRole";
pub(crate) const API_ACCOUNT: &str = "ApiAccount";
pub(crate) const API_LOG_ROLE: &str = "ApiCloudWatchRole";

/// A stage's alias.
#[must_use]
pub fn alias_id(stage: &str) -> String {
    format!("{}FunctionAlias", logical_name(stage))
}

/// A table of a stage.
#[must_use]
pub fn table_id(stage: &str, table: &str) -> String {
    format!("{}{}DynamoDBTable", logical_name(stage), logical_name(table))
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
