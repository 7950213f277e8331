//! Which runtime of Lambda a project gets that names none.

use super::Common;
use slam_bundle::RequiredPython;
use slam_project::RUNTIMES;
use slam_report::{Report, Result};
use std::path::Path;
use std::process::Command;

/// The runtime of `python3` on this machine, so that what is deployed also runs here; else the newest that runs here.
pub fn default_runtime() -> String {
    of_machine().or_else(|| newest_here(RUNTIMES)).unwrap_or("python3.13").to_owned()
}

/// The same for a project in `directory`, whose files may say which Pythons it is for. What is chosen because of them is
/// told.
pub fn for_project(common: &Common, directory: &Path, requirements: Option<&Path>) -> Result<String> {
    let required = slam_bundle::required_pythons(directory, requirements);
    if required.is_empty() {
        return Ok(default_runtime());
    }
    let allowed = |runtime: &&str| required.iter().all(|required| required.allows(runtime));
    let of_machine = of_machine();
    if let Some(runtime) = of_machine.filter(|runtime| allowed(runtime)) {
        return Ok(runtime.to_owned());
    }
    let runtimes: Vec<&str> = RUNTIMES.iter().copied().filter(allowed).collect();
    let Some(newest) = runtimes.last() else {
        let message = format!("{}, and Lambda runs none of these", said(&required));
        let hint = format!("Lambda's runtimes are {}; `--runtime` takes one of them all the same", RUNTIMES.join(", "));
        return Err(Report::usage(message, hint));
    };
    let here = of_machine.map(|runtime| format!(", and `python3` here is {}", version(runtime))).unwrap_or_default();
    let why = format!("{}{here}", said(&required));
    let Some(runtime) = newest_here(&runtimes) else {
        let text = format!("the runtime is {newest}, which this machine cannot run: {why}");
        let (version, uv) = (version(newest), slam_bundle::uv_called(common.home.root()));
        common.terminal.warn(&text, &format!("install Python {version} (`{uv} python install {version}`)"));
        return Ok((*newest).to_owned());
    };
    common.terminal.say(&format!("the runtime is {runtime}: {why}"));
    Ok(runtime.to_owned())
}

/// What the files say: `uv.lock is for Python >=3.12`.
fn said(required: &[RequiredPython]) -> String {
    let same = |pythons: &str| pythons.replace(' ', "");
    let is_new = |(at, one): &(usize, &RequiredPython)| {
        !required[..*at].iter().any(|other| same(&other.pythons) == same(&one.pythons))
    };
    let said = required.iter().enumerate().filter(is_new);
    let said: Vec<_> = said.map(|(_, one)| format!("{} is for Python {}", one.file, one.pythons)).collect();
    said.join(", ")
}

fn version(runtime: &str) -> &str {
    runtime.trim_start_matches("python")
}

/// The newest of these that this machine can run.
fn newest_here<'r>(runtimes: &[&'r str]) -> Option<&'r str> {
    runtimes.iter().rev().copied().find(|runtime| slam_bundle::runs_here(runtime))
}

/// That of `python3`, where Lambda has it. A conda environment's counts for nothing: the embedded cloud runs no function
/// on it.
fn of_machine() -> Option<&'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs =
        std::env::split_paths(&path).map(|folder| folder.join("python3")).filter(|program| program.is_file());
    let script = "import sys, os; base = sys.base_prefix; has = lambda name: os.path.isdir(os.path.join(base, name)); \
                  print('' if has('conda-meta') and not has('condabin') else 'python%d.%d' % sys.version_info[:2])";
    let answer = |program| {
        let output = Command::new(program).args(["-I", "-S", "-c", script]).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    let found = programs.filter_map(answer).find(|runtime| !runtime.is_empty())?;
    RUNTIMES.iter().copied().find(|runtime| *runtime == found)
}
