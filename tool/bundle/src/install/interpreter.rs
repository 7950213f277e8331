//! The Pythons of this machine, in the order in which the embedded cloud looks for those that run functions: uv's, pyenv's,
//! those on the PATH, and last what only looks for a Python, a version manager's shims.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::target::Target;

/// Programs of the target's version that are there, whether or not they run.
pub(crate) fn candidates(target: &Target) -> impl Iterator<Item = PathBuf> {
    let program = format!("python{}", target.python);
    let (shims, on_path): (Vec<_>, Vec<_>) = on_path().into_iter().partition(|directory| is_shims(directory));
    let directories = kept().into_iter().chain(on_path).chain(shims);
    directories.map(move |directory| directory.join(&program)).filter(|python| python.is_file())
}

/// A Python of the target's version that runs.
pub(crate) fn of_target(target: &Target) -> Option<PathBuf> {
    candidates(target).find(runs)
}

/// The same, without starting one that is no shim: such a program runs, and to find out would take as long again.
pub(crate) fn of_target_unasked(target: &Target) -> Option<PathBuf> {
    candidates(target).find(|python| !python.parent().is_some_and(is_shims) || runs(python))
}

fn is_shims(directory: &Path) -> bool {
    directory.ends_with("shims")
}

fn runs(python: &PathBuf) -> bool {
    let mut command = Command::new(python);
    command.args(["-I", "-S", "-c", ""]).stdin(Stdio::null());
    command.output().is_ok_and(|output| output.status.success())
}

/// A Python for uv to start from, where the first it would find is a version manager's shim: such a script starts a
/// shell and the manager before it starts Python, which takes longer than all else of a small installation. uv asks
/// Python for nothing that reaches the package.
pub(crate) fn instead_of_shim(target: &Target) -> Option<PathBuf> {
    let found =
        on_path().into_iter().find(|directory| ["python", "python3"].iter().any(|it| directory.join(it).is_file()));
    if !found.is_some_and(|directory| is_shims(&directory)) {
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

/// Directories of programs below those in which uv and pyenv keep their Pythons.
fn kept() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let uv = set("UV_PYTHON_INSTALL_DIR")
        .or_else(|| set("XDG_DATA_HOME").map(|data| data.join("uv/python")))
        .unwrap_or_else(|| home.join(".local/share/uv/python"));
    let pyenv = set("PYENV_ROOT").unwrap_or_else(|| home.join(".pyenv"));
    let roots = [uv, pyenv.join("versions")];
    roots.iter().flat_map(|root| below(root)).map(|version| version.join("bin")).collect()
}

fn below(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}
