//! SNS's errors: codes and statuses are those of its model, the texts are AWS's where a comment says so.

use slam_cloud_core::AwsError;
use std::fmt::Display;

/// A wrong parameter (recorded in most of the tests of errors).
pub fn invalid(what: impl Display) -> AwsError {
    AwsError::bad_request("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// The same in words of its own (recorded: `test_set_invalid_sms_attributes`, `test_subscribe_invalid_sms`).
pub fn invalid_text(message: impl Display) -> AwsError {
    AwsError::bad_request("InvalidParameter", message.to_string())
}

/// A wrong parameter, and why.
pub fn invalid_because(parameter: &str, reason: impl Display) -> AwsError {
    invalid(format_args!("{parameter} Reason: {reason}"))
}

/// A wrong value of a message's attribute (recorded: `test_empty_or_wrong_message_attributes`).
pub fn invalid_value(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ParameterValueInvalid", message)
}

/// A topic that is not there (recorded: `test_create_topic_test_arn`).
pub fn no_such_topic() -> AwsError {
    AwsError::new("NotFound", 404, "Topic does not exist")
}

/// A subscription that is not there (recorded: `test_not_found_error_on_set_subscription_attributes`).
pub fn no_such_subscription() -> AwsError {
    AwsError::new("NotFound", 404, "Subscription does not exist")
}

/// An application of mobile push that is not there (recorded: `test_get_platform_application_attributes_non_existing_app`).
pub fn no_such_application() -> AwsError {
    AwsError::new("NotFound", 404, "PlatformApplication does not exist")
}

/// Its endpoint (recorded: `test_get_platform_endpoint_attributes_non_existent_endpoint`).
pub fn no_such_endpoint() -> AwsError {
    AwsError::new("NotFound", 404, "Endpoint does not exist")
}

/// A resource with tags that is not there (recorded: `test_tags_removed_after_deletion`).
pub fn no_such_resource() -> AwsError {
    AwsError::new("ResourceNotFound", 404, "Resource does not exist")
}

/// The code of a denial.
pub const DENIED: &str = "AuthorizationError";

/// What belongs to others.
pub fn denied(message: impl Into<String>) -> AwsError {
    AwsError::new(DENIED, 403, message)
}
