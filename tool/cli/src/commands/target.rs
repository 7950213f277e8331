//! Which cloud a stage lives in, and the clients for it.

use super::{Common, LOCAL_REGION, UsageError};
use crate::embedded::{self, Running};
use anyhow::Result;
use slam_aws::Clients;
use slam_project::{Defaults, Deployment, Function, Project, Target};
use slam_stack::Session;
use slam_stack::progress::Progress;
use std::time::Duration;

/// A cloud that was reached.
pub struct Cloud {
    /// Its clients.
    pub clients: Clients,
    /// The embedded cloud's process, when it is that.
    pub embedded: Option<Running>,
}

impl Cloud {
    /// Connects to where a deployment lives; the embedded cloud is started when none runs.
    pub async fn connect(common: &Common, deployment: &Deployment<'_>) -> Result<Self> {
        let region = deployment.region.map(str::to_owned);
        match deployment.target {
            Target::Aws => {
                let profile = deployment.profile.map(str::to_owned);
                let target = slam_aws::Target { region, profile, ..Default::default() };
                Ok(Self { clients: Clients::connect(&target).await, embedded: None })
            }
            Target::Local => {
                let running = embedded::ensure(&common.home)?;
                if running.started_now {
                    common.terminal.step(
                        "cloud",
                        &format!("embedded cloud started on 127.0.0.1:{}", running.port),
                        None,
                    );
                }
                let key = embedded::access_key(&common.home)?;
                let target = slam_aws::Target {
                    endpoint: Some(format!("http://127.0.0.1:{}", running.port)),
                    region: Some(region.unwrap_or_else(|| LOCAL_REGION.to_owned())),
                    profile: None,
                    access_key: Some((key.access_key_id, key.secret_access_key)),
                };
                Ok(Self { clients: Clients::connect(&target).await, embedded: Some(running) })
            }
        }
    }

    /// A session on a project's stack in this cloud.
    pub fn session<'a>(&'a self, project: &'a Project, progress: &'a dyn Progress) -> Session<'a> {
        // The embedded cloud answers in microseconds and counts nobody's requests.
        let poll = if self.embedded.is_some() { Duration::from_millis(20) } else { Duration::from_secs(1) };
        Session { clients: &self.clients, stack: &project.name, project, take_over: false, progress, poll }
    }

    /// The URL that a person can open for a stage's endpoint: the API's own port of the embedded cloud, since Python
    /// and Node resolve no `*.localhost` name on plain Linux.
    pub fn reachable(&self, endpoint: &str, api_id: Option<&str>) -> String {
        let port = self.embedded.as_ref().zip(api_id).and_then(|(running, id)| embedded::api_port(running, id));
        let path = endpoint.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        port.map_or_else(|| endpoint.to_owned(), |port| format!("http://localhost:{port}/{path}"))
    }
}

/// Loads the project that the command line names.
pub fn load(common: &Common) -> Result<Project> {
    Ok(Project::load(&common.config_file, &defaults())?)
}

/// What a project gets that says nothing of runtime and architecture: something that runs here.
pub fn defaults() -> Defaults {
    Defaults { runtime: crate::commands::init::default_runtime, ..Defaults::default() }
}

/// A function by its name in slam.yaml.
pub fn named_function<'p>(project: &'p Project, name: &str) -> Result<&'p Function> {
    project.functions.iter().find(|function| function.name.as_deref() == Some(name)).ok_or_else(|| {
        let names: Vec<&str> = project.functions.iter().filter_map(|function| function.name.as_deref()).collect();
        let message = format!("there is no function `{name}` in {}", project.path().display());
        let hint = match &names[..] {
            [] => {
                "`functions` in slam.yaml has more functions; without --function the project's own is meant".to_owned()
            }
            names => format!("the functions are {}", names.join(", ")),
        };
        UsageError::new(message, hint).into()
    })
}

/// The function that a command means: the one named, else the project's own.
pub fn function_of<'p>(project: &'p Project, name: Option<&str>) -> Result<&'p Function> {
    name.map_or(Ok(&project.function), |name| named_function(project, name))
}

/// The stage that a command means: the one named, else the development stage. And where it lives.
pub fn deployment_of<'p>(project: &'p Project, stage: Option<&'p str>) -> Result<(&'p str, Deployment<'p>)> {
    let name = stage.unwrap_or(&project.dev_stage);
    let deployment =
        project.deployments().into_iter().find(|deployment| deployment.stages.iter().any(|stage| stage.name == name));
    match deployment {
        Some(deployment) => Ok((name, deployment)),
        None => {
            let names: Vec<&str> = project.stages.iter().map(|stage| stage.name.as_str()).collect();
            let message = format!("there is no stage `{name}` in {}", project.path().display());
            Err(UsageError::new(message, format!("the stages are {}", names.join(", "))).into())
        }
    }
}
