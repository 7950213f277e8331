//! The reading of a stream: for which function and mapping, and how far it came.

use super::Changes;
use super::target::Target;
use crate::model::Mapping;
use crate::model::checkpoint::{Checkpoint, Position};
use crate::model::mapping::StreamSettings;
use crate::store::LambdaStore;
use slam_cloud_core::collection::Scope;
use std::sync::Arc;
use std::time::Duration;

/// What those who read a stream have in common.
pub struct Reading {
    /// The function.
    pub target: Target,
    /// Its mapping.
    pub mapping: Arc<Mapping>,
    /// What only streams have.
    pub settings: StreamSettings,
    /// Where checkpoints are.
    pub store: Arc<LambdaStore>,
    /// Where the mapping is.
    pub scope: Scope,
    /// Its UUID.
    pub id: String,
    /// Tells that it was changed.
    pub changes: Changes,
}

impl Reading {
    /// Whether the mapping was changed.
    pub fn is_changed(&self) -> bool {
        self.changes.has_changed().unwrap_or(true)
    }

    /// Waits, but no longer than until the mapping is changed.
    pub async fn rest(&self, pause: Duration) {
        let (clock, mut changes) = (self.target.clock(), self.changes.clone());
        tokio::select! {
            () = clock.sleep(pause) => {}
            _ = changes.changed() => {}
        }
    }

    /// Notes how a batch went.
    pub async fn note(&self, result: &str) {
        self.write(|checkpoint| result.clone_into(&mut checkpoint.result)).await;
    }

    /// Stores the place after a record.
    pub async fn store_place(&self, shard: &str, after: Option<String>) {
        if let Some(after) = after {
            self.write(|checkpoint| drop(checkpoint.shards.insert(shard.to_owned(), Position::After(after)))).await;
        }
    }

    async fn write(&self, change: impl FnOnce(&mut Checkpoint)) {
        let write = |present: Option<&Checkpoint>| {
            let mut checkpoint = present.cloned().unwrap_or_default();
            change(&mut checkpoint);
            Ok::<_, slam_cloud_core::StoreError>(Some(checkpoint))
        };
        if let Err(error) = self.store.checkpoints.update(&self.scope, &self.id, write).await {
            // What was done then is done once more by the next process.
            tracing::warn!(mapping = self.id, %error, "a checkpoint could not be written");
        }
    }
}
