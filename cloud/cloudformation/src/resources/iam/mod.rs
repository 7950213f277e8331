//! IAM.

mod managed_policy;
mod policy;
mod role;
mod user;

use managed_policy::ManagedPolicy;
use policy::Policy;
use role::Role;
use user::{AccessKey, User};

use super::properties::Properties;
use super::types::Service;
use slam_cloud_wire::iam as wire;
use std::collections::BTreeMap;

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

fn tag_list(tags: BTreeMap<String, String>) -> Vec<wire::Tag> {
    tags.into_iter().map(|(key, value)| wire::Tag { key, value }).collect()
}

/// The inline policies of a role or user by name.
fn inline(properties: Properties<'_>) -> BTreeMap<String, String> {
    let policies = properties.objects("Policies").into_iter();
    policies.filter_map(|policy| Some((policy.text("PolicyName")?, policy.document("PolicyDocument")?))).collect()
}

/// What is in one list and not in the other.
fn without(these: &[String], those: &[String]) -> Vec<String> {
    these.iter().filter(|one| !those.contains(one)).cloned().collect()
}
