//! Secrets Manager's errors.

use slam_cloud_core::AwsError;

/// A secret that is not there (recorded: `test_secret_not_found`).
pub(crate) fn no_such_secret() -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

/// A version that is not there, or has no value yet (recorded: `test_secret_version_not_found`).
pub(crate) fn no_such_value(which: impl std::fmt::Display) -> AwsError {
    let message = format!("Secrets Manager can't find the specified secret value for {which}");
    AwsError::bad_request("ResourceNotFoundException", message)
}

/// What a secret that is scheduled for deletion does not let be done.
pub(crate) fn marked_for_deletion() -> AwsError {
    invalid_request("You can't perform this operation on the secret because it was marked for deletion.")
}

/// What the service that manages a secret lets nobody else do. AWS's words for it are not documented.
pub(crate) fn managed(owner: &str) -> AwsError {
    invalid_request(format!("You can't perform this operation on the secret because it is managed by {owner}."))
}

/// A request that the secret's state does not allow.
pub(crate) fn invalid_request(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidRequestException", message)
}

/// A member with a wrong value.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidParameterException", message)
}

/// What is there already.
pub(crate) fn exists(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ResourceExistsException", message)
}

/// A token that no earlier page gave.
pub(crate) fn invalid_token() -> AwsError {
    AwsError::bad_request("InvalidNextTokenException", "The NextToken value is invalid.")
}
