//! Which cloud a stage lives in, and the clients for it.

use super::{Common, LOCAL_REGION};
use crate::embedded::{self, Running, probe};
use crate::home::Home;
use crate::terminal::Terminal;
use slam_aws::Clients;
use slam_project::{Defaults, Deployment, Function, Project, Target};
use slam_report::{Report, Result};
use slam_stack::Session;
use slam_stack::progress::Progress;
use std::fmt;
use std::time::Duration;

/// A cloud that was reached.
pub struct Cloud {
    /// Its clients.
    pub clients: Clients,
    /// The embedded cloud's process, when it is that.
    pub embedded: Option<Running>,
    /// Whose cloud it is, and where.
    pub place: Place,
}

/// Where something is deployed, as the cloud itself says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The embedded cloud or AWS.
    pub target: Target,
    /// The account that the credentials belong to.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint, when a target on AWS is not AWS itself.
    pub endpoint: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, account {}, {}", name(self.target), self.account, self.region)?;
        self.endpoint.as_ref().map_or(Ok(()), |endpoint| write!(formatter, ", at {endpoint}"))
    }
}

/// The target as slam.yaml names it.
pub fn name(target: Target) -> &'static str {
    match target {
        Target::Local => "local",
        Target::Aws => "aws",
    }
}

/// Where a deployment lives, as slam.yaml says: `aws eu-west-1`.
pub fn described(deployment: &Deployment<'_>) -> String {
    let parts = [Some(name(deployment.target)), deployment.region, deployment.profile];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What to do when no embedded cloud runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stopped {
    Start,
    Refuse,
}

impl Cloud {
    /// Connects to where a deployment lives and tells where that is; the embedded cloud is started when none runs. For
    /// commands that change something, or run it.
    pub async fn connect(common: &Common, deployment: &Deployment<'_>) -> Result<Self> {
        let cloud = Self::open(common, deployment, Stopped::Start).await?;
        cloud.tell(&common.terminal, "target");
        Ok(cloud)
    }

    /// The same without a word.
    pub async fn connect_silently(common: &Common, deployment: &Deployment<'_>) -> Result<Self> {
        Self::open(common, deployment, Stopped::Start).await
    }

    /// Connects to where a deployment lives, without a word; an embedded cloud that does not run is not started. For
    /// commands that only look, or take away.
    pub async fn find(common: &Common, deployment: &Deployment<'_>) -> Result<Self> {
        Self::open(common, deployment, Stopped::Refuse).await
    }

    /// Says whose cloud it is.
    pub fn tell(&self, terminal: &Terminal, label: &str) {
        terminal.step(label, &self.place.to_string(), None);
    }

    async fn open(common: &Common, deployment: &Deployment<'_>, stopped: Stopped) -> Result<Self> {
        let unreachable = |reason: &str, hint: &str| {
            let stages: Vec<&str> = deployment.stages.iter().map(|stage| stage.name.as_str()).collect();
            let (stages, place) = (stages.join(", "), described(deployment));
            Report::failure(format_args!("{stages} ({place}) cannot be reached: {reason}")).hint(hint.to_owned())
        };
        let (clients, embedded) = match deployment.target {
            Target::Aws => {
                let region = deployment.region.map(str::to_owned);
                let profile = deployment.profile.map(str::to_owned);
                let target = slam_aws::Target { region, profile, ..Default::default() };
                let clients = Clients::connect(&target).await;
                if let Some(url) = embedded_endpoint(&clients) {
                    let reason = format!("it is `target: aws`, and {url} is an embedded cloud of slam's");
                    return Err(unreachable(&reason, &what_to_unset(&common.home, &url, deployment.profile)));
                }
                (clients, None)
            }
            Target::Local => {
                let running = match stopped {
                    Stopped::Start => embedded::ensure(&common.home)?,
                    Stopped::Refuse => embedded::running(&common.home).ok_or_else(|| {
                        unreachable(
                            "the embedded cloud does not run",
                            "`slam cloud start` starts it, and so does `slam deploy`",
                        )
                    })?,
                };
                if running.started_now {
                    let text = format!("embedded cloud started on 127.0.0.1:{}", running.port);
                    common.terminal.step("cloud", &text, None);
                }
                let key = embedded::access_key(&common.home)?;
                let target = slam_aws::Target {
                    endpoint: Some(format!("http://127.0.0.1:{}", running.port)),
                    region: Some(deployment.region.unwrap_or(LOCAL_REGION).to_owned()),
                    profile: None,
                    access_key: Some((key.access_key_id, key.secret_access_key)),
                };
                (Clients::connect(&target).await, Some(running))
            }
        };
        let Some(region) = clients.region.clone() else {
            let hint = "add `region: eu-west-1` to the stage in slam.yaml, or set AWS_REGION";
            return Err(unreachable("no region is known", hint));
        };
        let account = match clients.account().await {
            Ok(account) => account,
            Err(error) => {
                let hint = credentials_hint(&error);
                // The SDK lists every place it has looked into; the first line says what came of it.
                let error = error.to_string();
                let reason = error.lines().next().unwrap_or_default().trim_end_matches(" Attempted:");
                return Err(unreachable(reason, hint));
            }
        };
        let endpoint = match deployment.target {
            Target::Local => None,
            Target::Aws => clients.endpoints.first().map(|endpoint| endpoint.url.clone()),
        };
        let place = Place { target: deployment.target, account, region, endpoint };
        Ok(Self { clients, embedded, place })
    }

    /// A session on a project's stack in this cloud.
    pub fn session<'a>(&'a self, project: &'a Project, progress: &'a dyn Progress) -> Session<'a> {
        // The embedded cloud answers in microseconds and counts nobody's requests.
        let poll = if self.embedded.is_some() { Duration::from_millis(20) } else { Duration::from_secs(1) };
        Session { clients: &self.clients, stack: &project.name, project, take_over: false, progress, poll }
    }

    /// The URL that a person can open for a stage's endpoint: the API's own port of the embedded cloud, since Python
    /// and Node resolve no `*.localhost` name on plain Linux.
    pub fn reachable(&self, endpoint: &str) -> String {
        let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = self.embedded.as_ref().zip(api_of(host)).and_then(|(running, id)| embedded::api_port(running, id));
        port.map_or_else(|| endpoint.to_owned(), |port| format!("http://localhost:{port}/{path}"))
    }
}

