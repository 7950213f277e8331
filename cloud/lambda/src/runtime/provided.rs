//! The OS-only runtimes: the function brings its own runtime, an executable `bootstrap` in its package or its layers.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>

use super::wrapper::Command;
use super::{Launch, Site};
use std::io::ErrorKind;
use std::path::Path;

/// How the function's own runtime is started. It is not started through a wrapper: "Wrapper scripts are not supported on
/// OS-only runtimes" (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>).
pub(super) fn launch(system: &str, site: &Site<'_>) -> Launch {
    let in_layers = site.opt.map(|opt| opt.join("bootstrap")).filter(|path| path.is_file());
    let in_package = site.task_root.join("bootstrap");
    let program = in_layers.filter(|_| !in_package.is_file()).unwrap_or(in_package);
    Launch {
        version: format!("provided:{system}.v1"),
        command: Command { program, arguments: Vec::new() },
        programs: None,
        variables: Vec::new(),
    }
}

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
