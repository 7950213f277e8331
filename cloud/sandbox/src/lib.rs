//! A program apart: started with nothing of ours, held within limits, watched, frozen and ended as a whole.
//!
//! This crate knows nothing of Lambda. It starts a program in a session of its own, with an environment made from
//! scratch, no open files but its output, and kernel limits ([`Limits`]); it measures the memory of everything the
//! program started, freezes it between two pieces of work and kills all of it at the end.
//!
//! - [`Launcher`]: the thread that starts programs, and must outlive them.
//! - [`Child`] and [`Group`]: one program, and everything it started.
//! - [`Output`]: what it prints, as bounded lines.
//! - `setup`: what the new process does to itself before it becomes the program. The only `unsafe` of the project.
//!   [`ReadOnly`] makes a folder read-only with a mount namespace there; Landlock and seccomp belong there too.

mod launcher;
mod memory;
mod output;
#[allow(unsafe_code)]
mod setup;

pub use launcher::Launcher;
pub use launcher::child::{Child, Exit, Group};
pub use memory::Memory;
pub use output::Output;
pub use setup::ReadOnly;
pub use setup::spec::{Limits, Spec};

/// Why a program could not be run apart.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The program could not be started.
    #[error("cannot start {program}: {reason}")]
    Start {
        /// The program's path.
        program: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The launcher's thread could not be made or has ended.
    #[error("the launcher of sandboxed programs has ended")]
    Closed,
}
