//! `slam publish`: a stage gets an immutable version.

use super::target::{Cloud, deployment_of, load};
use super::{Common, UsageError, status};
use crate::terminal::DeployProgress;
use anyhow::Result;
use clap::Args;
use slam_stack::publish::{Source, publish};
use std::time::Instant;

/// Give a stage an immutable version
#[derive(Args)]
pub struct Publish {
    /// The stage that gets the version
    stage: String,
    /// A version that was published before, or a stage whose version is taken; the development stage when left out
    #[arg(long, value_name = "NUMBER|STAGE")]
    version: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Publish {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, Some(&self.stage))?;
        let terminal = common.terminal.quiet_if(self.json);
        let source = match self.version.as_deref() {
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => Source::Version(number),
            Some(other) => Source::Stage(deployment_of(&project, Some(other))?.0),
            None => Source::Stage(&project.dev_stage),
        };
        if let Source::Stage(other) = source
            && !deployment.stages.iter().any(|candidate| candidate.name == other)
        {
            let message = format!("the stages `{stage}` and `{other}` live in different stacks");
            let hint = "promoting a package from one target to another is not supported yet: deploy the other target, then publish within it";
            return Err(UsageError::new(message, hint).into());
        }
        let cloud = Cloud::connect(common, &deployment).await?;
        let progress = DeployProgress::new(&terminal);
        let begun = Instant::now();
        let changed = publish(&cloud.session(&project, &progress), &project, stage, source).await?;
        let text = if changed { "published" } else { "nothing has changed" };
        terminal.step("stack", text, Some(begun.elapsed()));
        let answer = status::read(&cloud, &project, &deployment).await?;
        terminal.say("");
        status::print(common, &project, &[answer], self.json, "is published")
    }
}
