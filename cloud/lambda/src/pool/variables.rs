//! The environment variables of a function: Lambda's, its credentials, and its own. Nothing of the host's.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use super::plan::Plan;
use crate::runtime::{Launch, Site};
use slam_cloud_core::Cloud;
use slam_cloud_kit::role::RoleSession;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where an environment is on this machine.
pub(super) struct Place<'a> {
    /// How it is started.
    pub(super) launch: &'a Launch,
    /// The folder of our runtime clients.
    pub(super) runtime: &'a Path,
    /// What it finds: its package and its layers.
    pub(super) site: Site<'a>,
    /// Its own folder for temporary files.
    pub(super) temporary: &'a Path,
    /// Its log stream.
    pub(super) stream: &'a str,
}

/// The variables that name folders to look in. Those of AWS's environment among them are elsewhere here.
const SEARCH_PATHS: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "NODE_PATH"];

/// The variables of an environment; `AWS_LAMBDA_RUNTIME_API` is added with each process.
pub(super) fn of(plan: &Plan, cloud: &Cloud, session: &RoleSession, place: &Place<'_>) -> Vec<(String, OsString)> {
    let Place { launch, runtime, site, temporary, stream } = *place;
    let Site { version, task_root, opt } = site;
    let mut variables: BTreeMap<String, OsString> = BTreeMap::new();
    let mut set = |name: &str, value: OsString| drop(variables.insert(name.to_owned(), value));
    set("LANG", "en_US.UTF-8".into());
    set("TZ", ":UTC".into());
    let programs = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).into_iter();
    let programs = launch.programs.clone().into_iter().chain(programs);
    set("PATH", joined(programs.chain(opt.map(|opt| opt.join("bin")))));
    let libraries = [task_root.to_owned(), task_root.join("lib")].into_iter();
    set("LD_LIBRARY_PATH", joined(libraries.chain(opt.map(|opt| opt.join("lib")))));
    set("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".into());
    set("AWS_ENDPOINT_URL", cloud.settings().endpoint().into());
    set("TMPDIR", temporary.into());
    // Without HOME an SDK asks the system whose home this is, and would read the developer's own configuration.
    set("AWS_CONFIG_FILE", "/dev/null".into());
    set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".into());
    for (name, value) in &launch.variables {
        set(name, value.clone());
    }
    for (name, value) in version.environment.iter().flatten() {
        let is_search_path = SEARCH_PATHS.contains(&name.as_str());
        set(
            name,
            if is_search_path {
                joined(std::env::split_paths(value).map(|path| site.here(&path)))
            } else {
                value.into()
            },
        );
    }
    // What follows is reserved: functions cannot set it.
    set("AWS_LAMBDA_FUNCTION_NAME", (&plan.key.function).into());
    set("AWS_LAMBDA_FUNCTION_VERSION", (&version.label).into());
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", version.memory.to_string().into());
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into());
    set("AWS_LAMBDA_LOG_GROUP_NAME", (&version.logging.group).into());
    set("AWS_LAMBDA_LOG_STREAM_NAME", stream.into());
    if version.logging.json {
        set("AWS_LAMBDA_LOG_FORMAT", "JSON".into());
        set("AWS_LAMBDA_LOG_LEVEL", version.logging.application_level.as_deref().unwrap_or("INFO").into());
    }
    // "This environment variable is not defined for OS-only runtimes."
    if !version.runtime.starts_with("provided") {
        set("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", version.runtime).into());
    }
    set("AWS_REGION", plan.context.region.as_ref().into());
    set("AWS_DEFAULT_REGION", plan.context.region.as_ref().into());
    set("AWS_ACCESS_KEY_ID", (&session.credentials.access_key_id).into());
    set("AWS_SECRET_ACCESS_KEY", (&session.credentials.secret_access_key).into());
    set("AWS_SESSION_TOKEN", (&session.credentials.session_token).into());
    set("LAMBDA_TASK_ROOT", task_root.into());
    set("LAMBDA_RUNTIME_DIR", runtime.into());
    set("_HANDLER", (&version.handler).into());
    variables.into_iter().collect()
}

fn joined(folders: impl Iterator<Item = PathBuf>) -> OsString {
    std::env::join_paths(folders).unwrap_or_else(|_| "/usr/bin:/bin".into())
}
