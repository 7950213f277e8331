//! IAM.

mod access_key;
mod identity;
mod managed_policy;
mod policy;
mod role;
mod user;

use super::types::Service;
use access_key::AccessKey;
use managed_policy::ManagedPolicy;
use policy::Policy;
use role::Role;
use user::User;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NoSuchEntity"],
    types: &[
        (include_str!("../../../schemas/AWS-IAM-AccessKey.json"), &AccessKey),
        (include_str!("../../../schemas/AWS-IAM-ManagedPolicy.json"), &ManagedPolicy),
        (include_str!("../../../schemas/AWS-IAM-Policy.json"), &Policy),
        (include_str!("../../../schemas/AWS-IAM-Role.json"), &Role),
        (include_str!("../../../schemas/AWS-IAM-User.json"), &User),
    ],
};
