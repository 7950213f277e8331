//! EventBridge's errors. All have the status 400, those of what is not there, too (recorded: `test_describe_nonexistent_rule`).

use slam_cloud_core::AwsError;
use std::fmt::Display;

/// A bus that is not there (recorded: `test_describe_delete_not_existing_event_bus`).
pub fn no_such_bus(name: &str) -> AwsError {
    not_found(format!("Event bus {name} does not exist."))
}

/// A rule that is not there (recorded: `test_describe_nonexistent_rule`).
pub fn no_such_rule(bus: &str, name: &str) -> AwsError {
    not_found(format!("Rule {name} does not exist on EventBus {bus}."))
}

/// A connection that is not there, and what it was wanted for (recorded for `describe`: `test_delete_connection`).
pub fn no_such_connection(doing: &str, name: &str) -> AwsError {
    not_found(format!("Failed to {doing} the connection(s). Connection '{name}' does not exist."))
}

/// An API destination that is not there, and what it was wanted for (recorded for `describe`: `test_api_destinations`).
pub fn no_such_destination(doing: &str, name: &str) -> AwsError {
    not_found(format!("Failed to {doing} the api-destination(s). An api-destination '{name}' does not exist."))
}

/// Something that is not there, in words of its own.
pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", message)
}

/// Something that is there already, in words of its own.
pub fn exists(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ResourceAlreadyExistsException", message)
}

/// More than there may be (recorded: `test_add_exceed_fife_targets_per_rule`).
pub fn too_many() -> AwsError {
    AwsError::bad_request("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

/// A pattern that is none, for Event Ruler's reason.
pub fn invalid_pattern(reason: impl Display) -> AwsError {
    AwsError::bad_request("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {reason}"))
}

/// A parameter that cannot be, and why (recorded: `test_start_replay_error_invalid_end_time`).
pub fn invalid(parameter: &str, reason: impl Display) -> AwsError {
    AwsError::validation(format!("Parameter {parameter} is not valid. Reason: {reason}"))
}

/// A token that no earlier page gave.
pub fn invalid_token() -> AwsError {
    AwsError::validation("Parameter NextToken is not valid.")
}
