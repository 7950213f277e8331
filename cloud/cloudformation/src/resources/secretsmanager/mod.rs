//! Secrets Manager.

mod resource_policy;
mod secret;

use super::types::Service;
use resource_policy::ResourcePolicy;
use secret::Secret;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-SecretsManager-ResourcePolicy.json"), &ResourcePolicy),
        (include_str!("../../../schemas/AWS-SecretsManager-Secret.json"), &Secret),
    ],
};
