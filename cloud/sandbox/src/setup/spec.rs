//! What to run, and within which limits.

use super::ReadOnly;
use std::ffi::OsString;
use std::path::PathBuf;

/// A program to run apart. What is not named here, the program does not get.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The program's absolute path.
    pub program: PathBuf,
    /// Its arguments, without the program's name.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(String, OsString)>,
    /// The folder it starts in.
    pub directory: PathBuf,
    /// A folder that it cannot change, nor what it starts.
    pub read_only: Option<ReadOnly>,
    /// What the kernel shall hold it to.
    pub limits: Limits,
}

/// Limits that the kernel holds each process of the program to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open files (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Private writable memory in bytes (`RLIMIT_DATA`): a backstop behind whoever watches [`crate::Memory`], since
    /// it counts what is reserved, not what is used. `None` for no such limit.
    pub data: Option<u64>,
    /// The longest line of output, in bytes; longer ones are cut into several.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_files: 1024, data: None, line: 256 * 1024 }
    }
}
