//! What functions run on: the Runtime API they talk to, and the interpreters of this machine.

pub mod api;
pub mod interpreter;

use std::path::{Path, PathBuf};

/// Our client of the Runtime API for Python.
const BOOTSTRAP: &str = include_str!("python/bootstrap.py");

/// Writes the runtime clients into `folder` and returns the path of Python's.
///
/// # Errors
/// When they cannot be written.
pub fn install(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("bootstrap.py");
    // Written only when it differs, so that Python's compiled copy stays valid.
    if std::fs::read_to_string(&path).ok().as_deref() != Some(BOOTSTRAP) {
        let beside = folder.join(".bootstrap.py");
        std::fs::write(&beside, BOOTSTRAP)?;
        std::fs::rename(beside, &path)?;
    }
    Ok(path)
}
