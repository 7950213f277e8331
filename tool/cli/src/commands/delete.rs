//! `slam delete`: remove everything that was deployed.

use super::Common;
use super::target::{Cloud, load};
use crate::terminal::{DeployProgress, print_json};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use slam_stack::delete::{StackResource, delete, resources};
use std::time::Instant;

/// Delete everything that was deployed: functions, APIs, tables, logs
#[derive(Args)]
pub struct Delete {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Keep the logs
    #[arg(long)]
    no_logs: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Delete {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        if self.no_logs {
            bail!(super::UsageError::new(
                "--no-logs is not supported yet: the log groups belong to the stack and go with it",
                "save what you need with `slam logs --json -p 1w` first",
            ));
        }
        let project = load(common)?;
        let terminal = common.terminal.quiet_if(self.json);
        let mut answers = Vec::new();
        for deployment in project.deployments() {
            let cloud = Cloud::connect(common, &deployment).await?;
            let progress = DeployProgress::new(&terminal);
            let session = cloud.session(&project.name, &progress);
            let doomed = resources(&session).await?;
            terminal.say(&warning(&doomed));
            if !self.yes && terminal.ask("type the name of the project to go on: ")? != project.name {
                bail!("nothing was deleted");
            }
            let begun = Instant::now();
            let deleted = delete(&session).await?;
            let gone = deleted.resources - deleted.kept.len();
            for (logical_id, physical_id) in &deleted.kept {
                terminal.say(&format!("  kept, because the template says so: {logical_id} ({physical_id})"));
            }
            terminal.step("stack", &format!("{} created, {gone} gone", deleted.resources), Some(begun.elapsed()));
            answers.push(json!({
                "stack": project.name, "target": format!("{:?}", deployment.target).to_lowercase(),
                "resources": deleted.resources, "deleted": gone,
                "kept": deleted.kept.iter().map(|(logical, physical)| json!({ "logical_id": logical, "physical_id": physical })).collect::<Vec<_>>(),
            }));
        }
        if self.json {
            return print_json(&json!({ "deleted": answers }));
        }
        terminal.say(&format!("{} is deleted", project.name));
        Ok(())
    }
}

/// What is about to go, with what holds data named.
fn warning(resources: &[StackResource]) -> String {
    let count = |kind: &str| resources.iter().filter(|resource| resource.resource_type == kind).count();
    let (tables, buckets) = (count("AWS::DynamoDB::Table"), count("AWS::S3::Bucket"));
    let data: Vec<String> = [(tables, "table"), (buckets, "bucket")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let among =
        if data.is_empty() { String::new() } else { format!(", among them {} with all they hold", data.join(" and ")) };
    format!("  {} resources{among}; these will be gone for good", resources.len())
}
