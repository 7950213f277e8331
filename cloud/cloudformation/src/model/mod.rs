//! What CloudFormation keeps: stacks, their resources and events, change sets.

mod change_set;
mod event;
mod principal;
mod resource;
mod stack;

pub use change_set::{Change, ChangeDetail, ChangeSet};
pub use event::Event;
pub use principal::StoredPrincipal;
pub use resource::{Physical, Resource};
pub use stack::{Deployment, OnFailure, Operation, OperationKind, Output, Stack, Tag};

use slam_cloud_core::Timestamp;

/// The time as AWS answers it: to the millisecond.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
