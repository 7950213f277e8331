//! `slam build`: make the deployment packages.

use super::Common;
use super::packages::{self, Built, Options, Thoroughness, Told, Wanted};
use super::target::{load, named_function};
use crate::terminal::{Terminal, print, print_for_people, print_json, size};
use clap::Args;
use serde_json::{Map, Value, json};
use slam_bundle::{Dependency, Package};
use slam_project::Project;
use slam_report::{Report, Result};

/// How many dependencies are named after a build.
const NAMED: usize = 5;

/// Build the deployment packages without deploying them
#[derive(Args)]
pub struct Build {
    #[command(flatten)]
    options: Options,
    /// Say why a file, folder or dependency is in the package or is not; without one, why each dependency is
    #[arg(long, value_name = "PATH", num_args = 0..=1, conflicts_with = "json")]
    explain: Option<Option<String>>,
    /// With --explain: the package of this function instead of the project's
    #[arg(long, value_name = "NAME", requires = "explain", add = super::complete::functions())]
    function: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Build {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        if let Some(path) = &self.explain {
            return self.explain(common, &project, path.as_deref());
        }
        let terminal = common.terminal.quiet_if(self.json);
        let built = packages::build(common, &terminal, &project, &self.options, Thoroughness::Lightly)?;
        let served = packages::static_files(&terminal, &project)?;
        if self.json {
            let mut object = as_json(&built);
            if let Some(served) = served {
                let bytes: u64 = served.files.iter().map(|file| file.size).sum();
                object["static"] = json!({"version": served.version, "files": served.files.len(), "size": bytes});
            }
            return print_json(&object);
        }
        for Built { package, .. } in &built {
            tell_largest(&terminal, package);
            print(&package.path.display().to_string())?;
            if let Some(layer) = &package.layer {
                print(&layer.path.display().to_string())?;
            }
        }
        Ok(())
    }

    fn explain(&self, common: &Common, project: &Project, path: Option<&str>) -> Result<()> {
        let function = self.function.as_deref().map(|name| named_function(project, name)).transpose()?;
        let name = function.filter(|function| function.package.is_some()).and_then(|function| function.name.as_deref());
        let plans = project.packages();
        for plan in plans.iter().filter(|plan| plan.name == name) {
            let Wanted::Built(request) = packages::request(common, project, plan, &self.options) else {
                let message = "everything is in this package because it is shipped as it is";
                return Err(Report::usage(message, "`package: {exclude: […]}` leaves files out"));
            };
            let lines = slam_bundle::explain(&request, path, &Told(&common.terminal))?;
            lines.iter().try_for_each(|line| print_for_people(line))?;
        }
        Ok(())
    }
}

/// The project's package, and those of functions beside it.
fn as_json(built: &[Built]) -> Value {
    let mut object = Value::Null;
    let mut functions = Map::new();
    for Built { name, package } in built {
        match name {
            None => object = package_json(package),
            Some(name) => {
                functions.insert(name.clone(), package_json(package));
            }
        }
    }
    if !functions.is_empty() {
        object["functions"] = Value::Object(functions);
    }
    object
}

fn package_json(package: &Package) -> Value {
    let dependencies: Vec<_> = package.dependencies.iter().map(dependency_json).collect();
    let mut object = json!({
        "path": package.path, "sha256": package.sha256, "size": package.size,
        "unzipped_size": package.unzipped_size, "files": package.file_count,
        "dependencies": dependencies, "unchanged": package.unchanged,
    });
    if let Some(layer) = &package.layer {
        object["layer"] = json!({"path": layer.path, "sha256": layer.sha256, "size": layer.size});
    }
    object
}

fn dependency_json(dependency: &Dependency) -> Value {
    json!({
        "name": dependency.name, "version": dependency.version, "unzipped_size": dependency.bytes,
        "size": dependency.zipped_bytes, "from_source": dependency.from_source,
    })
}

fn tell_largest(terminal: &Terminal, package: &Package) {
    let mut parts: Vec<_> = package.dependencies.iter().collect();
    parts.sort_by(|one, other| other.zipped_bytes.cmp(&one.zipped_bytes).then_with(|| one.name.cmp(&other.name)));
    for part in parts.into_iter().take(NAMED) {
        terminal.say(&format!("            {:>8}  {} {}", size(part.zipped_bytes), part.name, part.version));
    }
}
