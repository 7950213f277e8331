//! The errors of API Gateway's control plane, in AWS's words (recorded by LocalStack's tests against AWS where known).

use slam_cloud_core::{AwsError, AwsResult, Context};

/// `BadRequestException`
pub fn bad_request(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("BadRequestException", message)
}

/// What was ignored of a document, for whoever wants none of it ignored: "Otherwise, warnings are returned as a message in the
/// exception" (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-errors-warnings.html>).
///
/// # Errors
/// The warnings, if there are any.
pub fn warned(warnings: &[String], fail: Option<bool>) -> AwsResult<()> {
    match fail.unwrap_or(false) && !warnings.is_empty() {
        true => Err(bad_request(format!("Warnings found during import:\n\t{}", warnings.join("\n\t")))),
        false => Ok(()),
    }
}

/// What is no OpenAPI document (recorded: test_import_api_bad_file).
pub fn invalid_openapi() -> AwsError {
    bad_request("Invalid OpenAPI input.")
}

/// `NotFoundException`
pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("NotFoundException", 404, message)
}

/// `ConflictException`
pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ConflictException", 409, message)
}

/// `LimitExceededException`
pub fn limit_exceeded(what: &str) -> AwsError {
    AwsError::new(
        "LimitExceededException",
        429,
        format!(
            "Maximum number of {what} for this API has been reached. Please contact AWS if you need additional {what}."
        ),
    )
}

/// `LimitExceededException` for what an account has.
pub fn limit_exceeded_in_account(what: &str) -> AwsError {
    AwsError::new("LimitExceededException", 429, format!("Maximum number of {what} for this account has been reached"))
}

/// What AWS answers where an API is gone when something is added to it (recorded: test_authorizer_crud_no_api).
pub fn concurrent_modification() -> AwsError {
    conflict("Unable to complete operation due to concurrent modification. Please try again later.")
}

/// No such API key, or none of the usage plan.
pub fn no_api_key() -> AwsError {
    not_found("Invalid API Key identifier specified")
}

/// No such usage plan (recorded: test_usage_plan_crud).
pub fn no_usage_plan() -> AwsError {
    not_found("Invalid Usage Plan ID specified")
}

/// No such API, for operations on the API itself.
pub fn no_api(context: &Context, id: &str) -> AwsError {
    not_found(format!("Invalid API identifier specified {}:{id}", context.account))
}

/// No such resource, or no such API for operations on resources.
pub fn no_resource() -> AwsError {
    not_found("Invalid Resource identifier specified")
}

/// No such method.
pub fn no_method() -> AwsError {
    not_found("Invalid Method identifier specified")
}

/// No such integration.
pub fn no_integration() -> AwsError {
    not_found("Invalid Integration identifier specified")
}

/// No such method response or integration response.
pub fn no_response() -> AwsError {
    not_found("Invalid Response status code specified")
}

/// No such documentation part (recorded: test_invalid_get_documentation_part).
pub fn no_documentation_part() -> AwsError {
    not_found("Invalid Documentation part identifier specified")
}

/// No such documentation version.
pub fn no_documentation_version() -> AwsError {
    not_found("Invalid Documentation version specified")
}

/// No such stage.
pub fn no_stage() -> AwsError {
    not_found("Invalid stage identifier specified")
}

/// No such deployment.
pub fn no_deployment() -> AwsError {
    not_found("Invalid Deployment identifier specified")
}

/// A mapping from or to something that is not declared or cannot be mapped.
pub fn invalid_mapping(kind: &str, what: &str) -> AwsError {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression {kind}: {what}]"
    ))
}
