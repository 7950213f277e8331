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
use slam_project::ProjectError;
use slam_stack::StackError;
use slam_template::TemplateError;
use std::process::ExitCode;

/// The command did what was asked.
const SUCCESS: u8 = 0;
/// A deployment, a function or a service failed.
const FAILURE: u8 = 1;
/// The command line, slam.yaml or the project's files are wrong. (clap's own errors end with 2 as well.)
const USAGE: u8 = 2;

fn main() -> ExitCode {
    // A shell asks how a line may go on: that is answered, and nothing else done.
    clap_complete::CompleteEnv::with_factory(commands::Arguments::command).var(commands::complete::VARIABLE).complete();
    let arguments = commands::Arguments::parse();
    match arguments.run() {
        Ok(()) => SUCCESS.into(),
        Err(error) => report(&error).into(),
    }
}

/// Prints what is wrong with slam.yaml, with the lines it is about.
fn report_project(error: &ProjectError) -> u8 {
    terminal::print_diagnostics(error);
    USAGE
}

fn report_template(error: &TemplateError) -> u8 {
    match error {
        TemplateError::Project(error) => report_project(error),
        other => {
            terminal::print_error(&other.to_string(), None);
            USAGE
        }
    }
}

/// Prints an error and finds its exit code.
fn report(error: &anyhow::Error) -> u8 {
    if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
        // Whoever read the output has seen enough.
        return SUCCESS;
    }
    if let Some(error) = error.downcast_ref::<ProjectError>() {
        return report_project(error);
    }
    if let Some(error) = error.downcast_ref::<TemplateError>() {
        return report_template(error);
    }
    if let Some(StackError::Template(cause)) = error.downcast_ref::<StackError>()
        && !matches!(cause, TemplateError::Unpublished(_) | TemplateError::NotInStack(_))
    {
        return report_template(cause);
    }
    if error.downcast_ref::<commands::Told>().is_some() {
        return FAILURE;
    }
    if let Some(failed) = error.downcast_ref::<commands::Failed>() {
        terminal::print_error(&failed.summary, None);
        for failure in &failed.failures {
            terminal::print_diagnostics(failure);
        }
        return FAILURE;
    }
    let (message, hint) = commands::in_words(error);
    terminal::print_error(&message, hint.as_deref());
    if error.downcast_ref::<commands::Interrupted>().is_some() {
        return commands::INTERRUPTED;
    }
    let is_usage = error.downcast_ref::<slam_bundle::BundleError>().is_some()
        || error.downcast_ref::<commands::UsageError>().is_some();
    if is_usage { USAGE } else { FAILURE }
}
