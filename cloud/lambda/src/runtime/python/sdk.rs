//! The AWS SDK of Python functions: AWS's runtimes bring boto3
//! (<https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-dependencies>), an interpreter does
//! not. A function that brings none of its own finds that of the interpreter, if somebody installed it there, or else one
//! that the cloud installs for itself, with uv or pip, when the first function needs it.

use super::Interpreter;
use crate::runtime::Site;
use crate::runtime::search::on_path;
use slam_cloud_core::Durability;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names the folders to look up boto3 and its kin in, instead of all others.
const VARIABLE: &str = "SLAM_RUNTIME_PACKAGES";
/// What makes a folder one that has the SDK.
const MODULE: &str = "boto3";
/// How long the installation may take: an environment waits for it.
const LONGEST: Duration = Duration::from_secs(25);
/// How long after a failure the next attempt is made.
const RETRY: Duration = Duration::from_secs(120);
/// Of a package's sources, so many bytes are searched for a word of the SDK.
const SEARCHED: u64 = 32 << 20;

/// The folders in which a function's client looks for the SDK. May install it: call it on a thread that may block.
pub(super) fn packages(interpreter: &Interpreter, client: &Path, site: &Site<'_>) -> OsString {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return named;
    }
    let has = |folder: &Path| folder.join(MODULE).is_dir();
    let installed = client.join("python-packages").join(&interpreter.version);
    let brought = || has(site.task_root) || site.opt.is_some_and(|opt| has(&opt.join("python")));
    let known = interpreter.packages.iter().any(|folder| has(folder)) || has(&installed);
    if !known && !brought() && needs(site.task_root) {
        install(interpreter, &installed);
    }
    let folders = interpreter.packages.iter().chain([&installed]);
    std::env::join_paths(folders).unwrap_or_default()
}

/// Packages that were searched.
const REMEMBERED: usize = 1024;
static NEEDS: LazyLock<Mutex<HashMap<PathBuf, bool>>> = LazyLock::new(Mutex::default);

/// Whether a package needs the SDK. It never changes, and is searched once.
fn needs(package: &Path) -> bool {
    let known = NEEDS.lock().unwrap_or_else(PoisonError::into_inner).get(package).copied();
    known.unwrap_or_else(|| {
        let found = mentions(package);
        let mut needs = NEEDS.lock().unwrap_or_else(PoisonError::into_inner);
        if needs.len() >= REMEMBERED {
            needs.clear();
        }
        needs.insert(package.to_owned(), found);
        found
    })
}

/// Whether a source of the package has the SDK's name.
fn mentions(package: &Path) -> bool {
    let mut folders = vec![package.to_owned()];
    let (mut left, mut text) = (SEARCHED, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.extension() == Some(OsStr::new("py")) => {
                    text.clear();
                    let read = fs::File::open(&path).and_then(|file| file.take(left).read_to_end(&mut text));
                    left -= read.map_or(0, |read| u64::try_from(read).unwrap_or(left).min(left));
                    if text.windows(4).any(|word| word == b"boto") {
                        return true;
                    }
                }
                _ => {}
            }
            if left == 0 {
                return false;
            }
        }
    }
    false
}

/// When it failed last, by folder. Held while it is installed, so that it is installed once.
static FAILED: LazyLock<Mutex<HashMap<PathBuf, Instant>>> = LazyLock::new(Mutex::default);

/// Installs the SDK into `folder`, which is there afterwards only if all went well.
fn install(interpreter: &Interpreter, folder: &Path) {
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    if folder.is_dir() || failed.get(folder).is_some_and(|last| last.elapsed() < RETRY) {
        return;
    }
    let version = &interpreter.version;
    tracing::info!("installing boto3 for functions of python{version}, as AWS's runtimes bring it");
    let beside = folder.with_file_name(format!(".{version}.{}", slam_cloud_core::id::request_id()));
    let done = fs::create_dir_all(&beside)
        .map_err(|error| error.to_string())
        .and_then(|()| run(command(interpreter, &beside)))
        // Once for each machine, and what is there is taken to be whole ever after.
        .and_then(|()| Durability::Fsync.keep_tree(&beside).map_err(|error| error.to_string()))
        .and_then(|()| fs::rename(&beside, folder).map_err(|error| error.to_string()));
    if let Err(reason) = done {
        let _ = fs::remove_dir_all(&beside);
        tracing::warn!("boto3 could not be installed for python{version}, so functions must bring it: {reason}");
        failed.insert(folder.to_owned(), Instant::now());
    }
}

/// uv, which is fast, if it is on PATH or beside slam, or else the interpreter's pip.
fn command(interpreter: &Interpreter, target: &Path) -> Command {
    let beside_slam = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    let uv = on_path().into_iter().chain(beside_slam).map(|folder| folder.join("uv")).find(|program| program.is_file());
    let mut command = match uv {
        Some(uv) => {
            let mut command = Command::new(uv);
            command.args(["pip", "install", "--quiet", "--python"]).arg(&interpreter.program);
            command
        }
        None => {
            let mut command = Command::new(&interpreter.program);
            command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            command
        }
    };
    command.arg("--target").arg(target).arg(MODULE);
    for variable in ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"] {
        command.env_remove(variable);
    }
    command.current_dir(target).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, within the time that there is; what it says when it fails.
fn run(mut command: Command) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let deadline = Instant::now() + LONGEST;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                let mut words = String::new();
                if let Some(errors) = child.stderr.take() {
                    let _ = errors.take(4096).read_to_string(&mut words);
                }
                let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
                return Err(format!("{status}: {}", last.trim()));
            }
            None if Instant::now() >= deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it took more than {} seconds", LONGEST.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: bool) {
        let package = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = package.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(mentions(package.path()), expected, "{files:?}");
    }

    #[test]
    fn sources_that_need_the_sdk_are_known_by_its_name() {
        check(&[("app.py", "import boto3")], true);
        check(&[("app.py", ""), ("lib/store.py", "from botocore.config import Config")], true);
        check(&[("app.py", "import json"), ("data/boto.txt", "boto3")], false);
    }
}
