//! Versions of a secret and their staging labels.

use super::value::SecretValue;
use crate::error::{exists, invalid_parameter, invalid_request, no_such_value};
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use std::collections::BTreeSet;

/// The label of the version that is answered when none is asked for.
pub const CURRENT: &str = "AWSCURRENT";
/// The label of the version that had [`CURRENT`] before.
pub const PREVIOUS: &str = "AWSPREVIOUS";

/// The versions without labels that are kept (API reference, PutSecretValue).
const DEPRECATED: usize = 100;
/// The labels of all versions together (User Guide, "AWS Secrets Manager quotas").
const LABELS: usize = 20;

/// A version of a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The request's token.
    pub id: String,
    /// `None` for one that rotation has not filled yet.
    pub value: Option<SecretValue>,
    /// Its staging labels. Without any it is deprecated.
    pub stages: BTreeSet<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The day on which its value was last told.
    pub accessed: Option<Timestamp>,
}

/// All versions of a secret, the oldest first. How their labels go (recorded: `test_put_secret_value_with_version_stages`,
/// `test_non_versioning_version_stages_no_replacement`, `test_non_versioning_version_stages_replacement`,
/// `test_update_secret_version_stages_current_pending_cycle_custom_stages_1`,
/// `test_update_secret_version_stages_current_pending_cycle_custom_stages_2`,
/// `test_update_secret_version_stages_current_pending_cycle_custom_stages_3`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Versions(Vec<Version>);

impl Versions {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Version> {
        self.0.iter()
    }

    /// The version with an id.
    pub fn get(&self, id: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.id == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Version> {
        self.0.iter_mut().find(|version| version.id == id)
    }

    /// The version with a staging label.
    pub fn at_stage(&self, stage: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.stages.contains(stage))
    }

    /// The version that a request asks for.
    ///
    /// # Errors
    /// When there is none, or its id and label are of two (recorded: `test_get_secret_value_errors`).
    pub fn select(&self, id: Option<&str>, stage: Option<&str>) -> AwsResult<&Version> {
        let by_stage = |stage: &str| no_such_value(format_args!("staging label: {stage}"));
        let version = match (id, stage) {
            (Some(id), stage) => {
                let version = self.get(id).ok_or_else(|| no_such_value(format_args!("VersionId: {id}")))?;
                if stage.is_some_and(|stage| !version.stages.contains(stage)) {
                    return Err(invalid_request(
                        "You provided a VersionStage that is not associated to the provided VersionId.",
                    ));
                }
                version
            }
            (None, stage) => {
                let stage = stage.unwrap_or(CURRENT);
                self.at_stage(stage).ok_or_else(|| by_stage(stage))?
            }
        };
        match (&version.value, id) {
            (Some(_), _) => Ok(version),
            (None, Some(id)) => Err(no_such_value(format_args!("VersionId: {id}"))),
            (None, None) => Err(by_stage(stage.unwrap_or(CURRENT))),
        }
    }

    /// Adds a version, or fills the one that rotation made with that id. `false` when the same is there.
    ///
    /// # Errors
    /// When the id is that of a version with another value, or there are too many labels.
    pub fn put(&mut self, arn: &str, id: &str, value: SecretValue, stages: &[String]) -> AwsResult<bool> {
        match self.get_mut(id) {
            Some(version) if version.value.as_ref() == Some(&value) => return Ok(false),
            Some(version) if version.value.is_none() => version.value = Some(value),
            Some(_) => {
                return Err(exists(format!(
                    "You can't use ClientRequestToken {id} because that value is already in use for a version of \
                     secret {arn}."
                )));
            }
            None => self.0.push(Version {
                id: id.to_owned(),
                value: Some(value),
                stages: BTreeSet::new(),
                created: Timestamp::now(),
                accessed: None,
            }),
        }
        // The first version is the current one, whatever else it is called.
        let first = (self.0.len() == 1).then(|| CURRENT.to_owned());
        for stage in stages.iter().chain(&first) {
            self.attach(stage, id);
        }
        self.check()?;
        self.prune();
        Ok(true)
    }

