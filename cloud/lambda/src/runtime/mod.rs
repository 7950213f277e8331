//! What functions run on: the Runtime API they talk to, and how their processes are started, one module per family of
//! runtimes.
//!
//! - [`api`]: the Runtime API, [`owner`]: who may use it. [`error`]: what a runtime says when it fails.
//! - [`machine`]: what is there of the programs that run functions, and what to do where one is not ([`lack`]).
//! - [`python`], [`nodejs`], [`java`], [`provided`]: what is started, with which arguments, search paths and variables.
//! - [`wrapper`]: what is started instead, if the function wants it so.

pub mod api;
pub mod error;
pub mod java;
pub mod lack;
pub mod machine;
pub mod nodejs;
pub mod owner;
pub mod provided;
pub mod python;
mod search;
pub mod streamed;
pub mod wrapper;

use crate::model::Version;
use crate::model::runtime::Runtime;
use machine::Machine;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use wrapper::Command;

/// The runtimes of this machine.
#[derive(Clone)]
pub struct Runtimes {
    /// Where our clients of the Runtime API are.
    folder: PathBuf,
    machine: Machine,
}

/// What a function's processes find.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The version that runs.
    pub version: &'a Version,
    /// The folder that plays `/var/task`.
    pub task_root: &'a Path,
    /// The folder that plays `/opt`, if the function has layers.
    pub opt: Option<&'a Path>,
}

/// How a function's processes are started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The runtime's version, as the log tells it: `python:3.12.v7`.
    pub version: String,
    /// The program and its arguments.
    pub command: Command,
    /// The folder of the runtime's programs, the first on PATH.
    pub programs: Option<PathBuf>,
    /// Folders of this machine that the runtime reads, beside that in which its programs are.
    pub folders: Vec<PathBuf>,
    /// Variables that the function may replace.
    pub variables: Vec<(&'static str, OsString)>,
}

impl Site<'_> {
    /// Where bytecode is kept that a runtime makes of packages and layers, which it cannot write beside them.
    fn bytecode(&self) -> Option<PathBuf> {
        Some(crate::code::bytecode(self.task_root.parent()?))
    }

    /// A variable of the function's own.
    fn variable(&self, name: &str) -> Option<&str> {
        self.version.environment.as_ref()?.get(name).map(String::as_str)
    }

    /// The command, started through the wrapper that the function's environment names, if it does. An empty name is
    /// none, as on AWS.
    fn wrapped(&self, command: Command) -> Command {
        match self.variable(wrapper::VARIABLE).filter(|name| !name.is_empty()) {
            Some(name) => command.through(name, self.here(Path::new(name))),
            None => command,
        }
    }

    /// Where a path of AWS's environment is on this machine.
    pub fn here(&self, path: &Path) -> PathBuf {
        let in_package = path.strip_prefix("/var/task").ok().map(|rest| self.task_root.join(rest));
        let in_layers = || Some(self.opt?.join(path.strip_prefix("/opt").ok()?));
        in_package.or_else(in_layers).unwrap_or_else(|| path.to_owned())
    }
}

impl Runtimes {
    /// Writes our clients into `folder`; the programs are those of `machine`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn install(folder: &Path, machine: Machine) -> std::io::Result<Self> {
        write(folder, &python::CLIENT)?;
        write(&folder.join("_slam"), &python::SHARED)?;
        write(&folder.join("nodejs"), &nodejs::CLIENT)?;
        java::install(&folder.join("java"))?;
        Ok(Self { folder: folder.to_owned(), machine })
    }

    /// What this machine has.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where our clients are: what plays `/var/runtime`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes sure that this machine has what a runtime needs. May start programs: call it on a thread that may block.
    ///
    /// # Errors
    /// What to do when it has not.
    pub fn check(&self, runtime: &Runtime) -> Result<(), String> {
        match runtime {
            Runtime::Python { version } => self.machine.python(version).map(drop).map_err(in_words),
            Runtime::Nodejs { major } => self.machine.nodejs(*major).map(drop).map_err(in_words),
            Runtime::Java { major } => self.java(*major).map(drop),
            Runtime::Provided { .. } => Ok(()),
        }
    }

    /// How functions of a runtime are started. May start programs: call it on a thread that may block.
    ///
    /// # Errors
    /// What to do when this machine lacks what the runtime needs.
    pub fn launch(&self, runtime: &Runtime, site: &Site<'_>) -> Result<Launch, String> {
        Ok(match runtime {
            Runtime::Python { version } => {
                let interpreter = self.machine.python(version).map_err(in_words)?;
                python::launch(&interpreter, version, &self.folder, site)
            }
            Runtime::Nodejs { major } => {
                let node = self.machine.nodejs(*major).map_err(in_words)?;
                nodejs::launch(&node, &self.folder, site)
            }
            Runtime::Java { major } => {
                let (jdk, classes) = self.java(*major)?;
                java::launch(&jdk, &classes, site)
            }
            Runtime::Provided { system } => provided::launch(system, site),
        })
    }

    /// A JDK, and the classes that it has made of our client.
    fn java(&self, major: u64) -> Result<(java::Jdk, PathBuf), String> {
        let jdk = self.machine.java(major).map_err(in_words)?;
        let classes = java::prepare(&jdk, &self.folder.join("java"))?;
        Ok((jdk, classes))
    }
}

fn in_words(lack: lack::Lack) -> String {
    lack.to_string()
}

fn write(folder: &Path, files: &[(&str, &str)]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in files {
        let path = folder.join(name);
        // Written only when it differs, so that Python's compiled copy stays valid.
        if std::fs::read_to_string(&path).ok().as_deref() != Some(*text) {
            let beside = folder.join(format!(".{name}"));
            std::fs::write(&beside, text)?;
            std::fs::rename(beside, &path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let version = crate::model::function::tests::function().latest;
        let (task_root, opt) = (Path::new("/package"), Some(Path::new("/layers")));
        assert_eq!(Site { version: &version, task_root, opt }.here(Path::new(path)), Path::new(expected));
    }

    #[test]
    fn paths_of_awss_environment_are_found() {
        check("/var/task/bin/wrapper", "/package/bin/wrapper");
        check("/opt/wrapper", "/layers/wrapper");
        check("/var/tasks/wrapper", "/var/tasks/wrapper");
        check("/usr/bin/env", "/usr/bin/env");
        check("wrapper", "wrapper");
    }
}
