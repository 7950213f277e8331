//! `slam events`: what sets functions going beside requests.
//!
//! - [`generate`]: sample events. [`send`]: real ones. [`tail`]: what was delivered. [`redrive`]: what was not.

mod generate;
mod redrive;
mod send;
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
    Send(send::Send),
    Tail(tail::Tail),
    Redrive(redrive::Redrive),
}

impl Events {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        match &self.command {
            Command::Generate(command) => command.run(),
            Command::Send(command) => command.run(common).await,
            Command::Tail(command) => command.run(common).await,
            Command::Redrive(command) => command.run(common).await,
        }
    }
}
