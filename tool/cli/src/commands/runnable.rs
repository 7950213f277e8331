//! Whether what is deployed could run: in the embedded cloud it runs on what this machine has.

use super::Common;
use crate::embedded;
use slam_project::{Deployment, Function, Project, ProjectError, Target};
use slam_report::Result;

/// Refuses runtimes that the embedded cloud cannot run functions on, before anything is built or uploaded for them.
pub fn check(common: &Common, project: &Project, deployment: &Deployment<'_>) -> Result<()> {
    if deployment.target != Target::Local {
        return Ok(());
    }
    let mut seen: Vec<&str> = Vec::new();
    for function in project.all_functions() {
        let runtime = function.runtime.as_str();
        if seen.contains(&runtime) {
            continue;
        }
        seen.push(runtime);
        if let Some(lack) = embedded::lacks(&common.home, runtime) {
            let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
            let message = format!("{}, where {} would run", lack.what, stages.join(", "));
            return Err(at_runtime(project, function, message, lack.remedy).into());
        }
    }
    Ok(())
}

/// An error about the runtime of a function, at its place in slam.yaml.
fn at_runtime(project: &Project, function: &Function, message: String, hint: String) -> ProjectError {
    let own = function.name.as_deref().map(|name| ["functions", name, "runtime"]);
    let paths: Vec<&[&str]> =
        own.iter().map(|path| &path[..]).chain([&["runtime"][..], &["aws", "lambda_runtime"]]).collect();
    project.error(&paths, message, Some(hint))
}
