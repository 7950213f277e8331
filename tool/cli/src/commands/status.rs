//! `slam status`: each stage with its version and its URL.

use super::Common;
use super::target::{Cloud, load};
use crate::terminal::{self, print_json};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use slam_project::{Deployment, Project, Target};
use slam_stack::progress::Silent;

/// Show each stage with its version and its URL
#[derive(Args)]
pub struct Status {
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// A deployment's state as it is shown.
pub struct Shown {
    target: Target,
    status: slam_stack::status::Status,
    urls: Vec<Option<String>>,
}

impl Status {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let mut answers = Vec::new();
        for deployment in project.deployments() {
            let cloud = Cloud::connect(common, &deployment).await?;
            answers.push(read(&cloud, &project, &deployment).await?);
        }
        print(common, &project, &answers, self.json, "is deployed")
    }
}

/// Reads a deployment's state.
pub async fn read(cloud: &Cloud, project: &Project, deployment: &Deployment<'_>) -> Result<Shown> {
    let status = slam_stack::status::status(&cloud.session(project, &Silent)).await?;
    let reachable = |endpoint: &String| cloud.reachable(endpoint, status.api_id.as_deref());
    let urls = status.stages.iter().map(|stage| stage.endpoint.as_ref().map(reachable)).collect();
    Ok(Shown { target: deployment.target, status, urls })
}

/// Shows deployments: the URLs last, alone, ready to click.
pub fn print(common: &Common, project: &Project, shown: &[Shown], json: bool, what: &str) -> Result<()> {
    let stages = || shown.iter().flat_map(|shown| shown.status.stages.iter().zip(&shown.urls));
    if json {
        let stages: Vec<_> =
            stages().map(|(stage, url)| json!({ "name": stage.name, "version": stage.version, "url": url })).collect();
        let stacks: Vec<_> = shown
            .iter()
            .map(|shown| {
                json!({
                    "target": if shown.target == Target::Aws { "aws" } else { "local" },
                    "status": shown.status.stack,
                    "function": shown.status.function_arn,
                    "api": shown.status.api_id,
                    "left_behind": shown.status.left_behind.iter().map(left_behind).collect::<Vec<_>>(),
                })
            })
            .collect();
        return print_json(&json!({ "name": project.name, "stacks": stacks, "stages": stages }));
    }
    let unsettled = shown.iter().find(|shown| !shown.status.stack.ends_with("_COMPLETE"));
    match unsettled {
        Some(shown) => {
            common.terminal.say(&format!("{}: the stack is in the state {}", project.name, shown.status.stack))
        }
        None => common.terminal.say(&format!("{} {what}", project.name)),
    }
    for holding in shown.iter().flat_map(|shown| &shown.status.left_behind) {
        let (table, name) = (holding.data.physical(), &holding.data.name);
        let items = holding.items.of("item");
        let way = format!("`slam deploy --delete-data {name}` deletes it");
        common.terminal.say(&format!("  left behind: the table {table} with {items}; {way}"));
    }
    let width = stages().map(|(stage, _)| stage.name.len() + stage.version.len() + 1).max().unwrap_or_default();
    for (stage, url) in stages() {
        let name = format!("{}:{}", stage.name, stage.version);
        terminal::print(format!("  {name:<width$}  {}", url.as_deref().unwrap_or_default()).trim_end())?;
    }
    Ok(())
}

/// What was left behind, for programs.
fn left_behind(holding: &slam_stack::retain::Holding) -> serde_json::Value {
    json!({ "table": holding.data.physical(), "items": holding.items.number() })
}
