//! What is asked of policies.

use super::Keys;
use slam_cloud_core::Principal;

/// What is asked.
pub struct Request<'a> {
    /// The action in lower case.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// The caller.
    pub principal: &'a Principal,
    /// The condition keys.
    pub keys: &'a dyn Keys,
}
