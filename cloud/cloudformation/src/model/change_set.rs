//! A change set.

use super::{Deployment, OnFailure};
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use std::collections::BTreeMap;

/// A change set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// The stack's name.
    pub stack_name: String,
    /// `CREATE`, `UPDATE` or `IMPORT`
    pub kind: String,
    /// `CREATE_COMPLETE` or `FAILED`
    pub status: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// `AVAILABLE`, `UNAVAILABLE`, `EXECUTE_COMPLETE`, `OBSOLETE` …
    pub execution_status: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// What it would make of the stack.
    pub deployment: Deployment,
    /// What that would change.
    pub changes: Vec<Change>,
    /// `OnStackFailure`
    pub on_failure: Option<OnFailure>,
    /// The request's token.
    pub token: Option<String>,
    /// Whether `ImportExistingResources` was asked for.
    #[serde(default)]
    pub imports_existing: bool,
    /// The resources that are taken over: physical ids by logical ids.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
}

/// A change of one resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// `Add`, `Modify`, `Remove` or `Import`
    pub action: String,
    /// The resource.
    pub logical_id: String,
    /// Its physical id, when it exists.
    pub physical_id: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// `True`, `False` or `Conditional`, for `Modify`.
    pub replacement: Option<String>,
    /// `Properties`, `Metadata`, `Tags`, `DeletionPolicy` …
    pub scope: Vec<String>,
    /// `ReplaceAndDelete`, `Delete`, `Retain` …
    pub policy_action: Option<String>,
    /// One per reason.
    pub details: Vec<ChangeDetail>,
    /// The properties before, as JSON.
    pub before: Option<String>,
    /// The properties after, as JSON.
    pub after: Option<String>,
}

/// Why and how a property changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeDetail {
    /// `Properties`, `Metadata` …
    pub attribute: String,
    /// The top-level property.
    pub name: Option<String>,
    /// `Never`, `Conditionally` or `Always`
    pub recreation: String,
    /// `/Properties/TopicName`
    pub path: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// `Add`, `Modify` or `Remove`
    pub kind: String,
    /// `Static` or `Dynamic`
    pub evaluation: String,
    /// `DirectModification`, `ParameterReference`, `ResourceReference`, `ResourceAttribute`
    pub source: String,
    /// The parameter, resource or attribute.
    pub causing_entity: Option<String>,
    /// Shown only together with the property's values.
    pub with_values_only: bool,
}
