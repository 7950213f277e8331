//! The Pythons of this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::target::Target;

/// Programs of the target's version that are there, whether or not they run: on the PATH, then where pyenv and uv keep
/// theirs.
pub(crate) fn candidates(target: &Target) -> impl Iterator<Item = PathBuf> {
    let program = format!("python{}", target.python);
    on_path().into_iter().chain(kept()).map(move |directory| directory.join(&program)).filter(|python| python.is_file())
}

/// A Python of the target's version that runs.
pub(crate) fn of_target(target: &Target) -> Option<PathBuf> {
    let runs = |python: &PathBuf| {
        let mut command = Command::new(python);
        command.args(["-I", "-S", "-c", ""]).stdin(Stdio::null());
        command.output().is_ok_and(|output| output.status.success())
    };
    candidates(target).find(runs)
}

/// A Python for uv to start from, where the first it would find is a version manager's shim: such a script starts a
/// shell and the manager before it starts Python, which takes longer than all else of a small installation. uv asks
/// Python for nothing that reaches the package.
pub(crate) fn instead_of_shim(target: &Target) -> Option<PathBuf> {
    let found =
        on_path().into_iter().find(|directory| ["python", "python3"].iter().any(|it| directory.join(it).is_file()));
    if !found.is_some_and(|directory| directory.ends_with("shims")) {
        return None;
    }
    let program = format!("python{}", target.python);
    let named = |name: &str| kept().into_iter().map(|directory| directory.join(name)).find(|python| python.is_file());
    named(&program).or_else(|| named("python3"))
}

fn on_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|directory| directory.is_absolute()).collect()
}

/// Directories of programs below those in which pyenv and uv keep their Pythons.
fn kept() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let pyenv = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let roots = [pyenv.join("versions"), home.join(".local/share/uv/python")];
    roots.iter().flat_map(|root| below(root)).map(|version| version.join("bin")).collect()
}

fn below(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}
