//! The errors of API Gateway's second version, in AWS's words where they are known: from its documentation, or from errors
//! that people met on AWS and reported with the sentence. Nobody has recorded them as those of REST APIs; what is said of
//! things that are not there follows the sentences that are known of them.

use slam_cloud_core::{AwsError, Context};

/// `BadRequestException`
pub fn bad_request(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("BadRequestException", message)
}

/// `NotFoundException`
pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("NotFoundException", 404, message)
}

/// `ConflictException`
pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ConflictException", 409, message)
}

/// More of something than an API may have. The operations know no error of their own for it.
pub fn too_many(what: &str, limit: usize) -> AwsError {
    bad_request(format!(
        "Maximum number of {what} for this API has been reached. Please contact AWS if you need additional {what}. (limit: {limit})"
    ))
}

/// No such API.
pub fn no_api(context: &Context, id: &str) -> AwsError {
    not_found(format!("Invalid API identifier specified {}:{id}", context.account))
}

/// No such route.
pub fn no_route() -> AwsError {
    not_found("Invalid Route identifier specified")
}

/// No such integration.
pub fn no_integration() -> AwsError {
    not_found("Invalid Integration identifier specified")
}

/// No such authorizer.
pub fn no_authorizer() -> AwsError {
    not_found("Invalid Authorizer identifier specified")
}

/// No such stage.
pub fn no_stage() -> AwsError {
    not_found("Invalid stage identifier specified")
}

/// No such deployment.
pub fn no_deployment() -> AwsError {
    not_found("Invalid Deployment identifier specified")
}

/// A parameter mapping that cannot be read.
/// <https://github.com/hashicorp/terraform-provider-aws/pull/17997>
pub fn invalid_mapping(what: impl std::fmt::Display) -> AwsError {
    bad_request(format!("Invalid mapping expression specified: Validation Result: warnings : [], errors : [{what}]"))
}
