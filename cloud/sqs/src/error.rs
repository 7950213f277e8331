//! SQS's errors, by the names of its model. What the query protocol calls them is in [`crate::dialect`].

use slam_cloud_core::AwsError;
use std::fmt::Display;

/// A queue that is not there (recorded: `test_non_existent_queue`).
pub fn no_such_queue() -> AwsError {
    AwsError::bad_request("QueueDoesNotExist", "The specified queue does not exist.")
}

/// A parameter with a wrong value, and why (recorded: `test_send_receive_wait_time_seconds`).
pub fn invalid_value(value: impl Display, parameter: &str, reason: impl Display) -> AwsError {
    invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
}

/// A wrong parameter, in words of their own.
pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidParameterValueException", message)
}

/// A parameter that is missing (recorded: `test_send_empty_message`).
pub fn missing(parameter: &str) -> AwsError {
    let message = format!("The request must contain the parameter {parameter}.");
    AwsError::bad_request("MissingRequiredParameterException", message)
}

/// A queue's attribute that does not exist (recorded: `test_create_standard_queue_with_fifo_attribute_raises_error`).
pub fn unknown_attribute(name: impl Display) -> AwsError {
    invalid_name(format!("Unknown Attribute {name}."))
}

/// A queue's attribute that cannot be there, in words of their own.
pub fn invalid_name(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidAttributeName", message)
}

/// A queue's attribute with a wrong value.
pub fn invalid_attribute(name: &str) -> AwsError {
    invalid_attribute_value(format!("Invalid value for the parameter {name}."))
}

/// The same, and why (recorded: `test_set_unsupported_attribute_fifo`).
pub fn invalid_attribute_because(name: &str, reason: impl Display) -> AwsError {
    invalid_attribute_value(format!("Invalid value for the parameter {name}. Reason: {reason}"))
}

fn invalid_attribute_value(message: String) -> AwsError {
    AwsError::bad_request("InvalidAttributeValue", message)
}

/// A text that is no receipt handle of the queue (asserted on AWS: `test_invalid_receipt_handle_should_return_error_message`).
pub fn invalid_handle(handle: &str) -> AwsError {
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    AwsError::bad_request("ReceiptHandleIsInvalid", message)
}

/// A handle of a FIFO queue's message that is visible again (recorded: `test_fifo_delete_after_visibility_timeout`).
pub fn expired_handle(handle: &str) -> AwsError {
    invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.")
}

/// Nothing of what a batch needs is there (moto's tests, verified on AWS).
pub fn empty_batch(entry: &str) -> AwsError {
    AwsError::bad_request("EmptyBatchRequest", format!("There should be at least one {entry} in the request."))
}

/// A source or destination of a move task that is not there (recorded: `test_destination_needs_to_exist`).
pub fn no_such_resource(parameter: &str) -> AwsError {
    not_found(format!("The resource that you specified for the {parameter} parameter doesn't exist."))
}

/// What a move task needs and is not there.
pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}

/// More than a queue can have.
pub fn over_limit(message: impl Into<String>) -> AwsError {
    AwsError::new("OverLimit", 403, message)
}
