//! `slam delete`: remove everything that was deployed.

use super::target::{Cloud, deployment_of, described, load, name};
use super::{Common, watch};
use crate::terminal::{DeployProgress, Terminal, counted, print_json, print_report};
use clap::Args;
use serde_json::{Value, json};
use slam_project::{Deployment, Project};
use slam_report::{Kind, Report, Result};
use slam_stack::delete::{Contents, contents, delete};
use slam_stack::{Count, StackError};
use slam_template::Fate;
use std::time::Instant;

/// Delete everything that was deployed: functions, APIs, tables, logs
#[derive(Args)]
pub struct Delete {
    /// Only the stack in which this stage lives; where it holds others too, all of them must be named: `dev,beta`
    #[arg(long, value_name = "STAGES", value_delimiter = ',', add = super::complete::stages())]
    stage: Vec<String>,
    /// Do not ask; where stages live in several stacks, --stage must name the one that is meant
    #[arg(short, long)]
    yes: bool,
    /// Keep the tables of slam.yaml with their items: the next deployment takes them in again
    #[arg(long)]
    keep_data: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Delete {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let terminal = common.terminal.quiet_if(self.json);
        let deployments = self.deployments(&project)?;
        if self.yes && deployments.len() > 1 {
            // Production is deleted on purpose only, and --yes is what scripts say without thinking of it.
            let places =
                deployments.iter().map(|deployment| format!("{} ({})", names(deployment), described(deployment)));
            let message = format!("--yes is not enough here: the stages live in {} stacks", deployments.len());
            let hint = format!("name the one that is meant with --stage: {}", places.collect::<Vec<_>>().join(", "));
            return Err(Report::usage(message, hint));
        }
        let (mut answers, mut missing, mut failed) = (Vec::new(), 0, false);
        for deployment in &deployments {
            match self.one(common, &terminal, &project, deployment).await {
                Ok(answer) => answers.push(answer),
                Err(error) if deployments.len() == 1 || error.kind == Kind::Interrupted => {
                    return Err(error);
                }
                Err(error) if error.kind == Kind::NotDeployed => {
                    terminal.say(&format!("  {} is not deployed ({})", names(deployment), described(deployment)));
                    missing += 1;
                }
                // The other stacks can be deleted all the same.
                Err(error) => {
                    print_report(&error);
                    failed = true;
                }
            }
        }
        if missing == deployments.len() {
            return Err(StackError::NotDeployed(project.name.clone()).into());
        }
        if self.json {
            print_json(&json!({ "deleted": answers }))?;
        } else if !failed {
            terminal.say(&format!("{} is deleted", project.name));
        }
        if failed { Err(Report::told()) } else { Ok(()) }
    }

    /// The stacks that are meant. A stack goes with all its stages, so none of them goes unnamed.
    fn deployments<'p>(&self, project: &'p Project) -> Result<Vec<Deployment<'p>>> {
        if self.stage.is_empty() {
            return Ok(project.deployments());
        }
        for stage in &self.stage {
            deployment_of(project, Some(stage))?;
        }
        let is_meant = |stage: &&slam_project::Stage| self.stage.contains(&stage.name);
        let mut meant = project.deployments();
        meant.retain(|deployment| deployment.stages.iter().any(is_meant));
        for deployment in &meant {
            if !deployment.stages.iter().all(is_meant) {
                let all: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
                let message = format!("{} live in one stack, and are deleted together", all.join(" and "));
                let hint = format!(
                    "`slam delete --stage {}` deletes them; a stage alone goes when it is taken out of slam.yaml and \
                     deployed, and its tables stay",
                    all.join(",")
                );
                return Err(Report::usage(message, hint));
            }
        }
        Ok(meant)
    }

    /// Deletes one stack.
    async fn one(
        &self,
        common: &Common,
        terminal: &Terminal,
        project: &Project,
        deployment: &Deployment<'_>,
    ) -> Result<Value> {
        let cloud = Cloud::find(common, deployment).await?;
        cloud.tell(terminal, "target");
        let progress = DeployProgress::new(terminal);
        let session = cloud.session(project, &progress);
        let fate = if self.keep_data { Fate::Kept } else { Fate::Deleted };
        terminal.say(&warning(&names(deployment), &contents(&session, fate).await?));
        if !self.yes && terminal.ask("type the name of the project to go on: ")? != project.name {
            return Err(Report::failure(format_args!("nothing of {} was deleted", names(deployment))));
        }
        let begun = Instant::now();
        let deleted = watch::change(&session, project, delete(&session, fate)).await?;
        let gone = deleted.resources - deleted.kept.len();
        for (logical_id, physical_id) in &deleted.kept {
            terminal.say(&format!("  kept, because the template says so: {logical_id} ({physical_id})"));
        }
        terminal.step("stack", &what_is_gone(gone, deleted.resources), Some(begun.elapsed()));
        let kept: Vec<_> = deleted
            .kept
            .iter()
            .map(|(logical, physical)| json!({ "logical_id": logical, "physical_id": physical }))
            .collect();
        Ok(json!({
            "stack": project.name, "target": name(deployment.target), "account": cloud.place.account,
            "region": cloud.place.region, "resources": deleted.resources, "deleted": gone, "kept": kept,
        }))
    }
}

