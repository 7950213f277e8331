//! `slam deploy`: build the package, make the template, bring both to the cloud.

use super::packages::{self, Built, Options, Thoroughness};
use super::target::{Cloud, deployment_of, load};
use super::{Common, runnable, secrets, status, watch};
use crate::terminal::{DeployProgress, Terminal};
use clap::Args;
use slam_project::{Deployment, Project};
use slam_report::{Report, Result};
use slam_stack::Session;
use slam_stack::deploy::{Deploy as Request, Outcome, PackageFile, deploy};
use slam_stack::progress::Silent;
use slam_stack::static_files::{Entry, StaticFile, StaticFiles};
use slam_stack::{Holding, retain};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Deploy the project: the development stage gets the new code, and no other stack is touched
#[derive(Args)]
pub struct Deploy {
    /// The stage that gets the new code; the development stage when left out
    #[arg(long, add = super::complete::stages())]
    stage: Option<String>,
    /// Wait for another deployment that is under way, and go on after it
    #[arg(long)]
    wait: bool,
    /// A package of slam's that was built before, instead of building one; for projects with one package
    #[arg(long, value_name = "ZIP")]
    lambda_package: Option<PathBuf>,
    /// Leave the code as it is: deploy only the rest of the template
    #[arg(long, conflicts_with_all = ["lambda_package", "rebuild_deps", "offline"])]
    no_lambda: bool,
    /// Delete the data of tables that leave slam.yaml or left it before: names, or `stage.name` for one stage
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    delete_data: Vec<String>,
    /// Make a stack of this name the project's own, although something else is deployed in it
    #[arg(long)]
    take_over: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    build: Options,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Deploy {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let terminal = common.terminal.quiet_if(self.json);
        // Everything that can be wrong with the project itself is told before any cloud is touched.
        for deployment in project.deployments() {
            slam_template::render(&project, &inputs(&deployment, None))?;
        }
        runnable::check(common, &project, &deployment)?;
        self.decide(common, &project, &deployment).await?;
        let packages = self.packages(common, &terminal, &project)?;
        let static_files = match packages {
            Some(_) => packages::static_files(&terminal, &project)?.map(served),
            None => None,
        };
        let cloud = Cloud::connect_silently(common, &deployment).await?;
        cloud.tell(&terminal, "target");
        let progress = DeployProgress::new(&terminal);
        let session = Session { take_over: self.take_over, ..cloud.session(&project, &progress) };
        if !self.build.no_check {
            secrets::check(&session, &terminal, &cloud.place, stage, &secrets::of(&project, stage)).await?;
        }
        let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
        let begun = Instant::now();
        let request = Request {
            stages: &stages,
            stage,
            publish: false,
            packages: packages.as_deref(),
            static_files: static_files.as_ref(),
            delete_data: &self.delete_data,
            wait: self.wait,
        };
        let outcome = watch::change(&session, &project, deploy(&session, &project, &request)).await?;
        let text = if outcome.changed { "deployed" } else { "nothing has changed" };
        terminal.step("stack", text, Some(begun.elapsed()));
        let shown = status::read(&cloud, &project).await?;
        status::print_result(common, &project, &shown, self.json, "is deployed")?;
        remove_leftovers(&terminal, &outcome, &session, &project).await;
        Ok(())
    }

    /// Asks whether the data that `--delete-data` names shall go, with how much it is.
    async fn decide(&self, common: &Common, project: &Project, deployment: &Deployment<'_>) -> Result<()> {
        if self.delete_data.is_empty() {
            return Ok(());
        }
        let cloud = Cloud::connect_silently(common, deployment).await?;
        let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
        let session = Session { take_over: self.take_over, ..cloud.session(project, &Silent) };
        let doomed = retain::doomed(&session, project, &stages, &self.delete_data).await?;
        let means = |word: &String| doomed.iter().any(|holding: &Holding| holding.data.is_called(word));
        if let Some(word) = self.delete_data.iter().find(|word| !means(word)) {
            let message = format!("no table `{word}` leaves slam.yaml or was left behind");
            return Err(Report::usage(message, "`slam status` lists what was left behind"));
        }
        for holding in &doomed {
            let (table, items) = (holding.data.physical(), holding.items.of("item"));
            common.terminal.say(&format!("  the table {table} with {items} will be gone for good ({})", cloud.place));
        }
        let deployed = slam_stack::status::status(&session).await?;
        // What is published was made with the tables of its time.
        for stage in
            deployed.stages.iter().filter(|stage| doomed.iter().any(|holding| holding.data.stage == stage.name))
        {
            if let Some(version) = stage.version.as_deref().filter(|version| *version != "$LATEST") {
                let message =
                    format!("version {version} is published to {}, and fails if it uses what goes", stage.name);
                let hint =
                    format!("`slam deploy`, then `slam publish {}` gives it code without them first", stage.name);
                common.terminal.warn(&message, &hint);
            }
        }
        let question = if doomed.len() == 1 { "delete it?" } else { "delete them?" };
        if !self.yes && !common.terminal.confirm(question)? {
            return Err(Report::failure("nothing was deployed or deleted"));
        }
        Ok(())
    }

