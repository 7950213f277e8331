//! CloudWatch Logs.

mod log_group;
mod log_stream;
mod resource_policy;

use super::types::Service;
use log_group::LogGroup;
use log_stream::LogStream;
use resource_policy::ResourcePolicy;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Logs-LogGroup.json"), &LogGroup),
        (include_str!("../../../schemas/AWS-Logs-LogStream.json"), &LogStream),
        (include_str!("../../../schemas/AWS-Logs-ResourcePolicy.json"), &ResourcePolicy),
    ],
};