/// The stages of a stack, for people.
fn names(deployment: &Deployment<'_>) -> String {
    deployment.stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is about to go, with what holds data named.
fn warning(stages: &str, contents: &Contents) -> String {
    let of = |noun: &str, within: &str, holders: &[(String, Count)]| {
        let plural = if holders.len() == 1 { "" } else { "s" };
        let sum = holders.iter().map(|(_, count)| *count).reduce(Count::and)?;
        Some(format!("{} {noun}{plural} with {}", holders.len(), sum.of(within)))
    };
    let data = [
        of("table", "item", &contents.tables),
        of("bucket", "object", &contents.buckets),
        of("queue", "message", &contents.queues),
    ];
    let data: Vec<String> = data.into_iter().flatten().collect();
    let among = if data.is_empty() { String::new() } else { format!(", among them {}", data.join(" and ")) };
    let resources = counted(contents.resources, "resource", "resources");
    let what = if contents.resources == 1 { "it" } else { "these" };
    format!("  {stages}: {resources}{among}; {what} will be gone for good")
}

/// "19 of 19 resources are gone"
fn what_is_gone(gone: usize, resources: usize) -> String {
    let are = if gone == 1 { "is" } else { "are" };
    format!("{gone} of {} {are} gone", counted(resources, "resource", "resources"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_counted() {
        assert_eq!(what_is_gone(19, 19), "19 of 19 resources are gone");
        assert_eq!(what_is_gone(1, 2), "1 of 2 resources is gone");
        let one = Contents { resources: 1, ..Contents::default() };
        assert_eq!(warning("dev", &one), "  dev: 1 resource; it will be gone for good");
    }

    #[test]
    fn the_warning_counts_what_is_in_it() {
        let table = |items| ("dev.tasks".to_owned(), items);
        for (tables, buckets, queues, expected) in [
            (vec![], vec![], vec![], "  dev, beta: 14 resources; these will be gone for good"),
            (
                vec![table(Count::Exactly(1))],
                vec![],
                vec![],
                "  dev, beta: 14 resources, among them 1 table with 1 item; these will be gone for good",
            ),
            (
                vec![table(Count::Exactly(1_000)), table(Count::Exactly(204))],
                vec![("photos".to_owned(), Count::AtLeast(10_000))],
                vec![],
                "  dev, beta: 14 resources, among them 2 tables with 1,204 items and 1 bucket with at least 10,000 objects; these \
                 will be gone for good",
            ),
            (
                vec![table(Count::Exactly(1))],
                vec![],
                vec![("mail".to_owned(), Count::About(3))],
                "  dev, beta: 14 resources, among them 1 table with 1 item and 1 queue with about 3 messages; these will be gone \
                 for good",
            ),
        ] {
            assert_eq!(warning("dev, beta", &Contents { resources: 14, tables, buckets, queues }), expected);
        }
    }
}
