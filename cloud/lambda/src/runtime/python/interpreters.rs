//! Which interpreter of this machine runs functions: one that belongs to no project.
//!
//! They are looked for, in this order: uv's (`uv python install 3.X`), pyenv's versions, `python3.X` and `python3` on PATH
//! (where shims of version managers come last: they are slow, and answer only for the version that is chosen). Of a
//! virtual environment on PATH only the interpreter that it was made with counts, and none of a conda environment: what is
//! installed there is another project's. A candidate counts when it says itself that it is Python 3.X.

use crate::runtime::search::{ask, on_path, roots, starting_with};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// An interpreter that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// The program itself, not a script that looks for it.
    pub program: PathBuf,
    /// The second part of its version: `3.11`.
    pub version: String,
    /// The third part of its version: 7 of 3.11.7.
    pub patch: u64,
    /// The folders of installed packages.
    pub packages: Vec<PathBuf>,
}

/// Prints one answer a line: the version, its third part, the program, the program that a virtual environment was made
/// with or nothing, what kind of other environment it is or nothing, and the folders of installed packages.
const QUESTION: &str = "import sys, site, os
print('%d.%d' % sys.version_info[:2])
print(sys.version_info[2])
print(sys.executable)
print(getattr(sys, '_base_executable', '') if sys.prefix != sys.base_prefix else '')
conda = os.path.isdir(os.path.join(sys.prefix, 'conda-meta')) and not os.path.isdir(os.path.join(sys.prefix, 'condabin'))
print('conda' if conda else 'threaded' if 't' in getattr(sys, 'abiflags', '') else '')
print(os.pathsep.join(site.getsitepackages() + [site.getusersitepackages()]))";

/// The interpreters found so far, by version.
#[derive(Clone, Default)]
pub struct Interpreters {
    found: Arc<Mutex<BTreeMap<String, Interpreter>>>,
}

impl Interpreters {
    /// The interpreter of this version of Python (`3.12`), if the machine has one. May start programs: call it on a
    /// thread that may block.
    pub fn find(&self, version: &str) -> Option<Interpreter> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned();
        if let Some(interpreter) = known.filter(|known| known.program.is_file()) {
            return Some(interpreter);
        }
        let interpreter = choose(candidates(version), version)?;
        let Interpreter { program, patch, .. } = &interpreter;
        tracing::info!("functions of python{version} run on Python {version}.{patch}, {}", program.display());
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(version.to_owned(), interpreter.clone());
        Some(interpreter)
    }

    /// Whether the machine has an interpreter of this version. What is only asked is not remembered.
    pub fn is_here(version: &str) -> bool {
        choose(candidates(version), version).is_some()
    }

    /// Those that were found so far.
    pub fn found(&self) -> Vec<Interpreter> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// The first of these that is an interpreter of this version and belongs to no project.
fn choose(candidates: impl Iterator<Item = PathBuf>, version: &str) -> Option<Interpreter> {
    let mut bases = Vec::new();
    for candidate in candidates {
        match question(&candidate, version) {
            Some(Answer::Itself(interpreter)) => return Some(interpreter),
            Some(Answer::MadeWith(base)) => bases.push(base),
            None => {}
        }
    }
    bases.iter().find_map(|base| match question(base, version)? {
        Answer::Itself(interpreter) => Some(interpreter),
        Answer::MadeWith(_) => None,
    })
}

fn candidates(version: &str) -> impl Iterator<Item = PathBuf> {
    let name = format!("python{version}");
    let folders = on_path();
    let on_path: Vec<PathBuf> = [name.as_str(), "python3"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .collect();

    let shims = folders.iter().filter(|folder| folder.ends_with("shims")).filter_map(|folder| folder.parent());
    let mut pyenvs: Vec<PathBuf> = roots(&[("PYENV_ROOT", "")], &[".pyenv"]);
    pyenvs.extend(shims.map(Path::to_owned));
    let uvs = roots(&[("UV_PYTHON_INSTALL_DIR", ""), ("XDG_DATA_HOME", "uv/python")], &[".local/share/uv/python"]);

    let (pyenv_prefix, uv_prefix) = (format!("{version}."), format!("cpython-{version}."));
    let managed: Vec<PathBuf> = uvs
        .iter()
        .flat_map(|root| starting_with(root, &uv_prefix))
        .chain(pyenvs.iter().flat_map(|root| starting_with(&root.join("versions"), &pyenv_prefix)))
        .map(|root| root.join("bin").join(&name))
        .collect();
    let (shims, programs): (Vec<PathBuf>, Vec<PathBuf>) =
        on_path.into_iter().partition(|path| path.parent().is_some_and(|folder| folder.ends_with("shims")));
    managed.into_iter().chain(programs).chain(shims).filter(|candidate| candidate.is_file())
}

/// What a candidate says of itself.
enum Answer {
    /// It belongs to no project.
    Itself(Interpreter),
    /// It is that of a virtual environment, which was made with this one.
    MadeWith(PathBuf),
}

/// Asks a candidate what it is. Only one that answers as Python of this version is one.
fn question(candidate: &Path, version: &str) -> Option<Answer> {
    let answer = ask(candidate, &["-I", "-c", QUESTION], &[])?;
    let mut lines = answer.lines();
    if lines.next() != Some(version) {
        return None;
    }
    let patch = lines.next()?.parse().ok()?;
    let program = PathBuf::from(lines.next()?);
    let base = lines.next()?;
    if !base.is_empty() {
        return Some(Answer::MadeWith(base.into()));
    }
    if !lines.next()?.is_empty() {
        return None;
    }
    let packages = std::env::split_paths(lines.next().unwrap_or_default()).collect();
    Some(Answer::Itself(Interpreter { program, version: version.to_owned(), patch, packages }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A program that answers as an interpreter would.
    fn program(folder: &Path, name: &str, lines: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\nprintf '%b' '{}'\n", lines.replace("SELF", &path.to_string_lossy())))
            .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn check(candidates: &[(&str, &str)], expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let base = program(folder.path(), "base", "3.12\n4\nSELF\n\n\n/packages\n");
        let candidates: Vec<PathBuf> = candidates
            .iter()
            .map(|(name, lines)| program(folder.path(), name, &lines.replace("BASE", &base.to_string_lossy())))
            .collect();
        let chosen = choose(candidates.into_iter(), "3.12");
        assert_eq!(chosen.map(|chosen| chosen.program), expected.map(|name| folder.path().join(name)));
    }

    #[test]
    fn no_projects_interpreter_is_chosen() {
        let (plain, venv) = ("3.12\n4\nSELF\n\n\n/packages\n", "3.12\n4\nSELF\nBASE\n\n/venv\n");
        let (conda, threaded) = ("3.12\n4\nSELF\n\nconda\n/env\n", "3.12\n4\nSELF\n\nthreaded\n/packages\n");
        check(&[("venv", venv), ("plain", plain)], Some("plain"));
        check(&[("venv", venv)], Some("base"));
        check(&[("conda", conda), ("threaded", threaded), ("other", "3.11\n4\nSELF\n\n\n/\n")], None);
        check(&[("conda", conda), ("venv", venv)], Some("base"));
    }
}
