//! `slam events tail`: what was delivered where in the embedded cloud, and what came of it.

use crate::commands::Common;
use crate::commands::target::{Cloud, deployment_of, load};
use crate::embedded::{self, Running};
use crate::terminal::{Delivery, print};
use clap::Args;
use serde_json::Value;
use slam_report::{Report, Result};
use slam_stack::events::Names;
use slam_stack::progress::Silent;

/// Show which events were delivered where, and what came of them (embedded cloud)
#[derive(Args)]
#[command(
    after_help = "A line is an attempt: the events of a batch, from their source to who gets them; of an asynchronous \
                        invocation, from the function to its version or alias. The cloud keeps the newest thousand while it \
                        runs. AWS keeps no such record: there `slam logs --tail` shows what functions \
                        made of their events."
)]
pub struct Tail {
    /// The stage whose cloud is meant; the development stage when left out
    #[arg(long, add = super::super::complete::stages())]
    stage: Option<String>,
    /// What others in the same cloud deliver, too
    #[arg(long)]
    all: bool,
    /// How many of the last ones are shown at first
    #[arg(short = 'n', long, default_value_t = 10, value_name = "NUMBER")]
    lines: usize,
    /// Do not wait for more
    #[arg(long)]
    no_follow: bool,
    /// Print each one in a JSON object
    #[arg(long)]
    json: bool,
}

impl Tail {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (_, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal, "target");
        let Some(running) = cloud.embedded.clone() else {
            let message = "AWS keeps no record of what its services deliver";
            return Err(Report::usage(message, "`slam logs --tail` shows what the functions made of their events"));
        };
        let names = match self.all {
            true => None,
            false => Some(Names::of(&cloud.session(&project, &Silent)).await?),
        };
        let is_meant = |delivery: &Value| {
            let known =
                |member: &str| delivery[member].as_str().zip(names.as_ref()).is_some_and(|(arn, it)| it.have(arn));
            names.is_none() || known("source") || known("target")
        };
        let (mut after, mut first) = (None, true);
        loop {
            let told = tokio::select! {
                told = told(running.clone(), after) => told?,
                _ = tokio::signal::ctrl_c() => return Ok(()),
            };
            let meant: Vec<&Value> =
                told["deliveries"].as_array().into_iter().flatten().filter(|it| is_meant(it)).collect();
            let skipped = if first { meant.len().saturating_sub(self.lines) } else { 0 };
            for delivery in meant.into_iter().skip(skipped) {
                print(&if self.json { delivery.to_string() } else { Delivery(delivery).to_string() })?;
            }
            if let Some(missed @ 1..) = told["missed"].as_u64().filter(|_| !first) {
                common.terminal.say(&format!("… {missed} more came faster than they could be shown"));
            }
            if self.no_follow {
                return Ok(());
            }
            (after, first) = (told["last"].as_u64(), false);
        }
    }
}

/// What the cloud tells, after the `after`th. It may take a while until there is something: so asking is a thread's, which
/// nothing waits for when the command ends.
async fn told(running: Running, after: Option<u64>) -> Result<Value> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || sender.send(embedded::deliveries(&running, after)));
    let gone = || {
        Report::failure("the embedded cloud does not answer any more")
            .hint("`slam cloud status` tells of it".to_owned())
    };
    receiver.await.ok().flatten().ok_or_else(gone)
}
