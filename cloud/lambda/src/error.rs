//! Lambda's errors in Lambda's words.

use slam_cloud_core::AwsError;

/// 404, with the `Type` that most of Lambda's errors carry.
pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message).with("Type", "User")
}

/// "Function not found: arn…": what most operations answer about functions, versions and aliases.
pub fn function_not_found(arn: &str) -> AwsError {
    not_found(format!("Function not found: {arn}"))
}

/// 400: a parameter that the API model allows but Lambda does not.
pub fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidParameterValueException", message).with("Type", "User")
}

/// 409.
pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceConflictException", 409, message).with("Type", "User")
}

/// 412: a RevisionId that is not the latest; `api` is where the latest is to be had.
pub fn revision_mismatch(api: &str) -> AwsError {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {api} API to retrieve the latest \
         Revision Id"
    );
    AwsError::new("PreconditionFailedException", 412, message).with("Type", "User")
}

/// 429, with AWS's `Reason`.
pub fn too_many_requests(reason: &'static str) -> AwsError {
    AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.").with("Reason", reason).with("Type", "User")
}

/// The code of [`recursive_invocation`].
pub const RECURSIVE: &str = "RecursiveInvocationException";

/// 400: the invocation is one too many of a loop. The words are those of the API reference.
pub fn recursive_invocation() -> AwsError {
    let message = "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services \
                   resources and stopped your function's invocation.";
    AwsError::bad_request(RECURSIVE, message).with("Type", "User")
}

/// 413.
pub fn too_large(message: impl Into<String>) -> AwsError {
    AwsError::new("RequestEntityTooLargeException", 413, message)
}

/// Refuses a parameter that the embedded cloud does not support, by its name.
pub fn unsupported(what: &str) -> AwsError {
    AwsError::unsupported(what)
}
