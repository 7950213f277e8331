//! IAM.

mod managed_policy;
mod policy;
mod role;
mod user;

pub use managed_policy::ManagedPolicy;
pub use policy::Policy;
pub use role::Role;
pub use user::{AccessKey, User};

use super::properties::Properties;
use slam_cloud_wire::iam as wire;
use std::collections::BTreeMap;

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
