//! The command line: one file per command.

mod answer;
mod build;
mod cache;
mod cloud;
pub mod complete;
mod completions;
mod delete;
mod deploy;
mod env;
mod events;
mod init;
mod invoke;
mod keys;
mod logs;
mod manage;
mod packages;
mod period;
mod publish;
#[cfg(test)]
mod reference;
mod remote;
mod runnable;
mod runtime;
mod secrets;
mod status;
mod target;
mod template;
mod watch;
mod words;

pub use watch::INTERRUPTED;

use crate::home::Home;
use crate::terminal::Terminal;
use clap::{Parser, Subcommand};
use slam_report::{Report, Result};
use std::path::PathBuf;

/// The region of the embedded cloud where nothing says otherwise.
pub const LOCAL_REGION: &str = "us-east-1";
/// The account of the embedded cloud.
pub const LOCAL_ACCOUNT: &str = "000000000000";

/// Serverless deployments of Python APIs: to a cloud inside this program, or to AWS
#[derive(Parser)]
#[command(name = "slam", version, arg_required_else_help = true, max_term_width = 80)]
#[command(
    after_help = "Exit codes: 0 done, 1 a deployment, function or service failed, 2 the command line, slam.yaml \
                        or the project's files are wrong."
)]
pub struct Arguments {
    /// The project's file
    #[arg(short, long, global = true, default_value = slam_project::FILE_NAME, value_name = "FILE")]
    config_file: PathBuf,
    /// Say nothing but results, warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Build(build::Build),
    Deploy(deploy::Deploy),
    Publish(publish::Publish),
    Invoke(invoke::Invoke),
    Manage(manage::Manage),
    Status(status::Status),
    Logs(logs::Logs),
    Events(events::Events),
    Keys(keys::Keys),
    Template(template::Template),
    Delete(delete::Delete),
    Cloud(cloud::Cloud),
    Cache(cache::Cache),
    Env(env::Env),
    Completions(completions::Completions),
}

/// What every command may need.
pub struct Common {
    /// The project's file, as given.
    pub config_file: PathBuf,
    /// Where slam keeps things.
    pub home: Home,
    /// How slam talks.
    pub terminal: Terminal,
}

impl Arguments {
    /// Runs the command that was typed.
    pub fn run(self) -> Result<()> {
        let common =
            Common { config_file: self.config_file, home: Home::locate()?, terminal: Terminal::new(self.quiet) };
        match self.command {
            Command::Init(command) => command.run(&common),
            Command::Build(command) => command.run(&common),
            Command::Deploy(command) => block_on(command.run(&common)),
            Command::Publish(command) => block_on(command.run(&common)),
            Command::Invoke(command) => block_on(command.run(&common)),
            Command::Manage(command) => block_on(command.run(&common)),
            Command::Status(command) => block_on(command.run(&common)),
            Command::Logs(command) => block_on(command.run(&common)),
            Command::Events(command) => block_on(command.run(&common)),
            Command::Keys(command) => block_on(command.run(&common)),
            Command::Template(command) => command.run(&common),
            Command::Delete(command) => block_on(command.run(&common)),
            Command::Cloud(command) => command.run(&common.home, &common.terminal),
            Command::Cache(command) => command.run(&common.home, &common.terminal),
            Command::Env(command) => command.run(&common.home),
            Command::Completions(command) => command.run(),
        }
    }
}

fn block_on(command: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

/// The invoked function failed: its error is printed already, the exit code tells programs.
#[derive(Debug)]
pub enum FunctionFailed {
    /// It raised, or Lambda ended it.
    Failed,
    /// It is a web application that told of a failure itself, with this status.
    Answered(u16),
    /// The command that ran in it ended so.
    Ended(i64),
}

impl From<FunctionFailed> for Report {
    fn from(failed: FunctionFailed) -> Self {
        match failed {
            FunctionFailed::Failed => Self::failure("the function failed"),
            FunctionFailed::Answered(status) => Self::failure(format_args!("the application answered {status}")),
            FunctionFailed::Ended(code) => Self::failure(format_args!("the command ended with exit code {code}")),
        }
    }
}
