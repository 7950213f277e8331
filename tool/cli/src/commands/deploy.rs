//! `slam deploy`: build the package, make the template, bring both to the cloud.

use super::target::{Cloud, load};
use super::{Common, UsageError, build, status};
use crate::terminal::DeployProgress;
use anyhow::{Context, Result};
use clap::Args;
use slam_project::{Deployment, Project};
use slam_stack::deploy::{Deploy as Request, PackageFile, deploy};
use std::path::PathBuf;
use std::time::Instant;

/// Deploy the project: the development stage gets the new code
#[derive(Args)]
pub struct Deploy {
    /// The stage that gets the new code; the development stage when left out
    #[arg(long)]
    stage: Option<String>,
    /// A package that was built before, instead of building one
    #[arg(long, value_name = "ZIP")]
    lambda_package: Option<PathBuf>,
    /// Leave the code as it is: deploy only the rest of the template
    #[arg(long, conflicts_with_all = ["lambda_package", "rebuild_deps", "offline"])]
    no_lambda: bool,
    #[command(flatten)]
    build: build::Options,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Deploy {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        if let Some(stage) = &self.stage {
            super::target::deployment_of(&project, Some(stage))?;
        }
        let terminal = common.terminal.quiet_if(self.json);
        // Everything that can be wrong with the project itself is told before any cloud is touched.
        for deployment in project.deployments() {
            slam_template::render(&project, &inputs(&deployment))?;
        }
        let package = self.package(common, &terminal, &project)?;
        let mut answers = Vec::new();
        for deployment in project.deployments() {
            let cloud = Cloud::connect(common, &deployment).await?;
            let progress = DeployProgress::new(&terminal);
            let session = cloud.session(&project.name, &progress);
            let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
            let stage = self.stage.as_deref().filter(|stage| stages.contains(stage));
            let file = package.as_ref().map(|(path, sha256)| PackageFile { path, sha256 });
            let begun = Instant::now();
            let changed =
                deploy(&session, &project, &Request { stages: &stages, stage, package: file.as_ref() }).await?;
            let text = if changed { "deployed" } else { "nothing has changed" };
            terminal.step("stack", text, Some(begun.elapsed()));
            answers.push(status::read(&cloud, &project, &deployment).await?);
        }
        terminal.say("");
        status::print(common, &project, &answers, self.json, "is deployed")
    }

    /// The package's path and hash; `None` with `--no-lambda`.
    fn package(
        &self,
        common: &Common,
        terminal: &crate::terminal::Terminal,
        project: &Project,
    ) -> Result<Option<(PathBuf, String)>> {
        if self.no_lambda {
            return Ok(None);
        }
        let Some(path) = &self.lambda_package else {
            let package = build::package(common, terminal, project, &self.build)?;
            return Ok(Some((package.path, package.sha256)));
        };
        if path.extension().is_none_or(|extension| extension != "zip") {
            let message = format!("{} is no zip file", path.display());
            return Err(UsageError::new(message, "`slam build` makes a package and prints its path").into());
        }
        slam_bundle::check_prebuilt(path)?;
        let sha256 = slam_bundle::file_sha256(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Some((path.clone(), sha256)))
    }
}

/// What a template depends on when nothing is deployed yet.
pub fn inputs<'a>(deployment: &Deployment<'a>) -> slam_template::Inputs<'a> {
    slam_template::Inputs {
        stages: deployment.stages.iter().map(|stage| stage.name.as_str()).collect(),
        ..Default::default()
    }
}
