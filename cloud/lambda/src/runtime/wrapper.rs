//! Wrapper scripts: `AWS_LAMBDA_EXEC_WRAPPER` names a program that is started with the runtime's command as its
//! arguments, and starts the runtime or something else.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The variable of the function's environment that names the wrapper.
pub const VARIABLE: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// The check that the `bootstrap` of AWS's runtimes makes, with its words and exit codes: they end up in the log and
/// in the error of the invocation. `$0` is the wrapper's path here, `$1` the path as the function's environment has it.
const START: &str = r#"wrapper="$1"; shift
if [ ! -f "$0" ]; then echo "$wrapper: does not exist"; exit 127; fi
if [ ! -x "$0" ]; then echo "$wrapper: is not an executable"; exit 126; fi
exec "$0" "$@""#;

/// How a runtime is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program.
    pub program: PathBuf,
    /// Its arguments. The last one is the runtime's script: wrappers put options for the interpreter before it.
    pub arguments: Vec<OsString>,
}

impl Command {
    /// This command, started through `wrapper`; as it is when that is empty, as on AWS. `folders` are the folders of
    /// AWS's environment and what plays them here.
    pub fn through(self, wrapper: &str, folders: &[(&str, &Path)]) -> Self {
        if wrapper.is_empty() {
            return self;
        }
        let mut arguments =
            vec!["-c".into(), START.into(), here(wrapper, folders).into(), wrapper.into(), self.program.into()];
        arguments.extend(self.arguments);
        Self { program: "/bin/sh".into(), arguments }
    }
}

/// Where a path of AWS's environment is on this machine.
fn here(path: &str, folders: &[(&str, &Path)]) -> PathBuf {
    let moved = |(folder, here): &(&str, &Path)| Path::new(path).strip_prefix(folder).ok().map(|rest| here.join(rest));
    folders.iter().find_map(moved).unwrap_or_else(|| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(here(path, &[("/var/task", Path::new("/package"))]), Path::new(expected));
    }

    #[test]
    fn paths_of_awss_environment_are_found() {
        check("/var/task/bin/wrapper", "/package/bin/wrapper");
        check("/var/tasks/wrapper", "/var/tasks/wrapper");
        check("/usr/bin/env", "/usr/bin/env");
        check("wrapper", "wrapper");
    }

    #[test]
    fn an_empty_name_is_no_wrapper() {
        let command = Command { program: "/usr/bin/python3".into(), arguments: vec!["bootstrap.py".into()] };
        assert_eq!(command.clone().through("", &[]), command);
    }
}
