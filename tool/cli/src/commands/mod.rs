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
mod init;
mod invoke;
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
mod status;
mod target;
mod template;
mod watch;

use crate::home::Home;
pub use target::Unreachable;
pub use watch::{Failed, INTERRUPTED, Interrupted};

use crate::terminal::Terminal;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::fmt;
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

/// A mistake on the command line that clap cannot see.
#[derive(Debug)]
pub struct UsageError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl UsageError {
    /// An error with a hint.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for UsageError {}

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

impl fmt::Display for FunctionFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => formatter.write_str("the function failed"),
            Self::Answered(status) => write!(formatter, "the application answered {status}"),
            Self::Ended(code) => write!(formatter, "the command ended with exit code {code}"),
        }
    }
}

impl std::error::Error for FunctionFailed {}

/// What went wrong is printed already; the exit code tells programs.
#[derive(Debug)]
pub struct Told;

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not everything could be done")
    }
}

impl std::error::Error for Told {}

/// An error as a person reads it, and what to do about it.
pub fn in_words(error: &anyhow::Error) -> (String, Option<String>) {
    let hint = if let Some(error) = error.downcast_ref::<slam_stack::StackError>() {
        error.hint()
    } else if let Some(error) = error.downcast_ref::<Unreachable>() {
        Some(error.hint.clone())
    } else if let Some(error) = error.downcast_ref::<Interrupted>() {
        Some(error.hint.clone())
    } else if let Some(error) = error.downcast_ref::<UsageError>() {
        error.hint.clone()
    } else if let Some(error) = error.downcast_ref::<slam_bundle::BundleError>() {
        error.hint()
    } else {
        None
    };
    (format!("{error:#}"), hint)
}