    /// Moves, adds or removes a label, as UpdateSecretVersionStage does.
    ///
    /// # Errors
    /// What of the request does not fit the labels as they are.
    pub fn restage(&mut self, stage: &str, from: Option<&str>, to: Option<&str>) -> AwsResult<()> {
        for id in [from, to].into_iter().flatten() {
            self.get(id).ok_or_else(|| invalid_parameter(format!("Not a valid version: {id}")))?;
        }
        let holder = self.at_stage(stage).map(|version| version.id.clone());
        match (from, &holder) {
            (Some(from), holder) if holder.as_deref() != Some(from) => {
                return Err(invalid_parameter(format!("Version stage {stage} not found in version {from}")));
            }
            (None, Some(holder)) if to != Some(holder) => {
                return Err(invalid_parameter(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to \
                     version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
                )));
            }
            _ => {}
        }
        match to {
            Some(to) => self.attach(stage, to),
            None if stage == CURRENT => {
                return Err(invalid_parameter(
                    "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely \
                     removed.",
                ));
            }
            None => self.detach(stage),
        }
        self.check()?;
        self.prune();
        Ok(())
    }

    /// Gives a version a label, which any other one loses. Whoever loses [`CURRENT`] gets [`PREVIOUS`].
    fn attach(&mut self, stage: &str, id: &str) {
        let holder = self.at_stage(stage).map(|version| version.id.clone());
        if holder.as_deref() == Some(id) {
            return;
        }
        self.detach(stage);
        if stage == CURRENT {
            self.detach(PREVIOUS);
            if let Some(former) = holder.and_then(|holder| self.get_mut(&holder)) {
                former.stages.insert(PREVIOUS.to_owned());
            }
        }
        if let Some(version) = self.get_mut(id) {
            version.stages.insert(stage.to_owned());
        }
    }

    fn detach(&mut self, stage: &str) {
        for version in &mut self.0 {
            version.stages.remove(stage);
        }
    }

    fn check(&self) -> AwsResult<()> {
        let labels: usize = self.0.iter().map(|version| version.stages.len()).sum();
        if labels > LABELS {
            let message = format!("A secret can have at most {LABELS} staging labels across all its versions.");
            return Err(AwsError::bad_request("LimitExceededException", message));
        }
        Ok(())
    }

    /// Forgets the oldest versions without labels.
    fn prune(&mut self) {
        let deprecated = self.0.iter().filter(|version| version.stages.is_empty()).count();
        let mut surplus = deprecated.saturating_sub(DEPRECATED);
        self.0.retain(|version| {
            let goes = surplus > 0 && version.stages.is_empty();
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::String(text.to_owned())
    }

    fn put(versions: &mut Versions, id: &str, stages: &[&str]) {
        let stages: Vec<String> = stages.iter().map(|stage| (*stage).to_owned()).collect();
        versions.put("arn", id, value(id), &stages).unwrap();
    }

    fn shown(versions: &Versions) -> Vec<String> {
        let labels = |version: &Version| version.stages.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        versions.iter().map(|version| format!("{}: {}", version.id, labels(version))).collect()
    }

    #[test]
    fn the_current_label_leaves_the_previous_one_behind() {
        let mut versions = Versions::default();
        // The first version is current though it is called otherwise.
        put(&mut versions, "a", &["mine"]);
        put(&mut versions, "b", &[CURRENT]);
        assert_eq!(shown(&versions), ["a: AWSPREVIOUS,mine", "b: AWSCURRENT"]);
        put(&mut versions, "c", &[CURRENT, "mine"]);
        assert_eq!(shown(&versions), ["a: ", "b: AWSPREVIOUS", "c: AWSCURRENT,mine"]);
        versions.restage(CURRENT, Some("c"), Some("b")).unwrap();
        assert_eq!(shown(&versions), ["a: ", "b: AWSCURRENT", "c: AWSPREVIOUS,mine"]);
        versions.restage("mine", Some("c"), None).unwrap();
        assert_eq!(shown(&versions), ["a: ", "b: AWSCURRENT", "c: AWSPREVIOUS"]);
    }

    #[test]
    fn a_label_moves_only_from_where_it_is() {
        let mut versions = Versions::default();
        put(&mut versions, "a", &[CURRENT]);
        put(&mut versions, "b", &["next"]);
        let mut check = |stage: &str, from: Option<&str>, to: Option<&str>, expected: &str| {
            let error = versions.restage(stage, from, to).unwrap_err();
            assert!(error.message.starts_with(expected), "{error}");
        };
        check(
            CURRENT,
            None,
            Some("b"),
            "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is",
        );
        check(CURRENT, Some("b"), Some("a"), "Version stage AWSCURRENT not found in version b");
        check(CURRENT, Some("a"), None, "You can only move staging label AWSCURRENT");
        check("next", None, Some("c"), "Not a valid version: c");
    }

    #[test]
    fn a_hundred_versions_without_labels_are_kept() {
        let mut versions = Versions::default();
        for number in 0..110 {
            put(&mut versions, &number.to_string(), &[CURRENT]);
        }
        let ids: Vec<&str> = versions.iter().map(|version| version.id.as_str()).collect();
        assert_eq!((ids.len(), ids[0]), (102, "8"));
    }

    #[test]
    fn there_are_twenty_labels_at_most() {
        let mut versions = Versions::default();
        let stages: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let refused = versions.put("arn", "a", value("v"), &stages).unwrap_err();
        assert_eq!(refused.code, "LimitExceededException");
    }
}
