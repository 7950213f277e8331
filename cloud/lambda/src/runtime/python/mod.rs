//! Python: on the machine's interpreter of the runtime's version, with our own client of the Runtime API.
//!
//! Interpreters are looked for, in this order: `python3.X` and `python3` on PATH, pyenv's versions (whose shims on PATH
//! are slow and answer only for the version that is chosen), and uv's (`uv python install 3.X`). A candidate counts when
//! it says itself that it is Python 3.X.

use super::search::{ask, on_path, roots, starting_with};
use super::wrapper::Command;
use super::{Launch, Site};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Our client of the Runtime API, and the script that starts it.
pub(super) const CLIENT: [(&str, &str); 2] = [
    ("_slam_runtime.py", include_str!("_slam_runtime.py")),
    // Python keeps modules compiled, but not the script.
    ("bootstrap.py", include_str!("bootstrap.py")),
];

macro_rules! shared {
    ($($file:literal),* $(,)?) => {
        [("__init__.py", ""), $(($file, include_str!(concat!("../../../../../python/slam_lambda/runtime/", $file)))),*]
    };
}

/// What the client has in common with the runtime that streams, which packages bring: written once.
pub(super) const SHARED: [(&str, &str); 5] = shared!["context.py", "encoding.py", "errors.py", "records.py"];

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
        let interpreter = candidates(version).find_map(|candidate| question(&candidate, version))?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(version.to_owned(), interpreter.clone());
        Some(interpreter)
    }
}

/// How functions on this interpreter are started. What the client is told is told as options of the interpreter, so that
/// the command ends with the script as on AWS.
pub(super) fn launch(interpreter: &Interpreter, version: &str, client: &Path, site: &Site<'_>) -> Launch {
    let option = |name: &str, value: &OsString| {
        let mut option = OsString::from(format!("{name}="));
        option.push(value);
        ["-X".into(), option]
    };
    let mut arguments: Vec<OsString> = vec!["-S".into()];
    arguments.extend(option("slam_packages", &interpreter.packages));
    arguments.extend(site.opt.into_iter().flat_map(|opt| option("slam_opt", &opt.into())));
    arguments.push(client.join("bootstrap.py").into());
    Launch {
        version: format!("python:{version}.v{}", interpreter.patch),
        command: site.wrapped(Command { program: interpreter.program.clone(), arguments }),
        programs: interpreter.program.parent().map(Path::to_owned),
        variables: Vec::new(),
    }
}

/// What to do when this machine lacks an interpreter.
pub(super) fn missing(version: &str) -> String {
    format!(
        "The runtime python{version} needs Python {version}, which is not on this machine: install it (`uv python \
         install {version}`), have it on PATH as python{version}, or choose a runtime whose Python is here"
    )
}

fn candidates(version: &str) -> impl Iterator<Item = PathBuf> {
    let name = format!("python{version}");
    let folders = on_path();
    let on_path: Vec<PathBuf> = [name.as_str(), "python3"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .collect();

    let shims = folders.iter().filter(|folder| folder.ends_with("shims")).filter_map(|folder| folder.parent());
    let mut pyenvs: Vec<PathBuf> = shims.map(Path::to_owned).collect();
    pyenvs.extend(roots(&[("PYENV_ROOT", "")], &[".pyenv"]));
    let uvs = roots(&[("UV_PYTHON_INSTALL_DIR", ""), ("XDG_DATA_HOME", "uv/python")], &[".local/share/uv/python"]);

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

/// Asks a candidate what it is. Only one that answers as Python of this version is one.
fn question(candidate: &Path, version: &str) -> Option<Interpreter> {
    let answer = ask(candidate, &["-I", "-c", QUESTION], &[])?;
    let mut lines = answer.lines();
    if lines.next() != Some(version) {
        return None;
    }
    let patch = lines.next()?.parse().ok()?;
    let program = PathBuf::from(lines.next()?);
    let packages = std::env::var_os(PACKAGES).unwrap_or_else(|| lines.next().unwrap_or_default().into());
    Some(Interpreter { program, patch, packages })
}
