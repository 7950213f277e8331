//! `slam cache`: what builds keep on this machine.

use super::period::{Period, period};
use crate::home::Home;
use crate::terminal::{Terminal, print, print_json, size};
use clap::{Args, Subcommand};
use slam_bundle::Cached;
use slam_report::Result;

/// Show what builds keep on this machine, and clean it
#[derive(Args)]
pub struct Cache {
    /// Print a JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Remove what was not used for long; the next build makes what it needs again
    Clean(Clean),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Clean {
    /// What was not used for so long: `30m`, `12h`, `7d`, `2w`
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    older_than: Option<Period>,
    /// Everything
    #[arg(long)]
    all: bool,
}

impl Cache {
    /// Runs the command.
    pub fn run(&self, home: &Home, terminal: &Terminal) -> Result<()> {
        let folder = home.packages();
        let Some(Command::Clean(options)) = &self.command else {
            return self.tell(&slam_bundle::cached(&folder), &format!("in {}", folder.display()), terminal);
        };
        let age = options.older_than.as_ref().map(|period| period.length).unwrap_or_default();
        self.tell(&slam_bundle::clean(&folder, age)?, "removed", terminal)
    }

    fn tell(&self, found: &[Cached], what: &str, terminal: &Terminal) -> Result<()> {
        let bytes = found.iter().map(|kind| kind.bytes).sum();
        if self.json {
            return print_json(&serde_json::json!({"kinds": found, "bytes": bytes}));
        }
        for kind in found.iter().filter(|kind| kind.entries > 0) {
            print(&format!("{:<13} {:>5}  {:>9}", kind.kind, kind.entries, size(kind.bytes)))?;
        }
        print(&format!("{} {what}", size(bytes)))?;
        if self.command.is_none() {
            terminal.say("what uv downloaded is uv's: `uv cache clean`; the embedded cloud's data: `slam cloud reset`");
        }
        Ok(())
    }
}
