//! Settings of asynchronous invocation.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::lambda;

/// How often and how long an event is tried, and who is told of its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventConfig {
    /// Further attempts after a failed one (0 to 2).
    pub retries: Option<i64>,
    /// Seconds after which an event is given up.
    pub age: Option<i64>,
    /// The ARN of who is told of a success.
    pub on_success: Option<String>,
    /// The ARN of who is told of a failure.
    pub on_failure: Option<String>,
    /// When it was set.
    pub modified: Timestamp,
}

impl EventConfig {
    /// The settings as the API shows them, of the function or alias with this ARN.
    pub fn shown(&self, arn: String) -> lambda::FunctionEventInvokeConfig {
        lambda::FunctionEventInvokeConfig {
            last_modified: Some(self.modified),
            function_arn: Some(arn),
            maximum_retry_attempts: self.retries,
            maximum_event_age_in_seconds: self.age,
            destination_config: Some(lambda::DestinationConfig {
                on_success: Some(lambda::OnSuccess { destination: self.on_success.clone() }),
                on_failure: Some(lambda::OnFailure { destination: self.on_failure.clone() }),
            }),
        }
    }
}
