//! `slam events redrive`: the messages of a dead-letter queue are tried again.

use super::send::queue_of;
use crate::commands::Common;
use crate::commands::target::{Cloud, deployment_of, load};
use crate::terminal::print;
use clap::Args;
use slam_report::{Report, Result};
use slam_stack::events;
use slam_stack::progress::Silent;
use std::cell::Cell;

/// Move the messages of a queue's dead-letter queue back to it
#[derive(Args)]
pub struct Redrive {
    /// The queue, as slam.yaml names it
    queue: String,
    /// The stage; the development stage when left out
    #[arg(long, add = super::super::complete::stages())]
    stage: Option<String>,
    /// How many in a second at most, 500 and fewer; as fast as SQS likes when left out
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=500))]
    rate: Option<u64>,
}

impl Redrive {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let queue = queue_of(&project, &self.queue)?;
        if queue.retries.is_none() {
            let message = format!("the queue `{}` has no dead-letter queue", queue.name);
            return Err(Report::usage(message, format!("`queues: {{{}: {{retries: 3}}}}` gives it one", queue.name)));
        }
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal, "target");
        let session = cloud.session(&project, &Silent);
        let before = Cell::new(0);
        let done = events::redrive(&session, stage, queue, self.rate, |task| {
            if before.replace(task.moved) != task.moved {
                let of = task.of.map(|of| format!(" of {of}")).unwrap_or_default();
                common.terminal.say(&format!("{}{of} moved", task.moved));
            }
        });
        let moved = done.await?.moved;
        print(&format!(
            "{moved} {} moved back to {}",
            if moved == 1 { "message" } else { "messages" },
            queue.name_in(stage)
        ))
    }
}
