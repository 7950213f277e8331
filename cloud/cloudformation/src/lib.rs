//! CloudFormation.
pub mod registry;
pub mod template;