    /// The packages and layers; `None` with `--no-lambda`.
    fn packages(&self, common: &Common, terminal: &Terminal, project: &Project) -> Result<Option<Vec<PackageFile>>> {
        if self.no_lambda {
            return Ok(None);
        }
        if let Some(path) = &self.lambda_package {
            return Ok(Some(vec![built_before(project, path)?]));
        }
        let mut files = Vec::new();
        for Built { name, package } in packages::build(common, terminal, project, &self.build, Thoroughness::Wholly)? {
            let name = name.as_deref();
            files.push(file(slam_template::code_key_parameter(name), package.path, package.sha256));
            if let Some(layer) = package.layer {
                files.push(file(slam_template::layer_key_parameter(name), layer.path, layer.sha256));
            }
        }
        Ok(Some(files))
    }
}

/// Removes the packages that a deployment left behind. That it fails is told, and makes no failure of the deployment.
pub async fn remove_leftovers(terminal: &Terminal, outcome: &Outcome, session: &Session<'_>, project: &Project) {
    if let Err(error) = outcome.remove_leftovers(session, project).await {
        let message = format!("old packages stay in the package bucket: {error}");
        terminal.warn(&message, "what was deployed is not concerned; the next deployment tries again");
    }
}

fn file(parameter: String, path: PathBuf, sha256: String) -> PackageFile {
    PackageFile { parameter, path, sha256 }
}

fn served(files: slam_bundle::StaticFiles) -> StaticFiles {
    let files_of = files.files.into_iter().map(|file| StaticFile {
        name: file.name,
        path: file.path,
        size: file.size,
        entry: Entry { sha256: file.sha256, content_type: file.content_type, cache_control: file.cache_control },
    });
    StaticFiles { version: files.version, files: files_of.collect() }
}

/// The package that `--lambda-package` names.
fn built_before(project: &Project, path: &Path) -> Result<PackageFile> {
    let plans = project.packages();
    if plans.len() > 1 || plans[0].settings.layer {
        let message = "--lambda-package names one package, and the project has more";
        let hint =
            "let `slam deploy` build them; what other tools build is named in slam.yaml, by `package: {path: …}`";
        return Err(Report::usage(message, hint));
    }
    if path.extension().is_none_or(|extension| extension != "zip") {
        let message = format!("{} is no zip file", path.display());
        return Err(Report::usage(message, "`slam build` makes a package and prints its path"));
    }
    let function = &project.function;
    let package = slam_bundle::package_prebuilt(
        &slam_bundle::Prebuilt {
            root: project.directory.clone(),
            path: path.to_owned(),
            handler: function.handler(),
            runtime: function.runtime.clone(),
            architecture: slam_bundle::Architecture::X86_64,
            has_layers: !function.layers.is_empty(),
            exclude: Vec::new(),
            budget: None,
            before: None,
            cache: PathBuf::new(),
        },
        &(),
    )?;
    Ok(file(slam_template::code_key_parameter(None), package.path, package.sha256))
}

/// What a template depends on when nothing is deployed yet, and `stage` is deployed to.
pub fn inputs<'a>(deployment: &Deployment<'a>, stage: Option<&'a str>) -> slam_template::Inputs<'a> {
    slam_template::Inputs {
        stages: deployment.stages.iter().map(|stage| stage.name.as_str()).collect(),
        deploy_stage: stage,
        ..Default::default()
    }
}
