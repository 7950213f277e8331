//! Template and package → a stack, in whatever cloud the clients point at.
//!
//! - [`deploy`], [`publish`], [`delete`]: what changes a stack; [`change`] follows one change to its end.
//! - [`status`], [`logs`], [`invoke`]: what asks about it.
//! - [`deployed`]: what is read back; slam keeps no state of its own.
//! - [`bucket`]: where the packages lie.

mod bucket;
mod change;
pub mod delete;
pub mod deploy;
mod deployed;
mod error;
pub mod invoke;
pub mod logs;
pub mod progress;
pub mod publish;
pub mod status;

pub use error::StackError;

use progress::Progress;
use std::time::Duration;

/// One stack in one cloud, and who is told what happens to it.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The cloud.
    pub clients: &'a slam_aws::Clients,
    /// The stack's name: the project's.
    pub stack: &'a str,
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// The time between two questions to a service that is at work.
    pub poll: Duration,
}