/// The id of the API, or function URL, that a host leads to.
pub fn api_of(host: &str) -> Option<&str> {
    let names = [".execute-api.", ".lambda-url."];
    names.iter().find_map(|name| host.split_once(name)).map(|(id, _)| id)
}

/// The endpoint among those of a target on AWS that is an embedded cloud: it is asked, whatever led to it.
fn embedded_endpoint(clients: &Clients) -> Option<String> {
    let mut urls: Vec<&str> = clients.endpoints.iter().map(|endpoint| endpoint.url.as_str()).collect();
    urls.sort_unstable();
    urls.dedup();
    urls.into_iter().find(|url| probe::is_slam(url)).map(str::to_owned)
}

/// How the person gets from an embedded cloud to AWS: what to unset, by name.
fn what_to_unset(home: &Home, url: &str, profile: Option<&str>) -> String {
    let names_it = |name: &str, value: &str| {
        name.starts_with("AWS_ENDPOINT_URL") && value.trim_end_matches('/') == url.trim_end_matches('/')
    };
    let mut names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| names_it(name, value))
        .map(|(name, _)| name)
        .collect();
    names.sort();
    if names.is_empty() {
        let profile = profile.map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
        let profile = profile.unwrap_or_else(|| "default".to_owned());
        return format!(
            "remove `endpoint_url` of the profile {profile} from AWS's configuration file, or name another `profile`"
        );
    }
    let key = embedded::access_key(home).ok();
    if key.is_some_and(|key| std::env::var("AWS_ACCESS_KEY_ID").is_ok_and(|id| id == key.access_key_id)) {
        names.extend(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(str::to_owned));
    }
    format!("`unset {}`: `slam env` sets these; local stages do not need them", names.join(" "))
}

fn credentials_hint(error: &slam_aws::ServiceError) -> &'static str {
    match error.code.as_deref() {
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => "sign in to AWS again",
        Some("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch") => {
            "the access key does not belong to this account, or not any more: look at `aws configure list`"
        }
        Some(_) => "look at `aws sts get-caller-identity`",
        None => {
            "credentials come from the environment, a profile (`profile:` in slam.yaml) or `aws configure`; is the network there?"
        }
    }
}

/// Loads the project that the command line names.
pub fn load(common: &Common) -> Result<Project> {
    Ok(Project::load(&common.config_file, &defaults())?)
}

/// What a project gets that says nothing of runtime and architecture: something that runs here.
pub fn defaults() -> Defaults {
    Defaults { runtime: crate::commands::runtime::default_runtime, ..Defaults::default() }
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
        Report::usage(message, hint)
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
            Err(Report::usage(message, format!("the stages are {}", names.join(", "))))
        }
    }
}
