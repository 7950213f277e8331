//! Scheduler's errors. Codes and statuses are those of its model; AWS's texts are known where a comment says so.

use slam_cloud_core::AwsError;
use std::fmt::Display;

/// A schedule that is not there. The text is seen in reports of SDKs' users.
pub(crate) fn no_such_schedule(name: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, format!("Schedule {name} does not exist."))
}

/// A group that is not there.
pub(crate) fn no_such_group(name: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, format!("Schedule group {name} does not exist."))
}

/// What cannot be done as things are.
pub(crate) fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ConflictException", 409, message)
}

/// More than there may be.
pub(crate) fn too_many(what: impl Display) -> AwsError {
    AwsError::new("ServiceQuotaExceededException", 402, format!("The quota of {what} is exceeded."))
}

/// An expression that is none. The text is quoted in LocalStack's issue 9284.
pub(crate) fn invalid_expression(expression: &str) -> AwsError {
    AwsError::validation(format!("Invalid Schedule Expression {expression}."))
}

/// A role that is not there, or does not trust Scheduler. The text is seen in aws-sdk-js-v3's issue 6494.
pub(crate) fn untrusting_role() -> AwsError {
    AwsError::validation("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
}

/// A target that AWS has and this cloud has not.
pub(crate) fn unsupported_target(arn: &str) -> AwsError {
    AwsError::unsupported(format_args!("the target {arn} of schedules"))
}

/// A token that no earlier page gave.
pub(crate) fn invalid_token() -> AwsError {
    AwsError::validation("Invalid NextToken.")
}
