//! The OS-only runtimes: the function brings its own runtime, an executable `bootstrap` in its package or its layers.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>

use super::wrapper::Command;
use super::{Launch, Site};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How the function's own runtime is started. It is not started through a wrapper: "Wrapper scripts are not supported on
/// OS-only runtimes" (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>).
pub(super) fn launch(system: &str, site: &Site<'_>) -> Launch {
    let in_layers = site.opt.map(|opt| opt.join("bootstrap")).filter(|path| path.is_file());
    let in_package = site.task_root.join("bootstrap");
    let program = in_layers.filter(|_| !in_package.is_file()).unwrap_or(in_package);
    Launch {
        version: format!("provided:{system}.v1"),
        command: through_bash(&program).unwrap_or(Command { program, arguments: Vec::new() }),
        programs: None,
        folders: Vec::new(),
        variables: Vec::new(),
    }
}

/// A script for `/bin/sh` runs in bash, if this machine has it: on Amazon Linux the two are the same program, and AWS's
/// own example of a runtime relies on it (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html>).
fn through_bash(script: &Path) -> Option<Command> {
    let bash = ["/bin/bash", "/usr/bin/bash"].into_iter().map(PathBuf::from).find(|bash| bash.is_file())?;
    let file = File::open(script).ok()?;
    let may_run = file.metadata().ok()?.permissions().mode() & 0o111 != 0;
    let mut first = String::new();
    BufReader::new(file.take(LINE)).read_line(&mut first).ok()?;
    let options = first.strip_prefix("#!")?.trim().strip_prefix("/bin/sh").filter(|_| may_run)?;
    let options = options.is_empty().then(Vec::new).or_else(|| Some(vec![options.strip_prefix(' ')?.trim().into()]))?;
    let arguments = std::iter::once("--posix".into()).chain(options).chain([script.into()]).collect();
    Some(Command { program: bash, arguments })
}

/// The longest first line of a script.
const LINE: u64 = 256;

/// Lambda's words when the function's runtime cannot be started, behind `RequestId: … Error: `, as bug reports show them:
/// <https://github.com/aws/aws-lambda-dotnet/issues/1671> (there is none),
/// <https://github.com/aws/aws-lambda-go/issues/554> (it is of another architecture),
/// <https://github.com/aws-samples/aws-lambda-layer-kubectl/issues/39> (its interpreter is not there).
pub fn not_started(program: &Path, task_root: &Path, reason: &std::io::Error) -> String {
    if !program.is_file() {
        return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned();
    }
    let place = if program.starts_with(task_root) { "/var/task/bootstrap" } else { "/opt/bootstrap" };
    let reason = match reason.kind() {
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        // The interpreter that its first line names.
        ErrorKind::NotFound => "no such file or directory".to_owned(),
        _ if reason.raw_os_error() == Some(NO_PROGRAM) => "exec format error".to_owned(),
        _ => reason.to_string(),
    };
    format!("fork/exec {place}: {reason}")
}

/// `ENOEXEC`: the file is neither a program of this machine nor a script.
const NO_PROGRAM: i32 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn check(text: &str, mode: u32, expected: Option<&[&str]>) {
        let script = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(script.path(), text).unwrap();
        std::fs::set_permissions(script.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let found = through_bash(script.path()).map(|command| command.arguments);
        let expected = expected.map(|options| {
            let script = OsString::from(script.path());
            options.iter().map(OsString::from).chain([script]).collect::<Vec<_>>()
        });
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn scripts_for_sh_run_in_bash() {
        check("#!/bin/sh\nexit\n", 0o755, Some(&["--posix"]));
        check("#! /bin/sh -eu\n", 0o755, Some(&["--posix", "-eu"]));
        check("#!/bin/shell\n", 0o755, None);
        check("#!/usr/bin/env sh\n", 0o755, None);
        check("#!/bin/sh\n", 0o644, None);
        check("\u{7f}ELF", 0o755, None);
    }
}
