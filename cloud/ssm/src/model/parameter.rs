//! Parameters, their versions and labels.

use super::name::arn;
use super::value::{KEY, SECURE_STRING, TEXT};
use crate::error::no_such_version;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_kit::tags::Tags;
use slam_cloud_wire::ssm;

/// The versions that are kept (API reference, ParameterMaxVersionLimitExceeded).
const VERSIONS: usize = 100;
/// The labels of a version (API reference, LabelParameterVersion).
const LABELS: usize = 10;

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// As it was created.
    pub name: String,
    /// The oldest first; never empty.
    pub versions: Vec<Version>,
    /// Its tags.
    pub tags: Tags,
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Counted from one.
    pub version: i64,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// What was put.
    pub value: String,
    /// What is answered of a SecureString without decryption.
    pub ciphertext: Option<String>,
    /// `Standard` or `Advanced`.
    pub tier: String,
    /// What it is for.
    pub description: Option<String>,
    /// What its values must match.
    pub allowed_pattern: Option<String>,
    /// When it was put.
    pub modified: Timestamp,
    /// The ARN of who put it.
    pub user: String,
    /// Its labels, in the order in which it got them.
    pub labels: Vec<String>,
}

impl Parameter {
    /// The latest version. There always is one.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version with a number or label; the latest one without.
    ///
    /// # Errors
    /// `ParameterVersionNotFound`.
    pub fn select(&self, selector: Option<&str>) -> AwsResult<&Version> {
        let Some(selector) = selector else { return self.latest().ok_or_else(|| no_such_version(&self.name, "1")) };
        let is_meant = |version: &&Version| match selector.parse::<i64>() {
            Ok(number) => version.version == number,
            Err(_) => version.labels.iter().any(|label| label == selector),
        };
        self.versions.iter().find(is_meant).ok_or_else(|| no_such_version(&self.name, selector))
    }

    /// Adds a version; the oldest one goes when there are too many.
    ///
    /// # Errors
    /// When the oldest one has labels.
    pub fn push(&mut self, version: Version) -> AwsResult<()> {
        if self.versions.len() >= VERSIONS {
            let oldest = &self.versions[0];
            if !oldest.labels.is_empty() {
                let (name, number) = (&self.name, oldest.version);
                return Err(AwsError::bad_request(
                    "ParameterMaxVersionLimitExceeded",
                    format!(
                        "You attempted to create a new version of {name} by calling the PutParameter API with the \
                         overwrite flag. Version {number}, the oldest version, can't be deleted because it has a \
                         label associated with it. Move the label to another version of the parameter, and try again."
                    ),
                ));
            }
            self.versions.remove(0);
        }
        self.versions.push(version);
        Ok(())
    }

    fn version_mut(&mut self, number: i64) -> AwsResult<&mut Version> {
        let name = &self.name;
        let version = self.versions.iter_mut().find(|version| version.version == number);
        version.ok_or_else(|| no_such_version(name, &number.to_string()))
    }

    /// Gives a version labels, which other versions lose.
    ///
    /// # Errors
    /// When there is no such version, or it had too many.
    pub fn label(&mut self, number: i64, labels: &[String]) -> AwsResult<()> {
        let version = self.version_mut(number)?;
        for label in labels {
            if !version.labels.contains(label) {
                version.labels.push(label.clone());
            }
        }
        if version.labels.len() > LABELS {
            return Err(AwsError::bad_request(
                "ParameterVersionLabelLimitExceeded",
                "An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion \
                 operation: A parameter version can have maximum 10 labels.Move one or more labels to another version \
                 and try again.",
            ));
        }
        for other in self.versions.iter_mut().filter(|version| version.version != number) {
            other.labels.retain(|label| !labels.contains(label));
        }
        Ok(())
    }

    /// Takes labels from a version; answers those that it had.
    ///
    /// # Errors
    /// When there is no such version.
    pub fn unlabel(&mut self, number: i64, labels: &[String]) -> AwsResult<Vec<String>> {
        let version = self.version_mut(number)?;
        let (removed, kept) = std::mem::take(&mut version.labels).into_iter().partition(|own| labels.contains(own));
        version.labels = kept;
        Ok(removed)
    }

    /// As DescribeParameters answers it.
    pub fn metadata(&self, context: &Context, key: &str, version: &Version) -> ssm::ParameterMetadata {
        ssm::ParameterMetadata {
            name: Some(self.name.clone()),
            arn: Some(arn(context, key)),
            r#type: Some(version.kind.clone()),
            key_id: version.key_id(),
            last_modified_date: Some(version.modified),
            last_modified_user: Some(version.user.clone()),
            description: version.description.clone(),
            allowed_pattern: version.allowed_pattern.clone(),
            version: Some(version.version),
            tier: Some(version.tier.clone()),
            policies: Some(Vec::new()),
            data_type: Some(TEXT.into()),
        }
    }

    /// As GetParameterHistory answers a version of it.
    pub fn history(&self, version: &Version, decrypted: bool) -> ssm::ParameterHistory {
        ssm::ParameterHistory {
            name: Some(self.name.clone()),
            r#type: Some(version.kind.clone()),
            key_id: version.key_id(),
            last_modified_date: Some(version.modified),
            last_modified_user: Some(version.user.clone()),
            description: version.description.clone(),
            value: Some(version.told(decrypted)),
            allowed_pattern: version.allowed_pattern.clone(),
            version: Some(version.version),
            labels: Some(version.labels.clone()),
            tier: Some(version.tier.clone()),
            policies: Some(Vec::new()),
            data_type: Some(TEXT.into()),
        }
    }
}

impl Version {
    /// Its value, or what stands for it.
    pub fn told(&self, decrypted: bool) -> String {
        match &self.ciphertext {
            Some(ciphertext) if !decrypted => ciphertext.clone(),
            _ => self.value.clone(),
        }
    }

    /// The key that it is encrypted with.
    pub fn key_id(&self) -> Option<String> {
        (self.kind == SECURE_STRING).then(|| KEY.to_owned())
    }

    /// As the Get operations answer it under a name.
    pub fn answer(&self, context: &Context, key: &str, name: String, decrypted: bool) -> ssm::Parameter {
        ssm::Parameter {
            name: Some(name),
            r#type: Some(self.kind.clone()),
            value: Some(self.told(decrypted)),
            version: Some(self.version),
            last_modified_date: Some(self.modified),
            arn: Some(arn(context, key)),
            data_type: Some(TEXT.into()),
            ..Default::default()
        }
    }
}

/// Whether a text can be a label (API reference, LabelParameterVersion).
pub fn is_label(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins_well = !text.starts_with(|first: char| first.is_ascii_digit());
    begins_well
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}
