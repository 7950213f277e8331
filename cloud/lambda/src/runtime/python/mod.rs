//! Python: on the machine's interpreter of the runtime's version, with our own client of the Runtime API.
//!
//! Which interpreter runs functions is in [`interpreters`], where the AWS SDK comes from in [`sdk`].

mod interpreters;
mod sdk;

pub use interpreters::{Interpreter, Interpreters};

use super::lack::Lack;
use super::wrapper::Command;
use super::{Launch, Site};
use crate::dialect::OFFERED_RUNTIMES;
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
    let packages = sdk::packages(interpreter, client, site);
    let mut arguments: Vec<OsString> = vec!["-S".into()];
    arguments.extend(option("slam_packages", &packages));
    arguments.extend(site.opt.into_iter().flat_map(|opt| option("slam_opt", &opt.into())));
    arguments.extend(site.bytecode().into_iter().flat_map(|folder| option("slam_bytecode", &folder.into())));
    arguments.push(client.join("bootstrap.py").into());
    Launch {
        version: format!("python:{version}.v{}", interpreter.patch),
        command: site.wrapped(Command { program: interpreter.program.clone(), arguments }),
        programs: interpreter.program.parent().map(Path::to_owned),
        folders: std::env::split_paths(&packages).collect(),
        variables: Vec::new(),
    }
}

/// What to do when this machine lacks an interpreter, where uv is called so, and `is_here` tells of other versions.
pub(super) fn missing(version: &str, uv: &str, is_here: impl Fn(&str) -> bool) -> Lack {
    let versions = OFFERED_RUNTIMES.iter().filter_map(|runtime| runtime.strip_prefix("python"));
    let mut here: Vec<&str> = versions.filter(|version| is_here(version)).collect();
    here.sort_by_key(|version| version.split('.').filter_map(|number| number.parse::<u32>().ok()).collect::<Vec<_>>());
    let here: Vec<String> = here.iter().map(|version| format!("python{version}")).collect();
    let here = if here.is_empty() { String::new() } else { format!(": {}", here.join(", ")) };
    Lack {
        what: format!("The runtime python{version} needs Python {version}, which is not on this machine"),
        remedy: format!(
            "install it (`{uv} python install {version}`), have it on PATH as python{version}, or choose a runtime \
             whose Python is here{here}"
        ),
    }
}
