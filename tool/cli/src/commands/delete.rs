//! `slam delete`: remove everything that was deployed.

use super::Common;
use super::target::{Cloud, load};
use crate::terminal::{DeployProgress, print_json};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use slam_stack::Count;
use slam_stack::delete::{Contents, contents, delete};
use slam_template::Fate;
use std::time::Instant;

/// Delete everything that was deployed: functions, APIs, tables, logs
#[derive(Args)]
pub struct Delete {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Keep the tables of slam.yaml with their items: the next deployment takes them in again
    #[arg(long)]
    keep_data: bool,
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
            let session = cloud.session(&project, &progress);
            let fate = if self.keep_data { Fate::Kept } else { Fate::Deleted };
            terminal.say(&warning(&contents(&session, fate).await?));
            if !self.yes && terminal.ask("type the name of the project to go on: ")? != project.name {
                bail!("nothing was deleted");
            }
            let begun = Instant::now();
            let deleted = delete(&session, fate).await?;
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
fn warning(contents: &Contents) -> String {
    let of = |noun: &str, within: &str, holders: &[(String, Count)]| {
        let plural = if holders.len() == 1 { "" } else { "s" };
        let sum = holders.iter().map(|(_, count)| *count).reduce(Count::and)?;
        Some(format!("{} {noun}{plural} with {}", holders.len(), sum.of(within)))
    };
    let data = [of("table", "item", &contents.tables), of("bucket", "object", &contents.buckets)];
    let data: Vec<String> = data.into_iter().flatten().collect();
    let among = if data.is_empty() { String::new() } else { format!(", among them {}", data.join(" and ")) };
    format!("  {} resources{among}; these will be gone for good", contents.resources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_counts_what_is_in_it() {
        let table = |items| ("dev.tasks".to_owned(), items);
        for (tables, buckets, expected) in [
            (vec![], vec![], "  14 resources; these will be gone for good"),
            (
                vec![table(Count::Exactly(1))],
                vec![],
                "  14 resources, among them 1 table with 1 item; these will be gone for good",
            ),
            (
                vec![table(Count::Exactly(1_000)), table(Count::Exactly(204))],
                vec![("photos".to_owned(), Count::AtLeast(10_000))],
                "  14 resources, among them 2 tables with 1,204 items and 1 bucket with at least 10,000 objects; these \
                 will be gone for good",
            ),
        ] {
            assert_eq!(warning(&Contents { resources: 14, tables, buckets }), expected);
        }
    }
}
