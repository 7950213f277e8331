//! `slam`: serverless deployments of Python APIs.
//!
//! - [`commands`]: one file per command.
//! - [`terminal`]: how slam looks.
//! - [`embedded`]: the embedded cloud as a background process.
//! - [`home`]: where slam keeps things on this machine.

mod commands;
mod embedded;
mod home;
mod terminal;

use clap::{CommandFactory, Parser};
use slam_project::variables::SLAM_COMPLETE;
use slam_report::Kind;
use std::process::ExitCode;

/// After a peak its memory is given back, which the system's allocator keeps for the thread that had it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The command did what was asked.
const SUCCESS: u8 = 0;
/// A deployment, a function or a service failed.
const FAILURE: u8 = 1;
/// The command line, slam.yaml or the project's files are wrong. (clap's own errors end with 2 as well.)
const USAGE: u8 = 2;

fn main() -> ExitCode {
    // A shell asks how a line may go on: that is answered, and nothing else done.
    clap_complete::CompleteEnv::with_factory(commands::Arguments::command).var(SLAM_COMPLETE).complete();
    let arguments = commands::Arguments::parse();
    match arguments.run() {
        Ok(()) => SUCCESS.into(),
        Err(report) => {
            terminal::print_report(&report);
            code(report.kind).into()
        }
    }
}

/// The exit code of a command that ended with an error.
fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Unread => SUCCESS,
        Kind::Failure | Kind::NotDeployed => FAILURE,
        Kind::Usage => USAGE,
        Kind::Interrupted => commands::INTERRUPTED,
    }
}
