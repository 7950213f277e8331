//! Stacks in motion.
//!
//! - [`desired`], [`view`]: what a stack shall be, and what its resources say about themselves.
//! - [`compare`]: what a deployment would change.
//! - [`dynamic`]: values of Parameter Store in properties.
//! - [`engine`]: operations as a chain of phases, each of them durable before it begins.
//! - [`forward`], [`backward`]: creation and update of resources; deletion, rollback, cleanup.
//! - [`import`]: resources that exist become a stack's.
//! - [`parallel`]: work along the graph of resources.
//! - [`capabilities`], [`policy`], [`names`]: what a request must acknowledge, what it may touch, what things are called.

mod backward;
pub mod capabilities;
pub mod compare;
pub mod desired;
pub mod dynamic;
pub mod engine;
mod forward;
mod import;
pub mod names;
pub mod parallel;
pub mod policy;
pub mod view;

pub use desired::Desired;
pub use engine::Engine;
