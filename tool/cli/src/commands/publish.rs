//! `slam publish`: a stage gets an immutable version of what another one runs. Where the stages live in different stacks,
//! the packages are promoted: the same bytes go to the other account, region or cloud.

use super::deploy::remove_leftovers;
use super::target::{Cloud, deployment_of, described, load};
use super::{Common, packages, runnable, secrets, status, watch};
use crate::terminal::{DeployProgress, Terminal, counted};
use clap::Args;
use slam_project::{Deployment, Project};
use slam_report::{Report, Result};
use slam_stack::Session;
use slam_stack::deploy::{Deploy, Outcome, deploy};
use slam_stack::progress::Silent;
use slam_stack::promote::{self, Running};
use slam_stack::publish::{Source, publish};
use std::time::Instant;

/// Give a stage an immutable version
#[derive(Args)]
#[command(
    after_help = "What is published is what is deployed, not what slam.yaml and the files have become since. A stage that \
                  lives in another account, region or cloud gets the same packages, by their hashes; its own stack is made \
                  from slam.yaml, the first time after a question."
)]
pub struct Publish {
    /// The stage that gets the version
    #[arg(add = super::complete::stages())]
    stage: String,
    /// A version that was published before, or a stage whose version is taken; the development stage when left out
    #[arg(long, value_name = "NUMBER|STAGE", add = super::complete::stages())]
    version: Option<String>,
    /// Do not ask before a stack is made
    #[arg(short, long)]
    yes: bool,
    /// Wait for another deployment that is under way, and go on after it
    #[arg(long)]
    wait: bool,
    /// Do not look whether the stage's secrets are there
    #[arg(long)]
    no_check: bool,
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
        let begun = Instant::now();
        let lives_here = |other: &str| deployment.stages.iter().any(|candidate| candidate.name == other);
        let (cloud, outcome) = match source {
            Source::Stage(other) if !lives_here(other) => {
                let promotion =
                    Promotion { common, terminal: &terminal, project: &project, stage, deployment: &deployment };
                promotion.run(other, self).await?
            }
            _ => {
                let cloud = Cloud::connect_silently(common, &deployment).await?;
                cloud.tell(&terminal, "target");
                let progress = DeployProgress::new(&terminal);
                let session = cloud.session(&project, &progress);
                if source == Source::Stage(&project.dev_stage) {
                    let running = promote::running(&session, &project, &project.dev_stage).await?;
                    tell_local_changes(common, &terminal, &project, &running);
                }
                if let Source::Stage(other) = source
                    && !self.no_check
                {
                    let wanted = slam_stack::secrets::published(&session, other, stage).await?;
                    secrets::check(&session, &terminal, &cloud.place, stage, &wanted).await?;
                }
                let work = publish(&session, &project, stage, source, self.wait);
                let changed = watch::change(&session, &project, work).await?;
                (cloud, Outcome::from(changed))
            }
        };
        let text = if outcome.changed { "published" } else { "nothing has changed" };
        terminal.step("stack", text, Some(begun.elapsed()));
        let shown = status::read(&cloud, &project).await?;
        status::print_result(common, &project, &shown, self.json, "is published")?;
        remove_leftovers(&terminal, &outcome, &cloud.session(&project, &Silent), &project).await;
        Ok(())
    }
}

/// A stage that gets what a stage of another stack runs.
struct Promotion<'a> {
    common: &'a Common,
    terminal: &'a Terminal,
    project: &'a Project,
    stage: &'a str,
    deployment: &'a Deployment<'a>,
}

impl Promotion<'_> {
    async fn run(&self, from: &str, options: &Publish) -> Result<(Cloud, Outcome)> {
        let Self { common, terminal, project, stage, deployment } = *self;
        runnable::check(common, project, deployment)?;
        let (_, source) = deployment_of(project, Some(from))?;
        let source_cloud = Cloud::connect_silently(common, &source).await?;
        source_cloud.tell(terminal, "source");
        let cloud = Cloud::connect_silently(common, deployment).await?;
        cloud.tell(terminal, "target");
        let progress = DeployProgress::new(terminal);
        let source_session = source_cloud.session(project, &Silent);
        let session = cloud.session(project, &progress);
        if source_cloud.place == cloud.place {
            let message = format!(
                "`{from}` ({}) and `{stage}` ({}) are one stack in truth",
                described(&source),
                described(deployment)
            );
            let hint =
                "give both the same `target`, `region` and `profile` in slam.yaml: then slam knows that they share it";
            return Err(Report::usage(message, hint));
        }
        let running = promote::running(&source_session, project, from).await?;
        if from == project.dev_stage {
            tell_local_changes(common, terminal, project, &running);
        }
        if !options.no_check {
            secrets::check(&session, terminal, &cloud.place, stage, &secrets::of(project, stage)).await?;
        }
        if !slam_stack::status::exists(&session).await? {
            self.ask(&session, &cloud, options.yes)?;
        }
        let fetched = running.fetch(&source_session, &common.home.packages().join(slam_bundle::PROMOTED)).await?;
        let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
        let request = Deploy {
            stages: &stages,
            stage,
            publish: true,
            packages: Some(&fetched.packages),
            static_files: fetched.static_files.as_ref(),
            delete_data: &[],
            wait: options.wait,
        };
        let outcome = watch::change(&session, project, deploy(&session, project, &request)).await?;
        Ok((cloud, outcome))
    }

    /// Shows what the first promotion makes, and asks.
    fn ask(&self, session: &Session<'_>, cloud: &Cloud, yes: bool) -> Result<()> {
        let inputs = super::deploy::inputs(self.deployment, None);
        let mut template = slam_template::render(self.project, &inputs)?;
        template.open(self.project, self.stage)?;
        let count = counted(template.resource_count(), "resource", "resources");
        self.terminal.step("template", &format!("{count} and a version, all of them new"), None);
        for (kind, count) in template.resource_types() {
            self.terminal.say(&format!("            + {count:>3}  {kind}"));
        }
        let question = format!("create the stack {} ({})?", session.stack, cloud.place);
        if !yes && !self.terminal.confirm(&question)? {
            return Err(Report::failure("nothing was created"));
        }
        Ok(())
    }
}

/// What is published is what the development stage runs: who has changed files since then is told, for they may expect
/// them in it.
fn tell_local_changes(common: &Common, terminal: &Terminal, project: &Project, running: &Running) {
    if packages::differ(common, project, |parameter| running.sha256(parameter)) {
        let stage = &project.dev_stage;
        let message = format!("files have changed since `{stage}` was deployed: they are not in what is published");
        terminal.warn(&message, "`slam deploy` brings them to the development stage first");
    }
}
