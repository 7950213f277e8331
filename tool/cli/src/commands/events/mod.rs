//! `slam events`: what sets functions going beside requests.
//!
//! - [`generate`]: sample events. [`tail`]: what was delivered.

mod generate;
mod tail;

use super::Common;
use clap::{Args, Subcommand};
use slam_report::Result;

/// Work with the events that set functions going
#[derive(Args)]
pub struct Events {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Generate(generate::Generate),
    Tail(tail::Tail),
}

impl Events {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        match &self.command {
            Command::Generate(command) => command.run(),
            Command::Tail(command) => command.run(common).await,
        }
    }
}
