//! A resource of a stack.

use crate::template::DeletionPolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slam_cloud_core::Timestamp;

/// What exists in a service for a resource of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Physical {
    /// The physical id, which is also what `Ref` gives.
    pub id: String,
    /// The properties it was given, functions evaluated.
    pub properties: Map<String, Value>,
    /// The same with dynamic references as they are written, if it has any.
    #[serde(default)]
    pub declared: Option<Map<String, Value>>,
    /// What `Fn::GetAtt` gives.
    pub attributes: Map<String, Value>,
    /// The tags it was given beside those of its properties.
    pub tags: Vec<(String, String)>,
}

impl Physical {
    /// Its properties as they are written.
    pub fn declared(&self) -> &Map<String, Value> {
        self.declared.as_ref().unwrap_or(&self.properties)
    }
}

/// A resource, with what an operation that fails or is interrupted needs to go on or back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// `CREATE_IN_PROGRESS` …
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// When the status last changed.
    pub updated: Timestamp,
    /// What exists; `None` before it is created and after it is deleted.
    pub physical: Option<Physical>,
    /// The last physical id, kept after deletion for those who ask.
    pub last_id: Option<String>,
    /// What was replaced since the stack was last settled. A cleanup deletes it; a rollback restores the first.
    pub replaced: Vec<Physical>,
    /// The state before it was changed in place since the stack was last settled.
    pub before: Option<Physical>,
    /// The physical name chosen for a creation that has begun, so that an interrupted one can be undone.
    pub intended: Option<String>,
    /// The properties of that creation: they tell whether the name is the template's.
    #[serde(default)]
    pub intended_properties: Map<String, Value>,
    /// Whether nothing had that name when the creation began, where that was looked for: then what has it now is of it.
    #[serde(default)]
    pub intended_was_free: bool,
    /// `Metadata`, functions evaluated.
    pub metadata: Option<Value>,
    /// `DeletionPolicy`
    pub deletion_policy: DeletionPolicy,
    /// `UpdateReplacePolicy`
    pub update_replace_policy: DeletionPolicy,
    /// The logical ids of what it needs: deletion goes the other way.
    pub needs: Vec<String>,
    /// Whether it was created or imported since the stack was last settled.
    pub fresh: bool,
    /// Whether it was imported since the stack was last settled: a rollback lets go of it and deletes nothing.
    #[serde(default)]
    pub imported: bool,
}

impl Resource {
    /// A resource that is only declared so far.
    pub fn new(logical_id: &str, resource_type: &str) -> Self {
        Self {
            logical_id: logical_id.to_owned(),
            resource_type: resource_type.to_owned(),
            status: String::new(),
            reason: None,
            updated: super::now(),
            physical: None,
            last_id: None,
            replaced: Vec::new(),
            before: None,
            intended: None,
            intended_properties: Map::new(),
            intended_was_free: false,
            metadata: None,
            deletion_policy: DeletionPolicy::Delete,
            update_replace_policy: DeletionPolicy::Delete,
            needs: Vec::new(),
            fresh: true,
            imported: false,
        }
    }

    /// Notes the creation that begins, so that it can be undone when the process ends in it.
    pub fn intend(&mut self, name: &str, properties: &Map<String, Value>, was_free: bool) {
        self.intended = Some(name.to_owned());
        self.intended_was_free = was_free;
        self.intended_properties = properties.clone();
    }

    /// Notes that no creation is on its way.
    pub fn intend_nothing(&mut self) {
        self.intended = None;
        self.intended_was_free = false;
        self.intended_properties.clear();
    }

    /// Whether the stack still has it.
    pub fn exists(&self) -> bool {
        !matches!(&*self.status, "DELETE_COMPLETE" | "DELETE_SKIPPED" | "IMPORT_ROLLBACK_COMPLETE")
    }

    /// The physical id, also of what is gone.
    pub fn physical_id(&self) -> Option<&str> {
        self.physical.as_ref().map(|physical| &*physical.id).or(self.last_id.as_deref())
    }
}
