//! CloudWatch Logs' errors.

use slam_cloud_core::AwsError;

/// A log group that is not there.
pub(crate) fn no_such_group() -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", "The specified log group does not exist.")
}

/// A log stream that is not there.
pub(crate) fn no_such_stream() -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// A policy that is not there (recorded: `test_delete_resource_policy_not_found`).
pub(crate) fn no_such_policy(name: &str) -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", format!("Policy with name [{name}] does not exist."))
}

/// More than there may be (recorded: `test_put_resource_policy_limit_exceeded`).
pub(crate) fn too_many() -> AwsError {
    AwsError::bad_request("LimitExceededException", "Resource limit exceeded.")
}

/// A parameter that makes no sense.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidParameterException", message)
}

/// A token that no earlier page gave.
pub(crate) fn invalid_token() -> AwsError {
    invalid_parameter("The specified nextToken is invalid.")
}
