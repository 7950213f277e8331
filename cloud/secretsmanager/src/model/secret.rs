//! Secrets, as they are kept and told.

use super::version::{Version, Versions};
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, Timestamp, arn};
use slam_cloud_kit::tags::Tags;
use slam_cloud_wire::secretsmanager as wire;
use std::collections::BTreeMap;

/// How versions call AWS's own key (recorded: `test_deprecated_secret_version_stage`).
const DEFAULT_KEY: &str = "DefaultEncryptionKey";

/// A secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The six characters at the end of its ARN.
    pub suffix: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags; `None` as long as it never had any.
    pub tags: Option<Tags>,
    /// Its versions.
    pub versions: Versions,
    /// Its own policy.
    pub policy: Option<String>,
    /// When it was created.
    pub created: Timestamp,
    /// When anything of it was last changed.
    pub changed: Timestamp,
    /// The day on which its value was last told.
    pub accessed: Option<Timestamp>,
    /// From when on it is gone, if it is scheduled for deletion.
    pub deletion: Option<Timestamp>,
}

impl Secret {
    /// Its ARN.
    pub fn arn(&self, scope: &Scope) -> String {
        Arn {
            partition: arn::partition_of(&scope.region).to_owned(),
            service: "secretsmanager".to_owned(),
            region: scope.region.to_string(),
            account: scope.account.to_string(),
            resource: format!("secret:{}-{}", self.name, self.suffix),
        }
        .to_string()
    }

    /// Whether its recovery window has ended.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|deletion| deletion <= now)
    }

    fn stages(&self) -> Option<BTreeMap<String, Vec<String>>> {
        let labelled = self.versions.iter().filter(|version| !version.stages.is_empty());
        let stages: BTreeMap<_, _> = labelled.map(|version| (version.id.clone(), stages(version))).collect();
        (!stages.is_empty()).then_some(stages)
    }

    fn tags(&self) -> Option<Vec<wire::Tag>> {
        let tags = self.tags.as_ref()?.iter();
        Some(tags.map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect())
    }

    /// As DescribeSecret answers it (recorded: `test_create_secret_version_from_empty_secret`, `test_secret_tags`,
    /// `test_update_secret_description`).
    pub fn description(&self, scope: &Scope) -> wire::DescribeSecretResponse {
        wire::DescribeSecretResponse {
            arn: Some(self.arn(scope)),
            name: Some(self.name.clone()),
            description: self.description.clone().filter(|description| !description.is_empty()),
            last_changed_date: Some(self.changed),
            last_accessed_date: self.accessed,
            deleted_date: self.deletion,
            tags: self.tags(),
            version_ids_to_stages: self.stages(),
            created_date: Some(self.created),
            ..Default::default()
        }
    }

    /// As ListSecrets answers it.
    pub fn entry(&self, scope: &Scope) -> wire::SecretListEntry {
        let description = self.description(scope);
        wire::SecretListEntry {
            arn: description.arn,
            name: description.name,
            description: description.description,
            last_changed_date: description.last_changed_date,
            last_accessed_date: description.last_accessed_date,
            deleted_date: description.deleted_date,
            tags: description.tags,
            secret_versions_to_stages: description.version_ids_to_stages,
            created_date: description.created_date,
            ..Default::default()
        }
    }

    /// As GetSecretValue answers a version of it.
    pub fn value(&self, scope: &Scope, version: &Version) -> wire::GetSecretValueResponse {
        wire::GetSecretValueResponse {
            arn: Some(self.arn(scope)),
            name: Some(self.name.clone()),
            version_id: Some(version.id.clone()),
            secret_binary: version.value.as_ref().and_then(|value| value.binary()),
            secret_string: version.value.as_ref().and_then(|value| value.string()),
            version_stages: labels(version),
            created_date: Some(version.created),
        }
    }
}

/// The labels of a version, as answers have them.
pub fn stages(version: &Version) -> Vec<String> {
    version.stages.iter().cloned().collect()
}

fn labels(version: &Version) -> Option<Vec<String>> {
    (!version.stages.is_empty()).then(|| stages(version))
}

/// As ListSecretVersionIds answers a version.
pub fn version_entry(version: &Version) -> wire::SecretVersionsListEntry {
    wire::SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: labels(version),
        last_accessed_date: version.accessed,
        created_date: Some(version.created),
        kms_key_ids: Some(vec![DEFAULT_KEY.to_owned()]),
    }
}
