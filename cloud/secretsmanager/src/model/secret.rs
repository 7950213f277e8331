//! Secrets, as they are kept and told.

use super::version::{Version, Versions};
use crate::error::managed;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsResult, Context, Principal, Timestamp, arn};
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
    /// The service that manages it (`events`), which made it for one of its resources.
    #[serde(default)]
    pub owner: Option<String>,
}

/// The service that manages a secret of this name which is made by this call: what services make is named after them.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>
pub fn owner(context: &Context, name: &str) -> Option<String> {
    let (service, _) = name.split_once('!')?;
    is_by(context, service).then(|| service.to_owned())
}

/// Whether a call is a service's, its own or on behalf of whoever called it.
fn is_by(context: &Context, service: &str) -> bool {
    let is_it = |name: &str| name.strip_suffix(".amazonaws.com") == Some(service);
    let is_own = matches!(&*context.principal, Principal::Service { name } if is_it(name));
    is_own || context.called_via.as_deref().is_some_and(is_it)
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

    /// Refuses what the service that manages it lets nobody else do: to change its value, and to delete it at once (the page of [`owner`];
    /// <https://github.com/rebuy-de/aws-nuke/issues/1204>).
    ///
    /// # Errors
    /// When a service manages it, and it is another one's call.
    pub fn refuse_stranger(&self, context: &Context) -> AwsResult<()> {
        match &self.owner {
            Some(owner) if !is_by(context, owner) => Err(managed(owner)),
            _ => Ok(()),
        }
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
            owning_service: self.owner.clone(),
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
            owning_service: description.owning_service,
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
