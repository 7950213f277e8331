//! What happened to a stack.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;

/// One event of a stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Unique.
    pub id: String,
    /// The stack's own name for its own events.
    pub logical_id: String,
    /// Empty while it is not known.
    pub physical_id: String,
    /// The type.
    pub resource_type: String,
    /// When.
    pub timestamp: Timestamp,
    /// `CREATE_IN_PROGRESS` …
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// The resource's properties as JSON.
    pub properties: Option<String>,
    /// The token of the request that began it.
    pub token: Option<String>,
    /// The operation it belongs to.
    pub operation: Option<String>,
}
