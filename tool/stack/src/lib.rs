//! Template and package → a stack, in whatever cloud the clients point at.
//!
//! - [`deploy`], [`publish`], [`promote`], [`delete`]: what changes a stack. [`apply`] makes a change of a template,
//!   [`change`] follows it to its end, and [`verify`] looks whether what was said to be done is there.
//! - [`status`], [`logs`], [`invoke`]: what asks about it. [`events`]: what sets its functions going.
//! - [`deployed`]: what is read back; slam keeps no state of its own.
//! - [`packages`]: what the stack's parameters name; [`bucket`]: where it lies.
//! - [`data`], [`retain`]: tables that hold data, and what becomes of them.
//! - [`secrets`]: what functions read when they start. [`keys`]: the keys of those who call the API.
//! - [`identity`]: whose stack it is.

mod apply;
mod bucket;
mod change;
mod data;
pub mod delete;
pub mod deploy;
mod deployed;
mod error;
pub mod events;
mod failure;
mod identity;
pub mod invoke;
pub mod keys;
pub mod logs;
mod losses;
mod packages;
pub mod progress;
pub mod promote;
pub mod publish;
pub mod retain;
pub mod secrets;
pub mod static_files;
pub mod status;
mod verify;

pub use data::{Count, Holding};
pub use error::StackError;
pub use failure::Failure;
pub use identity::{Identity, OtherProject};

use progress::Progress;
use slam_project::Project;
use std::time::Duration;

/// One stack in one cloud, and who is told what happens to it.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The cloud.
    pub clients: &'a slam_aws::Clients,
    /// The stack's name: the project's.
    pub stack: &'a str,
    /// The project that the stack must belong to.
    pub project: &'a Project,
    /// Whether the stack is made this project's where neither has an id that says so.
    pub take_over: bool,
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// The time between two questions to a service that is at work.
    pub poll: Duration,
}

impl Session<'_> {
    /// Who answers, as a person knows it.
    fn endpoint(&self) -> String {
        self.clients.endpoints.first().map_or_else(|| "AWS".to_owned(), |endpoint| endpoint.url.clone())
    }
}
