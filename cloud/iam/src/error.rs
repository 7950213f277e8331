//! IAM's errors, in its own words.

use slam_cloud_core::AwsError;
use std::fmt::Display;

/// 404 `NoSuchEntity`.
pub fn no_such_entity(message: impl Into<String>) -> AwsError {
    AwsError::new("NoSuchEntity", 404, message)
}

/// 404 for an entity of a kind (`role`) by its name.
pub fn not_found(kind: &str, name: &str) -> AwsError {
    no_such_entity(format!("The {kind} with name {name} cannot be found."))
}

/// 404 for a managed policy.
pub fn policy_not_found(arn: &str) -> AwsError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// 404 for a managed policy that was to be attached.
pub fn policy_not_attachable(what: impl Display) -> AwsError {
    no_such_entity(format!("Policy {what} does not exist or is not attachable."))
}

/// 400 for a policy of AWS's services that was to be attached to something else.
pub fn policy_of_services() -> AwsError {
    AwsError::bad_request("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
}

/// 409 `EntityAlreadyExists`.
pub fn already_exists(message: impl Into<String>) -> AwsError {
    AwsError::new("EntityAlreadyExists", 409, message)
}

/// 409 `DeleteConflict`.
pub fn delete_conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("DeleteConflict", 409, message)
}

/// 409 `LimitExceeded`.
pub fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceeded", 409, message)
}

/// 400 `MalformedPolicyDocument`.
pub fn malformed_policy(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("MalformedPolicyDocument", message)
}

/// 400 `ValidationError`, as the query protocol names it.
pub fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ValidationError", message)
}

/// 400 `InvalidInput`.
pub fn invalid_input(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidInput", message)
}
