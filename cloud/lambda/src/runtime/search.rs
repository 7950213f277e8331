//! Looking for programs on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders of PATH.
pub(super) fn on_path() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

/// The folders that these variables name, then these in the user's home.
pub(super) fn roots(variables: &[(&str, &str)], in_home: &[&str]) -> Vec<PathBuf> {
    let named = variables.iter().filter_map(|(variable, rest)| {
        let folder = std::env::var_os(variable).filter(|folder| !folder.is_empty())?;
        Some(PathBuf::from(folder).join(rest))
    });
    let home = std::env::var_os("HOME").map(PathBuf::from);
    named.chain(in_home.iter().filter_map(|folder| Some(home.as_ref()?.join(folder)))).collect()
}

/// The folders in `folder` whose names start so, the highest version first.
pub(super) fn starting_with(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(Vec<u64>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let rest = name.strip_prefix(prefix)?;
            Some((numbers(rest), entry.path()))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// The numbers in a version: 10 is more than 9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// What a program prints, if it ends well.
pub(super) fn ask(program: &Path, arguments: &[&str], without: &[&str]) -> Option<String> {
    answer(program, arguments, without).map(|(printed, _)| printed)
}

/// What a program prints, and what it prints as errors, if it ends well.
pub(super) fn answer(program: &Path, arguments: &[&str], without: &[&str]) -> Option<(String, String)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    without.iter().for_each(|variable| {
        command.env_remove(variable);
    });
    let answer = command.output().ok().filter(|answer| answer.status.success())?;
    Some((String::from_utf8(answer.stdout).ok()?, String::from_utf8_lossy(&answer.stderr).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["v22.9.0", "v22.11.0", "v20.1.0", "v22.2.1"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let found = starting_with(folder.path(), "v22.");
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["v22.11.0", "v22.9.0", "v22.2.1"]);
    }
}
