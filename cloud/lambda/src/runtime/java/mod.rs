//! Java: on the machine's JDK of the runtime's major version, with our own client of the Runtime API, which that JDK's
//! compiler compiles once.
//!
//! - [`jdk`]: where JDKs are looked for.
//! - [`client`]: the client's classes.
//! - [`options`]: what the JVM is started with.

mod client;
mod jdk;
mod options;

pub(super) use client::{install, prepare};
pub use jdk::{Jdk, Jdks};

use super::lack::Lack;
use super::wrapper::Command;
use super::{Launch, Site};
use std::ffi::OsString;
use std::path::Path;

/// How functions on this JDK are started, with our client's classes in `classes`.
pub(super) fn launch(jdk: &Jdk, classes: &Path, site: &Site<'_>) -> Launch {
    let own = site.variable("JAVA_TOOL_OPTIONS").unwrap_or_default();
    let mut arguments: Vec<OsString> =
        options::of(jdk.major, site.version.memory, own).into_iter().map(OsString::from).collect();
    if let Some(opt) = site.opt {
        let mut option = OsString::from("-Dslam.opt=");
        option.push(opt);
        arguments.push(option);
    }
    arguments.extend(["-classpath".into(), classes.into(), client::MAIN.into()]);
    Launch {
        version: format!("java:{}.v{}", jdk.major, jdk.update),
        command: site.wrapped(Command { program: jdk.home.join("bin/java"), arguments }),
        programs: Some(jdk.home.join("bin")),
        folders: Vec::new(),
        variables: Vec::new(),
    }
}

/// What to do when this machine lacks the JDK.
pub(super) fn missing(major: u64) -> Lack {
    Lack {
        what: format!("The runtime java{major} needs a JDK {major}, which is not on this machine"),
        remedy: format!(
            "install it (`sdk install java`, or the system's package of OpenJDK {major}), have it on PATH or in \
             JAVA_HOME, or choose a runtime whose JDK is here"
        ),
    }
}
