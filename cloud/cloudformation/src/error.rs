//! CloudFormation's errors.

use slam_cloud_core::AwsError;

/// A `ValidationError`, the code of nearly everything that CloudFormation refuses.
pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ValidationError", message)
}
