//! `slam status`: each stage with where it lives, what it runs, and its URL.

use super::Common;
use super::target::{Cloud, Place, described, load, name};
use crate::terminal::{self, print, print_for_people, print_json};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use slam_project::{Deployment, Project};
use slam_report::{Kind, Report, Result};
use slam_stack::progress::Silent;
use slam_stack::status::{FailedDeployment, StageStatus};
use slam_stack::{Count, StackError};

/// Show each stage: where it lives, what it runs, its URL
#[derive(Args)]
pub struct Status {
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// A deployment's state as it is shown.
pub struct Shown {
    /// Whose cloud it is in.
    pub place: Place,
    status: slam_stack::status::Status,
    urls: Vec<Option<String>>,
}

/// What became of looking at a deployment.
enum Look {
    Deployed(Box<Shown>),
    /// The cloud was reached, and has no such stack.
    Missing(Place),
    Failed(Report),
}

impl Status {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let deployments = project.deployments();
        let mut looks = Vec::new();
        for deployment in &deployments {
            looks.push(look(common, &project, deployment).await);
        }
        if !looks.iter().any(|look| matches!(look, Look::Deployed(_))) {
            // Nothing to show: the development stage's trouble is the one to tell.
            let first = looks.into_iter().next();
            return Err(match first {
                Some(Look::Failed(error)) => error,
                _ => StackError::NotDeployed(project.name.clone()).into(),
            });
        }
        if self.json {
            print_all_json(&project, &deployments, &looks)?
        } else {
            print_all(&project, &deployments, &looks)?
        }
        let failures = looks.iter().filter_map(|look| if let Look::Failed(error) = look { Some(error) } else { None });
        let mut unreached = false;
        for error in failures {
            terminal::print_report(error);
            unreached = true;
        }
        if unreached { Err(Report::told()) } else { Ok(()) }
    }
}

async fn look(common: &Common, project: &Project, deployment: &Deployment<'_>) -> Look {
    let cloud = match Cloud::find(common, deployment).await {
        Ok(cloud) => cloud,
        Err(error) => return Look::Failed(error),
    };
    match read(&cloud, project).await {
        Ok(shown) => Look::Deployed(Box::new(shown)),
        Err(error) if error.kind == Kind::NotDeployed => Look::Missing(cloud.place),
        Err(error) => Look::Failed(error),
    }
}

/// Reads a deployment's state.
pub async fn read(cloud: &Cloud, project: &Project) -> Result<Shown> {
    let status = slam_stack::status::status(&cloud.session(project, &Silent)).await?;
    let reachable = |endpoint: &String| cloud.reachable(endpoint);
    let urls = status.stages.iter().map(|stage| stage.endpoint.as_ref().map(reachable)).collect();
    Ok(Shown { place: cloud.place.clone(), status, urls })
}

/// Shows what a deployment or publication came to: the URLs last, alone, ready to click.
pub fn print_result(common: &Common, project: &Project, shown: &Shown, json: bool, what: &str) -> Result<()> {
    if json {
        return print_json(&json!({
            "name": project.name, "stacks": [stack_json(shown)], "stages": stages_json(shown),
        }));
    }
    common.terminal.say("");
    if shown.status.stack.ends_with("_COMPLETE") {
        common.terminal.say(&format!("{} {what}", project.name));
    } else {
        common.terminal.say(&format!("{}: the stack is in the state {}", project.name, shown.status.stack));
    }
    for line in left_behind(shown) {
        common.terminal.say(&line);
    }
    let width = name_width(&[shown]);
    for stage in shown.status.stages.iter().filter(|stage| stage.version.is_none()) {
        common.terminal.say(&format!("  {:<width$}  {}", stage.name, unpublished(stage)));
    }
    for elsewhere in elsewhere(project, shown) {
        common.terminal.say(&elsewhere);
    }
    print_urls(&[shown])
}

