//! What to run, and within which limits.

use std::ffi::OsString;
use std::path::PathBuf;

/// A program to run apart. What is not named here, the program does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The program's absolute path.
    pub program: PathBuf,
    /// Its arguments, without the program's name.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(String, OsString)>,
    /// The folder it starts in.
    pub directory: PathBuf,
    /// A folder that it cannot change, nor what it starts: where [`crate::Launcher::has_mounts`].
    pub read_only: Option<PathBuf>,
    /// A folder `/tmp` of its own, which ends with it: where [`crate::Launcher::has_mounts`].
    pub temporary: Option<Temporary>,
    /// What it shall be held to.
    pub limits: Limits,
}

/// A `/tmp` of a program's own, in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// How much fits in, in bytes.
    pub size: u64,
    /// What the program finds where it is, although it is below the machine's `/tmp`.
    pub kept: Vec<PathBuf>,
}

/// Limits that the program is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open files of each process (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Private writable memory of each process in bytes (`RLIMIT_DATA`): a backstop behind whoever watches
    /// [`crate::Memory`], since it counts what is reserved, not what is used. `None` for no such limit.
    pub data: Option<u64>,
    /// Processes and threads together, by the kernel's means as far as it has some, and otherwise by whoever watches
    /// [`crate::Memory`].
    pub processes: u64,
    /// The longest line of output, in bytes; longer ones are cut into several.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_files: 1024, data: None, processes: 1024, line: 256 * 1024 }
    }
}
