//! Tables, as far as the engine does not keep them.

pub mod collections;
pub mod description;
pub mod images;
pub mod index_keys;
pub mod key_conditions;
pub mod records;
pub mod streams;

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use std::collections::BTreeMap;

/// Settings of a table that the engine does not keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableSettings {
    /// Point-in-time recovery, while it is on.
    pub backups: Option<Backups>,
    /// Throughput of global secondary indexes that was set after the table was made.
    #[serde(default)]
    pub indexes: BTreeMap<String, IndexThroughput>,
    /// What the records of its stream show, where that was set: the engine's always show everything, so that those of
    /// writes that changed nothing are known.
    #[serde(default)]
    pub stream_view: Option<String>,
}

/// Point-in-time recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backups {
    /// Since when it is on.
    pub since: Timestamp,
    /// How many days back.
    pub days: i64,
}

/// Provisioned throughput of an index.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexThroughput {
    /// Read capacity units.
    pub read: i64,
    /// Write capacity units.
    pub write: i64,
}
