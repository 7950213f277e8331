//! What the shell completes beside the commands themselves: the stages and functions of slam.yaml.
//!
//! The script of `slam completions` asks the program itself, with [`SLAM_COMPLETE`](slam_project::variables::SLAM_COMPLETE) set, at each Tab. So nothing here may
//! print, start anything or take long; a slam.yaml that is missing or wrong just has no names.

use super::target;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use slam_project::{Defaults, Project};
use std::ffi::OsStr;
use std::path::PathBuf;

/// Completes the name of a stage.
pub fn stages() -> ArgValueCompleter {
    named(|project| project.stages.iter().map(|stage| stage.name.clone()).collect())
}

/// Completes the name of a function below `functions`.
pub fn functions() -> ArgValueCompleter {
    named(|project| project.functions.iter().filter_map(|function| function.name.clone()).collect())
}

fn named(names: fn(&Project) -> Vec<String>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let current = current.to_str().unwrap_or_default();
        // No default of a runtime is asked for: finding one would start Python.
        let defaults = Defaults { runtime: || "python3.13".to_owned(), ..target::defaults() };
        let names_found = Project::load(&config_file(), &defaults).map(|project| names(&project)).unwrap_or_default();
        names_found.into_iter().filter(|name| name.starts_with(current)).map(CompletionCandidate::new).collect()
    })
}

/// The project's file that the line to be completed names.
fn config_file() -> PathBuf {
    let words: Vec<String> = std::env::args_os().filter_map(|word| word.into_string().ok()).collect();
    config_file_of(&words).unwrap_or_else(|| slam_project::FILE_NAME.into())
}

fn config_file_of(words: &[String]) -> Option<PathBuf> {
    words.iter().enumerate().rev().find_map(|(at, word)| {
        let next = || words.get(at + 1).cloned();
        match word.as_str() {
            "-c" | "--config-file" => next(),
            word => word.strip_prefix("--config-file=").map(str::to_owned),
        }
        .map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_may_name_the_file() {
        for (line, expected) in [
            ("slam -- slam logs --stage", None),
            ("slam -- slam -c a/slam.yaml logs", Some("a/slam.yaml")),
            ("slam -- slam logs --config-file=b.yaml --stage", Some("b.yaml")),
            ("slam -- slam logs -c", None),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(config_file_of(&words), expected.map(PathBuf::from), "{line}");
        }
    }
}
