//! A program apart: started with nothing of ours, held within limits, watched, frozen and ended as a whole.
//!
//! This crate knows nothing of Lambda. It starts a program in a session of its own, with an environment made from
//! scratch, no open files but its output, and limits ([`Limits`]); it measures the memory of everything the program
//! started, freezes it between two pieces of work and kills all of it at the end.
//!
//! - [`Launcher`]: starts programs. [`Spec`]: what it is told.
//! - [`Child`] and [`Group`]: one program, and everything it started. [`Exit`]: how it ended.
//! - [`Output`]: what it prints, as bounded lines. [`Memory`]: what it uses.
//! - `apart`: how this is done on Linux, with a process that starts the programs, one that looks after each, and
//!   namespaces where the kernel gives them; Landlock and seccomp belong there too. `plain`: on other systems.

#[cfg(target_os = "linux")]
mod apart;
mod exit;
mod memory;
mod output;
#[cfg(not(target_os = "linux"))]
mod plain;
mod spec;

#[cfg(target_os = "linux")]
pub use apart::child::{Child, Group};
#[cfg(target_os = "linux")]
pub use apart::launcher::Launcher;
pub use exit::Exit;
pub use memory::Memory;
pub use output::Output;
#[cfg(not(target_os = "linux"))]
pub use plain::child::{Child, Group};
#[cfg(not(target_os = "linux"))]
pub use plain::launcher::Launcher;
pub use spec::{Limits, Spec, Temporary};

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
    /// What was found to be possible is not any more.
    #[error("cannot set a program apart: {0}")]
    Walls(String),
    /// The launcher could not be made or has ended.
    #[error("the launcher of sandboxed programs has ended")]
    Closed,
}
