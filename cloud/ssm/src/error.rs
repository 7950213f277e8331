//! Parameter Store's errors.

use slam_cloud_core::AwsError;

/// A parameter that is not there. AWS says nothing more (recorded: `test_parameter_defaults`).
pub(crate) fn no_such_parameter() -> AwsError {
    AwsError::bad_request("ParameterNotFound", "")
}

/// A version or label that a parameter does not have.
pub(crate) fn no_such_version(name: &str, version: &str) -> AwsError {
    AwsError::bad_request(
        "ParameterVersionNotFound",
        format!("Systems Manager could not find version {version} of {name}. Verify the version and try again."),
    )
}

/// A resource without tags because it is not there. AWS's shape has no message.
pub(crate) fn invalid_resource_id() -> AwsError {
    AwsError::bad_request("InvalidResourceId", "")
}

/// A token that no earlier page gave.
pub(crate) fn invalid_token() -> AwsError {
    AwsError::bad_request("InvalidNextToken", "The specified token isn't valid.")
}
