//! `slam events`: what sets functions going beside requests.
//!
//! - [`generate`]: sample events.

mod generate;

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
}

impl Events {
    /// Runs the command.
    pub fn run(&self) -> Result<()> {
        match &self.command {
            Command::Generate(command) => command.run(),
        }
    }
}
