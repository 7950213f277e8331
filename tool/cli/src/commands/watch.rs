//! Watching a change of a stack: Ctrl-C ends the watching and not the change, and what failed is shown in slam.yaml.

use slam_project::{Project, ProjectError};
use slam_report::{Kind, Report, Result};
use slam_stack::{Failure, Session, StackError};
use std::time::Duration;

/// How long the cloud is asked what goes on, after Ctrl-C.
const LAST_QUESTION: Duration = Duration::from_secs(5);
/// What shells make of a program that SIGINT ended.
pub const INTERRUPTED: u8 = 130;

/// Does what changes a stack. At Ctrl-C it says what goes on in the cloud; a second one ends at once.
pub async fn change<T>(
    session: &Session<'_>,
    project: &Project,
    work: impl Future<Output = Result<T, StackError>>,
) -> Result<T> {
    tokio::select! {
        done = work => done.map_err(|error| located(project, error)),
        _ = tokio::signal::ctrl_c() => Err(interrupted(session).await),
    }
}

async fn interrupted(session: &Session<'_>) -> Report {
    let status = tokio::select! {
        status = tokio::time::timeout(LAST_QUESTION, slam_stack::status::progress(session)) => status.ok().flatten(),
        _ = tokio::signal::ctrl_c() => std::process::exit(INTERRUPTED.into()),
    };
    let stack = session.stack;
    let (message, hint) = match status.as_deref() {
        Some("REVIEW_IN_PROGRESS") => {
            (format!("interrupted before anything of {stack} was made"), "`slam deploy` begins again")
        }
        Some(status) if status.ends_with("_IN_PROGRESS") => (
            format!("no longer watching: the cloud goes on with {stack} by itself ({status})"),
            "`slam status` shows how it ends; `slam deploy --wait` waits for it and deploys again",
        ),
        Some(status) => (
            format!("interrupted: nothing goes on in the cloud, where {stack} is in the state {status}"),
            "`slam status` shows what runs; `slam deploy` goes on from there",
        ),
        None => (
            format!("interrupted: what goes on with {stack} in the cloud could not be asked"),
            "`slam status` shows it; `slam deploy` goes on from there",
        ),
    };
    Report::of(Kind::Interrupted, message).hint(hint.to_owned())
}

/// Finds the places in slam.yaml of the resources that failed.
fn located(project: &Project, error: StackError) -> Report {
    match error {
        StackError::Failed { summary, failures } => {
            let places = failures.iter().map(|failure| at_its_place(project, failure)).collect();
            Report::failure(summary).at(places)
        }
        other => other.into(),
    }
}

fn at_its_place(project: &Project, failure: &Failure) -> ProjectError {
    let paths = slam_template::place_of(project, &failure.logical_id);
    let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.iter().map(String::as_str).collect()).collect();
    let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
    project.error(&paths, format!("{}: {}", failure.logical_id, failure.reason), None)
}
