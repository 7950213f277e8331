//! `slam completions`: what a shell needs to complete slam's commands.

use clap::Args;
use clap_complete::env::Shells;
use slam_project::variables::SLAM_COMPLETE;
use slam_report::{Context, Result};

/// Print a script that completes slam's commands in your shell, with the stages and functions of slam.yaml
#[derive(Args)]
#[command(
    after_help = "bash: `source <(slam completions bash)` in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after \
                  `compinit`. fish: `slam completions fish | source` in ~/.config/fish/config.fish."
)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(&self) -> Result<()> {
        let shells = Shells::builtins();
        let shell = shells.completer(&self.shell.to_string()).context("this shell has no completions")?;
        let mut script = Vec::new();
        shell.write_registration(SLAM_COMPLETE, "slam", "slam", "slam", &mut script)?;
        crate::terminal::print(String::from_utf8_lossy(&script).trim_end())
    }
}
