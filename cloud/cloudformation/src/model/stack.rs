//! A stack.

use super::StoredPrincipal;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use std::collections::BTreeMap;

/// A key and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// What was asked for: everything that makes a stack what it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// The key of the template's text in the store.
    pub template: String,
    /// The parameters' values, `NoEcho` ones in the clear.
    pub parameters: IndexMap<String, String>,
    /// What stood in Parameter Store under the names that parameters have as their values.
    #[serde(default)]
    pub resolved: IndexMap<String, String>,
    /// The stack's tags.
    pub tags: Vec<Tag>,
    /// The capabilities that were acknowledged.
    pub capabilities: Vec<String>,
    /// Where CloudFormation would tell of events.
    pub notification_arns: Vec<String>,
    /// The role that CloudFormation takes on.
    pub role_arn: Option<String>,
    /// The template's description.
    pub description: Option<String>,
    /// The change set it came from.
    pub change_set: Option<String>,
}

impl Deployment {
    /// The parameters' values as `Ref` gives them: those of Parameter Store for their names.
    pub fn values(&self) -> IndexMap<String, String> {
        let mut values = self.parameters.clone();
        values.extend(self.resolved.clone());
        values
    }
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its description.
    pub description: Option<String>,
    /// The name under which it is exported.
    pub export: Option<String>,
}

/// What becomes of a stack that cannot be created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnFailure {
    /// It is rolled back.
    #[default]
    Rollback,
    /// It stays as it is.
    DoNothing,
    /// It is deleted.
    Delete,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationKind {
    /// Creates the stack.
    Create,
    /// Moves it to another deployment.
    Update,
    /// Takes over resources that exist, and changes nothing else.
    Import,
    /// Lets go of what a failed import took over.
    RollbackImport,
    /// Deletes what a failed creation left.
    RollbackCreate,
    /// Moves it back to the previous deployment.
    RollbackUpdate {
        /// Resources to leave as they are.
        skip: Vec<String>,
    },
    /// Deletes what an update replaced or removed; `after` is the status before which it happens.
    Cleanup {
        /// The status that follows: `UPDATE_COMPLETE` or `UPDATE_ROLLBACK_COMPLETE`.
        then: String,
    },
    /// Deletes the stack.
    Delete {
        /// Resources to leave.
        retain: Vec<String>,
        /// Resources that cannot be deleted are left.
        force: bool,
    },
}

/// An operation under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// What it does now; a failure turns a creation into its rollback.
    pub kind: OperationKind,
    /// In whose name.
    pub principal: StoredPrincipal,
    /// The role to take on.
    pub role_arn: Option<String>,
    /// The caller's token.
    pub token: Option<String>,
    /// What a failure leads to.
    pub on_failure: OnFailure,
    /// Resources created in this operation do not outlive its rollback, whatever their policy.
    pub retain_except_on_create: bool,
    /// Somebody asked it to stop and go back.
    pub cancelled: bool,
    /// The resources that are taken over instead of created: physical ids by logical ids.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
}

impl Operation {
    /// Whether it makes something new, rather than going back.
    pub fn is_forward(&self) -> bool {
        matches!(self.kind, OperationKind::Create | OperationKind::Update | OperationKind::Import)
    }
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `CREATE_COMPLETE` …
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last updated.
    pub updated: Option<Timestamp>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// What it is, or is on its way to.
    pub deployment: Deployment,
    /// What it was before the running or failed update.
    pub previous: Option<Deployment>,
    /// Its outputs.
    pub outputs: Vec<Output>,
    /// The names of the exports that its template imports.
    pub imports: Vec<String>,
    /// What is under way.
    pub operation: Option<Operation>,
    /// The token of the last operation, by which a repeated request is known.
    pub last_token: Option<String>,
    /// `DisableRollback` of its creation.
    pub disable_rollback: bool,
    /// `TimeoutInMinutes` of its creation.
    pub timeout_in_minutes: Option<i64>,
    /// Whether it refuses to be deleted.
    pub termination_protection: bool,
    /// Its stack policy.
    pub policy: Option<String>,
    /// The stack that it is a resource of.
    pub parent: Option<String>,
    /// The stack at the root of the tree that it is in, if it is not itself the root.
    pub root: Option<String>,
    /// `RetainExceptOnCreate` as last given.
    pub retain_except_on_create: Option<bool>,
    /// `DeletionMode` as last given.
    pub deletion_mode: Option<String>,
}

impl Stack {
    /// Whether an operation runs.
    pub fn in_progress(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Whether it is gone.
    pub fn is_deleted(&self) -> bool {
        self.status == "DELETE_COMPLETE"
    }
}