/// What left slam.yaml and is still there: a line for each name, which may have a table in several stages.
fn left_behind(shown: &Shown) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    let all = &shown.status.left_behind;
    for name in all.iter().map(|holding| holding.data.name.as_str()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let line = |name: &str| {
        let holdings = || all.iter().filter(|holding| holding.data.name == name);
        let tables: Vec<String> = holdings().map(|holding| holding.data.physical()).collect();
        let items = holdings().map(|holding| holding.items).reduce(Count::and).unwrap_or(Count::Exactly(0));
        let (table, it) = if tables.len() == 1 { ("table", "it") } else { ("tables", "them") };
        format!(
            "  left behind: the {table} {} with {}; `slam deploy --delete-data {name}` deletes {it}",
            tables.join(" and "),
            items.of("item")
        )
    };
    names.into_iter().map(line).collect()
}

/// A line for each stage that lives in another stack, which was left alone.
fn elsewhere(project: &Project, shown: &Shown) -> Vec<String> {
    let here = |deployment: &Deployment<'_>| {
        shown.status.stages.iter().any(|stage| deployment.stages.iter().any(|other| other.name == stage.name))
    };
    let mut lines = Vec::new();
    for deployment in project.deployments().into_iter().filter(|deployment| !here(deployment)) {
        let place = described(&deployment);
        // The development stage gets its code from the project's files; nothing is promoted to it.
        lines.extend(
            deployment
                .stages
                .iter()
                .filter(|stage| stage.name != project.dev_stage)
                .map(|stage| format!("  {}  {place}: untouched; `slam publish {}` promotes", stage.name, stage.name)),
        );
    }
    lines
}

fn unpublished(stage: &StageStatus) -> String {
    format!("nothing is published to it yet: `slam publish {}`", stage.name)
}

fn print_urls(all: &[&Shown]) -> Result<()> {
    let stages = || {
        let stages = all.iter().flat_map(|shown| shown.status.stages.iter().zip(&shown.urls));
        stages.filter_map(|(stage, url)| Some((&stage.name, in_words(stage.version.as_ref()?), url)))
    };
    let width = name_width(all);
    let what_width = stages().map(|(_, what, _)| what.len()).max().unwrap_or_default();
    for (name, what, url) in stages() {
        let url = url.as_deref().unwrap_or_default();
        print(format!("  {name:<width$}  {what:<what_width$}  {url}").trim_end())?;
    }
    Ok(())
}

/// What a stage runs: `$LATEST` is Lambda's name for the code that was deployed last.
fn in_words(version: &str) -> String {
    if version == "$LATEST" { "newest code".to_owned() } else { format!("version {version}") }
}

/// The columns that the names of stages take.
fn name_width(all: &[&Shown]) -> usize {
    all.iter().flat_map(|shown| &shown.status.stages).map(|stage| stage.name.len()).max().unwrap_or_default()
}

