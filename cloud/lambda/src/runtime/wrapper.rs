//! Wrapper scripts: `AWS_LAMBDA_EXEC_WRAPPER` names a program that is started with the runtime's command as its
//! arguments, and starts the runtime or something else.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>

use std::ffi::OsString;
use std::path::PathBuf;

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
    /// This command, started through a wrapper: `named` so in the function's environment, `here` on this machine.
    pub fn through(self, named: &str, here: PathBuf) -> Self {
        let mut arguments = vec!["-c".into(), START.into(), here.into(), named.into(), self.program.into()];
        arguments.extend(self.arguments);
        Self { program: "/bin/sh".into(), arguments }
    }
}
