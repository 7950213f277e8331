//! A change of tags.

use super::input::Input;
use super::tags;
use super::work::Work;
use crate::model::Physical;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, Operation};

/// What to set and what to remove so that a resource has the tags it shall have.
pub struct Retag {
    set: Map<String, Value>,
    removed: Vec<String>,
}

impl Retag {
    pub(super) fn of(work: &Work, old: &Physical) -> Self {
        let mut before: Map<String, Value> =
            old.tags.iter().map(|(key, value)| (key.clone(), Value::from(&**value))).collect();
        before.extend(
            tags::own(&work.kind.schema, &old.properties).into_iter().map(|(key, value)| (key, Value::from(value))),
        );
        let mut set = work.all_tags();
        set.retain(|key, _| !key.starts_with("aws:"));
        let removed = before.keys().filter(|key| !set.contains_key(*key)).cloned().collect();
        set.retain(|key, value| before.get(key) != Some(value));
        Self { set, removed }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.removed.is_empty()
    }

    /// Makes it by the two operations that services have for this, on what the input identifies.
    pub(super) async fn apply<Set: Operation, Remove: Operation>(&self, work: &Work, of: Input) -> AwsResult<()> {
        if !self.set.is_empty() {
            work.send::<Set>(of.clone().with("Tags", self.set.clone())).await?;
        }
        if !self.removed.is_empty() {
            work.send::<Remove>(of.with("TagKeys", self.removed.clone())).await?;
        }
        Ok(())
    }
}