fn print_all(project: &Project, deployments: &[Deployment<'_>], looks: &[Look]) -> Result<()> {
    print_for_people(&project.name)?;
    let mut deployed = Vec::new();
    for (deployment, look) in deployments.iter().zip(looks) {
        let names: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
        match look {
            Look::Deployed(shown) => {
                print_stack(project, shown)?;
                deployed.push(&**shown);
            }
            Look::Missing(place) => {
                print_for_people(&format!("  {place}"))?;
                print_for_people(&format!(
                    "    {}  not deployed: `slam publish {}` promotes",
                    names.join(", "),
                    names[0]
                ))?;
            }
            Look::Failed(_) => {
                print_for_people(&format!("  {}\n    {}  cannot be told", described(deployment), names.join(", ")))?
            }
        }
    }
    print_urls(&deployed)
}

fn print_stack(project: &Project, shown: &Shown) -> Result<()> {
    let status = &shown.status;
    print_for_people(&format!("  {}", shown.place))?;
    if let Some(failed) = &status.failed {
        print_failed(failed)?;
    } else if !status.stack.ends_with("_COMPLETE") {
        print_for_people(&format!("    {} since {}", status.stack, time(status.changed)))?;
    }
    let names = status.functions.iter().map(|function| function.name.as_deref().unwrap_or(&project.name));
    let width = names.clone().map(str::len).max().unwrap_or_default();
    for (function, name) in status.functions.iter().zip(names) {
        let routes = status.routes.iter().filter(|route| route.function == function.name);
        let routes: Vec<String> = routes.map(|route| format!("/{}", route.path)).collect();
        let text = format!("{name:<width$}  {:<10}  {:>5} MB  {}", function.runtime, function.memory, routes.join(" "));
        print_for_people(format!("    function  {}", text.trim_end()).trim_end())?;
    }
    let width = status.stages.iter().map(|stage| stage.name.len()).max().unwrap_or_default();
    for stage in &status.stages {
        let text = match &stage.version {
            Some(version) if version == "$LATEST" => {
                format!("newest code ($LATEST)  deployed {}", time(stage.deployed))
            }
            Some(version) => format!("version {version}  published {}", time(stage.deployed)),
            None => unpublished(stage),
        };
        print_for_people(&format!("    stage     {:<width$}  {text}", stage.name))?;
    }
    left_behind(shown).iter().try_for_each(|line| print_for_people(&format!("  {line}")))
}

fn print_failed(failed: &FailedDeployment) -> Result<()> {
    print_for_people(&format!("    the last deployment failed ({}); what was deployed before runs", time(failed.at)))?;
    failed
        .failures
        .iter()
        .try_for_each(|failure| print_for_people(&format!("      {}: {}", failure.logical_id, failure.reason)))
}

/// A time as people on this machine write it.
fn time(at: Option<Timestamp>) -> String {
    let Some(at) = at else { return "at a time that is not known".to_owned() };
    at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn print_all_json(project: &Project, deployments: &[Deployment<'_>], looks: &[Look]) -> Result<()> {
    let (mut stacks, mut stages) = (Vec::new(), Vec::new());
    for (deployment, look) in deployments.iter().zip(looks) {
        let (problem, place) = match look {
            Look::Deployed(shown) => {
                stacks.push(stack_json(shown));
                stages.extend(stages_json(shown));
                continue;
            }
            Look::Missing(place) => ("not deployed".to_owned(), Some(place)),
            Look::Failed(error) => (error.to_string(), None),
        };
        stacks.push(json!({
            "target": name(deployment.target), "account": place.map(|place| &place.account),
            "region": place.map_or(deployment.region, |place| Some(&place.region)),
            "status": null, "problem": problem,
        }));
        stages.extend(deployment.stages.iter().map(|stage| {
            json!({ "name": stage.name, "target": name(deployment.target), "version": null, "url": null, "problem": problem })
        }));
    }
    print_json(&json!({ "name": project.name, "stacks": stacks, "stages": stages }))
}

fn stack_json(shown: &Shown) -> Value {
    let (status, place) = (&shown.status, &shown.place);
    let functions: Vec<_> = status
        .functions
        .iter()
        .map(|function| json!({ "name": function.name, "runtime": function.runtime, "memory": function.memory }))
        .collect();
    let routes: Vec<_> = status
        .routes
        .iter()
        .map(|route| json!({ "path": format!("/{}", route.path), "function": route.function }))
        .collect();
    let failed = status.failed.as_ref().map(|failed| {
        let failures: Vec<_> = failed
            .failures
            .iter()
            .map(
                |failure| json!({ "resource": failure.logical_id, "status": failure.status, "reason": failure.reason }),
            )
            .collect();
        json!({ "at": failed.at.map(|at| at.to_string()), "failures": failures })
    });
    let left_behind: Vec<_> = status
        .left_behind
        .iter()
        .map(|holding| json!({ "table": holding.data.physical(), "items": holding.items.number() }))
        .collect();
    json!({
        "target": name(place.target), "account": place.account, "region": place.region, "endpoint": place.endpoint,
        "status": status.stack, "changed": status.changed.map(|at| at.to_string()),
        "function": status.function_arn, "api": status.api_id, "functions": functions, "routes": routes,
        "last_deployment_failed": failed, "left_behind": left_behind,
    })
}

fn stages_json(shown: &Shown) -> Vec<Value> {
    let stages = shown.status.stages.iter().zip(&shown.urls);
    let one = |(stage, url): (&StageStatus, &Option<String>)| {
        json!({
            "name": stage.name, "target": name(shown.place.target), "version": stage.version, "url": url,
            "deployed": stage.deployed.map(|at| at.to_string()),
        })
    };
    stages.map(one).collect()
}
