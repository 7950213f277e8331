//! The domain.
//!
//! - [`group`], [`schedule`]: what is stored. [`due`]: one of its times. [`timing`]: when it comes.
//! - [`target`]: what a schedule calls. [`parameters`]: the input of an operation that it calls by name.
//! - [`attributes`]: what Scheduler puts into an input. [`settings`]: what a request says of a schedule, checked.
//! - [`invocation`]: a call that is under way.

pub mod attributes;
pub mod due;
pub mod group;
pub mod invocation;
pub mod parameters;
pub mod schedule;
pub mod settings;
pub mod target;
pub mod timing;
