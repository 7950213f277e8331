//! How far a mapping has come in a stream.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is told of the last batch where there was none.
pub const NOTHING: &str = "No records processed";

/// How far a mapping has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// How the last batch went, in AWS's words.
    pub result: String,
    /// Where it goes on, by shard.
    pub shards: BTreeMap<String, Position>,
}

/// A place in a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// Where the mapping began. Iterators of this cloud do not expire.
    Iterator(String),
    /// After the record with this sequence number.
    After(String),
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self { result: NOTHING.to_owned(), shards: BTreeMap::new() }
    }
}
