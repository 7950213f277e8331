//! Managed policies of the account.

use super::Tags;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use std::collections::BTreeMap;

/// A managed policy, stored under its ARN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// `ANPA…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its path, with slashes at both ends.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When its latest version was made.
    pub updated: Timestamp,
    /// Its versions, by number.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number of the next version: numbers are never used again.
    pub next_version: u32,
    /// Its tags.
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its document.
    pub document: String,
    /// When it was made.
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// The document in force.
    pub fn document(&self) -> &str {
        self.versions.get(&self.default_version).map_or("{}", |version| &version.document)
    }
}
