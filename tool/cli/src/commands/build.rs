//! `slam build`: make the deployment package, and the packaging that `slam deploy` shares.

use super::Common;
use super::target::load;
use crate::terminal::{Terminal, print, print_json, size};
use anyhow::Result;
use clap::Args;
use slam_bundle::{BundleRequest, Dependency, Package, Progress, Step};
use slam_project::{Architecture, Kind, Project};
use std::path::Path;
use std::time::Instant;

/// How many dependencies are named after a build.
const NAMED: usize = 5;

/// How packages are built, which `slam build` and `slam deploy` share.
#[derive(Args, Default)]
pub struct Options {
    /// Install the dependencies again
    #[arg(long)]
    pub rebuild_deps: bool,
    /// Never use the network for dependencies: take them from the cache, or fail
    #[arg(long)]
    pub offline: bool,
}

/// Build the deployment package without deploying it
#[derive(Args)]
pub struct Build {
    #[command(flatten)]
    options: Options,
    /// Say why a file, folder or dependency is in the package or is not; without one, why each dependency is
    #[arg(long, value_name = "PATH", num_args = 0..=1, conflicts_with = "json")]
    explain: Option<Option<String>>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Build {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        if let Some(path) = &self.explain {
            let request = request(common, &project, &self.options);
            let lines = slam_bundle::explain(&request, path.as_deref(), &Told(&common.terminal))?;
            return lines.iter().try_for_each(|line| print(line));
        }
        let terminal = common.terminal.quiet_if(self.json);
        let package = package(common, &terminal, &project, &self.options)?;
        if self.json {
            let dependencies: Vec<_> = package.dependencies.iter().map(dependency_json).collect();
            return print_json(&serde_json::json!({
                "path": package.path, "sha256": package.sha256, "size": package.size,
                "unzipped_size": package.unzipped_size, "files": package.file_count,
                "dependencies": dependencies, "unchanged": package.unchanged,
            }));
        }
        for part in largest(&package) {
            terminal.say(&format!("            {:>8}  {} {}", size(part.zipped_bytes), part.name, part.version));
        }
        print(&package.path.display().to_string())
    }
}

fn dependency_json(dependency: &Dependency) -> serde_json::Value {
    serde_json::json!({
        "name": dependency.name, "version": dependency.version, "unzipped_size": dependency.bytes,
        "size": dependency.zipped_bytes,
    })
}

fn largest(package: &Package) -> Vec<&Dependency> {
    let mut parts: Vec<_> = package.dependencies.iter().collect();
    parts.sort_by(|one, other| other.zipped_bytes.cmp(&one.zipped_bytes).then_with(|| one.name.cmp(&other.name)));
    parts.truncate(NAMED);
    parts
}

/// Builds the project's package and tells of it.
pub fn package(common: &Common, terminal: &Terminal, project: &Project, options: &Options) -> Result<Package> {
    let begun = Instant::now();
    let package = slam_bundle::build(&request(common, project, options), &Told(terminal))?;
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

fn request(common: &Common, project: &Project, options: &Options) -> BundleRequest {
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
        exclude_dependencies: project.package.exclude_dependencies.clone(),
        slim: project.package.slim,
        runtime_packages: project.package.runtime_packages,
        bytecode: project.package.bytecode,
        budget: project.package.budget,
        before: project.package.before.clone(),
        offline: options.offline,
        rebuild_dependencies: options.rebuild_deps,
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
            Step::Before { command } => self.0.step("package", &format!("running {command}"), None),
            Step::InstallingUv => self.0.step("package", "installing uv, once per machine", None),
            Step::InstallingDependencies { requirements } => {
                self.0.step("package", &format!("installing the dependencies of {requirements}"), None);
            }
            Step::Compressing { .. } => {}
        }
    }
}
