//! A template in the making, to which each feature adds its part.

use serde_json::{Map, Value, json};
use slam_project::{Project, Stage};
use std::collections::BTreeSet;

/// A template in the making.
pub struct Draft<'a> {
    pub project: &'a Project,
    pub stages: Vec<&'a Stage>,
    /// The bucket is one of the stack's resources.
    pub own_bucket: bool,
    pub parameters: Map<String, Value>,
    pub conditions: Map<String, Value>,
    pub resources: Map<String, Value>,
    pub outputs: Map<String, Value>,
    /// Resources and outputs that stages will have once they are published.
    reserved: BTreeSet<String>,
    /// A logical id that two different things would have.
    pub clash: Option<String>,
}

impl<'a> Draft<'a> {
    pub fn new(project: &'a Project, stages: Vec<&'a Stage>, own_bucket: bool) -> Self {
        Self {
            project,
            stages,
            own_bucket,
            parameters: Map::new(),
            conditions: Map::new(),
            resources: Map::new(),
            outputs: Map::new(),
            reserved: BTreeSet::new(),
            clash: None,
        }
    }

    /// A draft beside this one, with nothing in it yet.
    pub fn beside(&self) -> Self {
        Self::new(self.project, self.stages.clone(), self.own_bucket)
    }

    /// Takes over what another draft has.
    pub fn take(&mut self, other: Self) {
        for (id, resource) in other.resources {
            self.insert(id, resource);
        }
        self.outputs.extend(other.outputs);
        self.clash = self.clash.take().or(other.clash);
    }

    /// Keeps the names of what another draft has, for the day when it is added.
    pub fn reserve(&mut self, other: Self) {
        let clash = other.resources.keys().find(|id| self.is_taken(id)).cloned();
        self.clash = self.clash.take().or(other.clash).or(clash);
        self.reserved.extend(other.resources.into_iter().chain(other.outputs).map(|(name, _)| name));
    }

    pub fn is_taken(&self, id: &str) -> bool {
        self.resources.contains_key(id) || self.reserved.contains(id)
    }

    pub fn is_output_taken(&self, name: &str) -> bool {
        self.outputs.contains_key(name) || self.reserved.contains(name)
    }

    pub fn resource(&mut self, id: impl Into<String>, kind: &str, properties: Value) {
        self.insert(id, json!({"Type": kind, "Properties": properties}));
    }

    /// A resource with more than a type and properties.
    pub fn insert(&mut self, id: impl Into<String>, resource: Value) {
        let id = id.into();
        if self.reserved.contains(&id) || self.resources.insert(id.clone(), resource).is_some() {
            self.clash.get_or_insert(id);
        }
    }

    pub fn output(&mut self, name: impl Into<String>, value: Value) {
        self.outputs.insert(name.into(), json!({"Value": value}));
    }
}
