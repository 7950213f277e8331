//! `slam keys`: the API keys of a stage.
//!
//! - [`list`], [`create`], [`revoke`].

mod create;
mod list;
mod revoke;

use super::Common;
use clap::{Args, Subcommand};
use slam_project::Project;
use slam_report::{Report, Result};

/// Make, show and revoke the API keys of a stage: `http.keys` in slam.yaml has their plans
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Create(create::Create),
    Revoke(revoke::Revoke),
}

impl Keys {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        match &self.command {
            Command::List(command) => command.run(common).await,
            Command::Create(command) => command.run(common).await,
            Command::Revoke(command) => command.run(common).await,
        }
    }
}

/// Refuses a stage that slam.yaml gives no plans.
fn require_plans(project: &Project, stage: &str) -> Result<()> {
    if project.stage(stage).is_some_and(|stage| !stage.settings.plans.is_empty()) {
        return Ok(());
    }
    let message = format!("{stage} has no API keys");
    let hint = "`http: {keys: {partner: {quota: 10000/day}}}` in slam.yaml makes a plan that keys can be of; then `slam deploy`";
    Err(Report::usage(message, hint))
}
