//! The Python interpreters of this machine.
//!
//! Looked for, in this order: `python3.X` and `python3` on PATH, pyenv's versions (whose shims on PATH are slow and
//! answer only for the version that is chosen), and uv's (`uv python install 3.X`). A candidate counts when it says
//! itself that it is Python 3.X.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// An interpreter that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// The program itself, not a script that looks for it.
    pub program: PathBuf,
    /// The third part of its version: 7 of 3.11.7.
    pub patch: u64,
    /// Where boto3 and its kin are looked up for functions that do not bring them.
    pub packages: OsString,
}

/// Names the folders to look up boto3 and its kin in, instead of the interpreter's own site-packages.
const PACKAGES: &str = "SLAM_RUNTIME_PACKAGES";

/// Prints the version, the program and the folders of installed packages, one per line.
const QUESTION: &str = "import sys, site\n\
                        print('%d.%d' % sys.version_info[:2])\n\
                        print(sys.version_info[2])\n\
                        print(sys.executable)\n\
                        print(__import__('os').pathsep.join(site.getsitepackages() + [site.getusersitepackages()]))";

/// The interpreters found so far, by version.
#[derive(Clone, Default)]
pub struct Interpreters {
    found: Arc<Mutex<HashMap<String, Interpreter>>>,
}

impl Interpreters {
    /// The interpreter of this version of Python (`3.12`), if the machine has one. May start programs: call it on a
    /// thread that may block.
    pub fn find(&self, version: &str) -> Option<Interpreter> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned();
        if let Some(interpreter) = known.filter(|known| known.program.is_file()) {
            return Some(interpreter);
        }
        let interpreter = candidates(version).find_map(|candidate| ask(&candidate, version))?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(version.to_owned(), interpreter.clone());
        Some(interpreter)
    }
}

fn candidates(version: &str) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let name = format!("python{version}");
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let on_path: Vec<PathBuf> = [name.as_str(), "python3"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .collect();

    let shims = folders.iter().filter(|folder| folder.ends_with("shims")).filter_map(|folder| folder.parent());
    let mut pyenvs: Vec<PathBuf> = shims.map(Path::to_owned).collect();
    pyenvs.extend(std::env::var_os("PYENV_ROOT").map(PathBuf::from));
    pyenvs.extend(home.iter().map(|home| home.join(".pyenv")));
    let mut uvs: Vec<PathBuf> = std::env::var_os("UV_PYTHON_INSTALL_DIR").map(PathBuf::from).into_iter().collect();
    uvs.extend(std::env::var_os("XDG_DATA_HOME").map(|folder| PathBuf::from(folder).join("uv/python")));
    uvs.extend(home.iter().map(|home| home.join(".local/share/uv/python")));

    let (pyenv_prefix, uv_prefix) = (format!("{version}."), format!("cpython-{version}."));
    let managed: Vec<PathBuf> = pyenvs
        .iter()
        .flat_map(|root| starting_with(&root.join("versions"), &pyenv_prefix))
        .chain(uvs.iter().flat_map(|root| starting_with(root, &uv_prefix)))
        .map(|root| root.join("bin").join(&name))
        .collect();
    // A shim is a script that takes its time to find out what `managed` says already.
    let (shims, programs): (Vec<PathBuf>, Vec<PathBuf>) =
        on_path.into_iter().partition(|path| path.parent().is_some_and(|folder| folder.ends_with("shims")));
    programs.into_iter().chain(managed).chain(shims).filter(|candidate| candidate.is_file())
}

/// The folders in `folder` whose names start so, the highest first.
fn starting_with(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found.reverse();
    found
}

/// Asks a candidate what it is. Only one that answers as Python of this version is one.
fn ask(candidate: &Path, version: &str) -> Option<Interpreter> {
    let answer = Command::new(candidate)
        .args(["-I", "-c", QUESTION])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|answer| answer.status.success())?;
    let answer = String::from_utf8(answer.stdout).ok()?;
    let mut lines = answer.lines();
    if lines.next() != Some(version) {
        return None;
    }
    let patch = lines.next()?.parse().ok()?;
    let program = PathBuf::from(lines.next()?);
    let packages = std::env::var_os(PACKAGES).unwrap_or_else(|| lines.next().unwrap_or_default().into());
    Some(Interpreter { program, patch, packages })
}
