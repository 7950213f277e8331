//! `slam completions`: what a shell needs to complete slam's commands.

use anyhow::Result;
use clap::{Args, CommandFactory};

/// Print a script that completes slam's commands in your shell
#[derive(Args)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(&self) -> Result<()> {
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "slam", &mut std::io::stdout());
        Ok(())
    }
}
