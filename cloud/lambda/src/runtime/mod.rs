//! What functions run on: the Runtime API they talk to, and the interpreters of this machine.

pub mod api;
pub mod interpreter;
pub mod streamed;
pub mod wrapper;

use std::path::{Path, PathBuf};

/// Our client of the Runtime API for Python, and the script that starts it.
const CLIENT: &str = include_str!("python/_slam_runtime.py");
const BOOTSTRAP: &str = include_str!("python/bootstrap.py");

/// Writes the runtime clients into `folder` and returns the path of Python's script.
///
/// # Errors
/// When they cannot be written.
pub fn install(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in [("_slam_runtime.py", CLIENT), ("bootstrap.py", BOOTSTRAP)] {
        let path = folder.join(name);
        // Written only when it differs, so that Python's compiled copy stays valid.
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
            let beside = folder.join(format!(".{name}"));
            std::fs::write(&beside, text)?;
            std::fs::rename(beside, &path)?;
        }
    }
    Ok(folder.join("bootstrap.py"))
}
