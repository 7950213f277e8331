//! Python: on the machine's interpreter of the runtime's version, with our own client of the Runtime API.
//!
//! Which interpreter runs functions is in [`interpreters`], where the AWS SDK comes from in [`sdk`].

mod interpreters;
mod sdk;

pub use interpreters::{Interpreter, Interpreters};

use super::wrapper::Command;
use super::{Launch, Site};
use std::ffi::OsString;
use std::path::Path;

/// Our client of the Runtime API, and the script that starts it.
pub(super) const CLIENT: [(&str, &str); 2] = [
    ("_slam_runtime.py", include_str!("_slam_runtime.py")),
    // Python keeps modules compiled, but not the script.
    ("bootstrap.py", include_str!("bootstrap.py")),
];

macro_rules! shared {
    ($($file:literal),* $(,)?) => {
        [("__init__.py", ""), $(($file, include_str!(concat!("../../../../../python/slam_lambda/runtime/", $file)))),*]
    };
}

/// What the client has in common with the runtime that streams, which packages bring: written once.
pub(super) const SHARED: [(&str, &str); 5] = shared!["context.py", "encoding.py", "errors.py", "records.py"];

/// How functions on this interpreter are started. What the client is told is told as options of the interpreter, so that
/// the command ends with the script as on AWS.
pub(super) fn launch(interpreter: &Interpreter, version: &str, client: &Path, site: &Site<'_>) -> Launch {
    let option = |name: &str, value: &OsString| {
        let mut option = OsString::from(format!("{name}="));
        option.push(value);
        ["-X".into(), option]
    };
    let mut arguments: Vec<OsString> = vec!["-S".into()];
    arguments.extend(option("slam_packages", &sdk::packages(interpreter, client, site)));
    arguments.extend(site.opt.into_iter().flat_map(|opt| option("slam_opt", &opt.into())));
    arguments.extend(site.bytecode().into_iter().flat_map(|folder| option("slam_bytecode", &folder.into())));
    arguments.push(client.join("bootstrap.py").into());
    Launch {
        version: format!("python:{version}.v{}", interpreter.patch),
        command: site.wrapped(Command { program: interpreter.program.clone(), arguments }),
        programs: interpreter.program.parent().map(Path::to_owned),
        variables: Vec::new(),
    }
}

/// What to do when this machine lacks an interpreter.
pub(super) fn missing(version: &str) -> String {
    format!(
        "The runtime python{version} needs Python {version}, which is not on this machine: install it (`uv python \
         install {version}`), have it on PATH as python{version}, or choose a runtime whose Python is here"
    )
}
