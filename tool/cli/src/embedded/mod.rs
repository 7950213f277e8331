//! The embedded cloud as a background process of this machine: started at need, found again, stopped.

pub mod probe;

use crate::home::Home;
use serde::Deserialize;
use slam_cloud_server::{Lack, Machine};
use slam_report::{Context, Report, Result};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A cloud that answers.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its process.
    pub pid: u32,
    /// Its port.
    pub port: u16,
    /// The version of slam it belongs to.
    pub version: String,
    /// What opens its own endpoints.
    token: String,
    /// Whether this command started it.
    pub started_now: bool,
}

/// What a running cloud writes into its data folder.
#[derive(Deserialize)]
struct Record {
    pid: u32,
    port: u16,
    #[serde(default)]
    version: String,
}

/// The access key of this installation, and its token.
#[derive(Clone, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub access_key_id: String,
    /// Forty characters.
    pub secret_access_key: String,
    /// What opens the cloud's own endpoints.
    #[serde(default)]
    pub token: String,
}

/// How long a cloud may take to answer after its start.
const START: Duration = Duration::from_secs(30);
/// How long a cloud may take to end its functions and itself.
const STOP: Duration = Duration::from_secs(15);

/// The cloud of this home, when it runs and answers.
pub fn running(home: &Home) -> Option<Running> {
    let record = record(home)?;
    probe::health(record.port)?;
    let token = access_key(home).map(|key| key.token).unwrap_or_default();
    Some(Running { pid: record.pid, port: record.port, version: record.version, token, started_now: false })
}

fn record(home: &Home) -> Option<Record> {
    let text = std::fs::read_to_string(home.cloud().join("cloud.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// The cloud of this home, started when none runs.
pub fn ensure(home: &Home) -> Result<Running> {
    match running(home) {
        Some(running) => Ok(running),
        None => start(home, &[]),
    }
}

/// Starts a cloud in the background and waits until it answers.
pub fn start(home: &Home, arguments: &[String]) -> Result<Running> {
    std::fs::create_dir_all(home.root()).context(format_args!("{} cannot be created", home.root().display()))?;
    let log_path = home.cloud_log();
    let log = std::fs::File::create(&log_path).context(format_args!("{} cannot be written", log_path.display()))?;
    let program = std::env::current_exe().context("slam does not find its own program file")?;
    let mut child = Command::new(program)
        .args(["cloud", "start", "--foreground"])
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // A group of its own: what ends this command, Ctrl-C among it, does not end the cloud.
        .process_group(0)
        .spawn()
        .context("the embedded cloud could not be started")?;
    let begun = Instant::now();
    loop {
        if let Some(running) = running(home).filter(|running| running.pid == child.id()) {
            return Ok(Running { started_now: true, ..running });
        }
        if child.try_wait()?.is_some() {
            let said = std::fs::read_to_string(&log_path).unwrap_or_default();
            let said = said.trim().trim_start_matches("error: ");
            let said = if said.is_empty() { "the embedded cloud ended at once without a word" } else { said };
            return Err(Report::failure(said));
        }
        if begun.elapsed() > START {
            let (seconds, log) = (START.as_secs(), log_path.display());
            let message = format_args!("the embedded cloud does not answer after {seconds} s; its log is {log}");
            return Err(Report::failure(message));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ends the cloud of this home and waits until it is gone. `false` when none runs.
pub fn stop(home: &Home) -> Result<bool> {
    let Some(running) = running(home) else { return Ok(false) };
    let pid = i32::try_from(running.pid).ok().and_then(rustix::process::Pid::from_raw);
    let pid = pid.context("the record of the running cloud has no usable process id")?;
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)
        .context(format_args!("process {} cannot be ended", running.pid))?;
    let begun = Instant::now();
    // Its process id may outlive it, as long as whoever started it does not ask how it ended.
    while slam_cloud_server::is_in_use(&home.cloud()) {
        if begun.elapsed() > STOP {
            return Err(Report::failure(format_args!("the embedded cloud (process {}) does not end", running.pid)));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(true)
}

/// Forgets everything in the cloud.
pub fn reset(running: &Running) -> Result<()> {
    match probe::request(running.port, &running.token, "POST", "/_slam/reset") {
        Some((200..300, _)) => Ok(()),
        Some((status, body)) => {
            Err(Report::failure(format_args!("the embedded cloud answered {status} to the reset: {body}")))
        }
        None => Err(Report::failure(format_args!("the embedded cloud does not answer on port {}", running.port))),
    }
}

/// What functions ran on since the cloud was started, by runtime.
pub fn runtimes(running: &Running) -> Option<serde_json::Map<String, serde_json::Value>> {
    probe::health(running.port)?.get("runtimes")?.as_object().cloned()
}

/// What this machine lacks for functions to run on a runtime: a cloud that runs says so, else one that is started here.
pub fn lacks(home: &Home, runtime: &str) -> Option<Lack> {
    let Some(running) = running(home) else { return Machine::new(&home.cloud()).lacks(runtime) };
    // One of an older slam does not know the question: it then refuses the function by itself.
    let (status, body) = probe::request(running.port, &running.token, "GET", &format!("/_slam/runtimes/{runtime}"))?;
    let answer: serde_json::Value = serde_json::from_str(&body).ok().filter(|_| status == 200)?;
    let text = |key: &str| answer["lacks"][key].as_str().map(str::to_owned);
    Some(Lack { what: text("what")?, remedy: text("remedy")? })
}

/// The access key that the cloud made at its first start.
pub fn access_key(home: &Home) -> Result<AccessKey> {
    let path = home.cloud().join("credentials.json");
    let text = std::fs::read_to_string(&path).context(format_args!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).context(format_args!("{} is damaged", path.display()))
}

/// The loopback port of an API, on which its stages have URLs that every client can resolve.
pub fn api_port(running: &Running, api_id: &str) -> Option<u16> {
    let (_, body) = probe::request(running.port, &running.token, "GET", "/_slam/apis")?;
    let apis: serde_json::Value = serde_json::from_str(&body).ok()?;
    apis.get(api_id)?.get("port")?.as_u64()?.try_into().ok()
}
