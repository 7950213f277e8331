//! `slam build`: make the deployment package, and the packaging that `slam deploy` shares.

use super::Common;
use super::target::load;
use crate::terminal::{Terminal, print, print_json, size};
use anyhow::Result;
use clap::Args;
use slam_bundle::{BundleRequest, Package, Progress, Step};
use slam_project::{Architecture, Kind, Project};
use std::path::Path;
use std::time::Instant;

/// Build the deployment package without deploying it
#[derive(Args)]
pub struct Build {
    /// Install the dependencies again
    #[arg(long)]
    rebuild_deps: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Build {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let package = package(common, &common.terminal.quiet_if(self.json), &project, self.rebuild_deps)?;
        if self.json {
            return print_json(&serde_json::json!({
                "path": package.path, "sha256": package.sha256, "size": package.size, "files": package.file_count,
                "dependencies": package.dependencies.len(), "unchanged": package.unchanged,
            }));
        }
        print(&package.path.display().to_string())
    }
}

/// Builds the project's package and tells of it.
pub fn package(common: &Common, terminal: &Terminal, project: &Project, rebuild: bool) -> Result<Package> {
    let begun = Instant::now();
    let package = slam_bundle::build(&request(common, project, rebuild), &Told(terminal))?;
    let unchanged = if package.unchanged { "   (unchanged)" } else { "" };
    let text = format!(
        "{} {}, {} files, {} dependencies{unchanged}",
        project.name,
        size(package.size),
        package.file_count,
        package.dependencies.len()
    );
    terminal.step("package", &text, Some(begun.elapsed()));
    Ok(package)
}

fn request(common: &Common, project: &Project, rebuild: bool) -> BundleRequest {
    let directory = if project.directory.as_os_str().is_empty() { Path::new(".") } else { &project.directory };
    BundleRequest {
        requirements: project.package.requirements.as_ref().map(Into::into),
        runtime: project.function.runtime.clone(),
        architecture: match project.function.architecture {
            Architecture::X86_64 => slam_bundle::Architecture::X86_64,
            Architecture::Arm64 => slam_bundle::Architecture::Arm64,
        },
        include: project.package.include.clone(),
        exclude: project.package.exclude.clone(),
        rebuild_dependencies: rebuild,
        cache: common.home.cache().join("bundle"),
        ..BundleRequest::new(
            directory,
            project.function.app.to_string(),
            match project.function.kind {
                Kind::Function => slam_bundle::Kind::Function,
                Kind::Wsgi => slam_bundle::Kind::Wsgi,
                Kind::Asgi => slam_bundle::Kind::Asgi,
            },
            common.home.root(),
        )
    }
}

/// Tells of the steps that take time.
struct Told<'a>(&'a Terminal);

impl Progress for Told<'_> {
    fn step(&self, step: Step<'_>) {
        match step {
            Step::InstallingUv => self.0.step("package", "installing uv, once per machine", None),
            Step::InstallingDependencies { requirements } => {
                self.0.step("package", &format!("installing the dependencies of {requirements}"), None);
            }
            Step::Compressing { .. } => {}
        }
    }
}
