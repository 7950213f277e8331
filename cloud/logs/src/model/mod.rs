//! Domain types.

pub mod group;
pub mod identifier;
pub mod position;
pub mod resource_policy;
