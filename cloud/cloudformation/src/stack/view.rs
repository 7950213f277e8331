//! What resources say about themselves, seen from a stack.

use crate::model::Resource;
use crate::store::StackStore;
use crate::template::functions::Resources;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The resources as they are now in the store.
pub struct Live<'a> {
    /// The store.
    pub store: &'a StackStore,
    /// The stack's ARN.
    pub stack: &'a str,
}

impl Resources for Live<'_> {
    fn reference(&self, logical_id: &str) -> Option<Value> {
        reference(&*self.store.resource(self.stack, logical_id)?)
    }
    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value> {
        value_of(&*self.store.resource(self.stack, logical_id)?, attribute)
    }
}

/// The resources as they are, but for those whose future is open.
#[derive(Default)]
pub struct Preview {
    /// What the stack has.
    pub resources: IndexMap<String, Arc<Resource>>,
    /// What will be made anew: everything about it is unknown.
    pub renewed: BTreeSet<String>,
}

impl Resources for Preview {
    fn reference(&self, logical_id: &str) -> Option<Value> {
        reference(self.resources.get(logical_id).filter(|_| !self.renewed.contains(logical_id))?)
    }
    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value> {
        value_of(self.resources.get(logical_id).filter(|_| !self.renewed.contains(logical_id))?, attribute)
    }
}

fn reference(resource: &Resource) -> Option<Value> {
    resource.physical.as_ref().map(|physical| Value::from(&*physical.id))
}

fn value_of(resource: &Resource, attribute: &str) -> Option<Value> {
    let physical = resource.physical.as_ref()?;
    // An attribute that the type has and this resource has not (a table without a stream) is empty.
    Some(physical.attributes.get(attribute).cloned().unwrap_or_else(|| Value::from("")))
}
