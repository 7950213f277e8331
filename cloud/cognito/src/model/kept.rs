//! Inputs that are kept as they were given, in AWS's own names: for `#[serde(with = "kept")]`.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use slam_cloud_core::Operation;
use slam_cloud_wire::json;

/// Writes one.
pub fn serialize<O: Operation + Clone, S: Serializer>(input: &O, serializer: S) -> Result<S::Ok, S::Error> {
    json::input_to_json(input.clone()).serialize(serializer)
}

/// Reads one.
pub fn deserialize<'de, O: Operation, D: Deserializer<'de>>(deserializer: D) -> Result<O, D::Error> {
    json::input_from_json(serde_json::Value::deserialize(deserializer)?).map_err(D::Error::custom)
}
