//! Bytecode of the dependencies, compiled by a Python of the target's minor version.
//!
//! The files are unchecked hash-based pycs: nothing in them tells when or where they were made, and Lambda, whose files
//! cannot change, loads them without a look at the source (PEP 552). What the compiler makes of a source may differ
//! between patch releases of Python; that is why bytecode is made only where `package.bytecode` asks for it.

use crate::machine::interpreter;
use crate::slim::TreeFile;
use crate::target::Target;
use crate::{BundleError, sources, uv_called};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Lambda unpacks a package; tracebacks have it.
const ROOT: &str = "/var/task";

/// Compile `files` of `tree` and give the files that came of it. `home` is slam's own directory.
pub fn compile(target: &Target, home: &Path, tree: &Path, files: &[&TreeFile]) -> Result<Vec<TreeFile>, BundleError> {
    let missing = || BundleError::NoInterpreter { python: target.python.clone(), uv: uv_called(home) };
    let python = interpreter(target).ok_or_else(missing)?;
    let modules: Vec<&str> = files.iter().map(|file| file.name.as_str()).filter(|name| name.ends_with(".py")).collect();
    let mut command = Command::new(&python);
    // One process, one order and one hash seed: what is interned and shared decides how objects are written.
    command.args(["-S", "-s", "-m", "compileall", "-f", "-q", "-q", "--invalidation-mode", "unchecked-hash"]);
    command.arg("-s").arg(tree).args(["-p", ROOT, "-i", "-"]);
    command
        .env("PYTHONHASHSEED", "0")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env_remove("PYTHONPYCACHEPREFIX");
    command.current_dir(tree).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let failed = |source| BundleError::Start { program: python.clone(), source };
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        let list: String = modules.iter().map(|name| format!("{}\n", tree.join(name).display())).collect();
        // A process that ended early says why by having compiled nothing.
        let _ = stdin.write_all(list.as_bytes());
    }
    // Its status tells that some source is not valid Python, as templates and tests of tools are: those stay sources.
    child.wait().map_err(failed)?;
    let found = compiled(tree, target, &modules);
    if found.is_empty() && !modules.is_empty() { Err(missing()) } else { Ok(found) }
}

fn compiled(tree: &Path, target: &Target, modules: &[&str]) -> Vec<TreeFile> {
    let tag = tag(target);
    let mut found = Vec::new();
    for module in modules {
        let (directory, last) = module
            .rsplit_once('/')
            .map_or((String::new(), *module), |(directory, last)| (format!("{directory}/"), last));
        let name = format!("{directory}__pycache__/{}.{tag}.pyc", last.trim_end_matches(".py"));
        let path = tree.join(&name);
        if let Ok(metadata) = std::fs::metadata(&path) {
            found.push(TreeFile { name, executable: sources::is_executable(&metadata), size: metadata.len(), path });
        }
    }
    found
}

/// A Python of the target's minor version. Never one of another version: its bytecode would be dead weight.
fn interpreter(target: &Target) -> Option<PathBuf> {
    let tag = tag(target);
    interpreter::candidates(target).into_iter().find(|python| cache_tag(python).is_some_and(|found| found == tag))
}

/// `cpython-313`; `None` when it does not run, as a version manager's shim with nothing behind it.
fn cache_tag(python: &Path) -> Option<String> {
    let mut command = Command::new(python);
    command.args(["-I", "-S", "-c", "import sys; print(sys.implementation.cache_tag)"]).stdin(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn tag(target: &Target) -> String {
    format!("cpython-{}", target.python.replace('.', ""))
}

/// Who a file of bytecode belongs to: the owner of its source.
pub fn owner<'a>(name: &str, owners: &HashMap<&str, &'a str>) -> Option<&'a str> {
    let (directory, last) = name.split_once("__pycache__/")?;
    let stem = last.split('.').next()?;
    owners.get(format!("{directory}{stem}.py").as_str()).copied()
}
