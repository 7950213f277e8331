//! The embedded cloud as a background process of this machine: started at need, found again, stopped.
//!
//! A record in the data folder says where the cloud of a home is. It may be of one that was killed, whose port or process id
//! somebody else has since: what answers there is taken for this home's cloud only if it says that it is the one of the record.
//!
//! - [`log`]: what clouds print. [`probe`]: asking one.

mod log;
pub mod probe;

use crate::home::Home;
use log::Log;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use serde::Deserialize;
use slam_cloud_server::{Lack, Machine};
use slam_report::{Context, Report, Result};
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
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
    /// The process of the cloud, as it tells itself. Clouds of older versions do not.
    instance: Option<String>,
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
    let health = probe::health(record.port)?;
    let is_ours = match &record.instance {
        Some(instance) => health["instance"] == instance.as_str(),
        // Of an older version, which does not say who it is: its home is in use, and its like answers there.
        None => health["instance"].is_null() && slam_cloud_server::is_in_use(&home.cloud()),
    };
    if !is_ours {
        return None;
    }
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

/// Starts a cloud in the background and waits until it answers. Where another command does so at the same time, that one's
/// is taken.
pub fn start(home: &Home, arguments: &[String]) -> Result<Running> {
    home.make()?;
    let begun = Instant::now();
    let _turn = my_turn(home, begun)?;
    if let Some(running) = running(home) {
        return Ok(running);
    }
    let mut log = Log::open(home)?;
    let program = std::env::current_exe().context("slam does not find its own program file")?;
    let mut child = Command::new(program)
        .args(["cloud", "start", "--foreground"])
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.file.try_clone()?)
        .stderr(log.file.try_clone()?)
        // A group of its own: what ends this command, Ctrl-C among it, does not end the cloud.
        .process_group(0)
        .spawn()
        .context("the embedded cloud could not be started")?;
    loop {
        if let Some(running) = running(home).filter(|running| running.pid == child.id()) {
            return Ok(Running { started_now: true, ..running });
        }
        if child.try_wait()?.is_some() {
            // Somebody may have started one in the foreground meanwhile, which has the data folder.
            if let Some(running) = running(home) {
                return Ok(running);
            }
            let said = log.said();
            let said = said.trim().trim_start_matches("error: ");
            let said = if said.is_empty() { "the embedded cloud ended at once without a word" } else { said };
            return Err(Report::failure(said));
        }
        if begun.elapsed() > START {
            return Err(too_slow(home));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until no other command starts a cloud for this home; nobody else does while the file is open.
fn my_turn(home: &Home, begun: Instant) -> Result<File> {
    let path = home.root().join("start.lock");
    let opened = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let turn = opened.context(format_args!("{} cannot be written", path.display()))?;
    while flock(&turn, FlockOperation::NonBlockingLockExclusive).is_err() {
        if begun.elapsed() > START {
            return Err(too_slow(home));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(turn)
}

fn too_slow(home: &Home) -> Report {
    let (seconds, log) = (START.as_secs(), home.cloud_log());
    Report::failure(format_args!("the embedded cloud does not answer after {seconds} s; its log is {}", log.display()))
}

/// Ends the cloud of this home and waits until it is gone. `false` when none runs.
pub fn stop(home: &Home) -> Result<bool> {
    let Some(found) = running(home) else { return Ok(false) };
    let pid = i32::try_from(found.pid).ok().and_then(Pid::from_raw);
    let pid = pid.context("the record of the running cloud has no usable process id")?;
    let unendable = || format!("process {} cannot be ended", found.pid);
    // From here on it is this process, and no other that gets its id; where the system has such a handle.
    let process = pidfd_open(pid, PidfdFlags::empty());
    if running(home).is_none_or(|running| running.pid != found.pid) {
        return Ok(false);
    }
    let sent = match process {
        Ok(process) => pidfd_send_signal(&process, Signal::TERM),
        Err(_) => kill_process(pid, Signal::TERM),
    };
    sent.context(unendable())?;
    let begun = Instant::now();
    // Its process id may outlive it, as long as whoever started it does not ask how it ended.
    while slam_cloud_server::is_in_use(&home.cloud()) {
        if begun.elapsed() > STOP {
            return Err(Report::failure(format_args!("the embedded cloud (process {}) does not end", found.pid)));
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

/// How much faster than this machine's clock the cloud's is.
pub fn time_scale(running: &Running) -> Option<u64> {
    probe::health(running.port)?.get("time_scale")?.as_u64()
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

/// What was delivered lately, after the `after`th; `None` when nobody answers.
pub fn deliveries(running: &Running, after: Option<u64>) -> Option<serde_json::Value> {
    let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let (status, body) = probe::request(running.port, &running.token, "GET", &format!("/_slam/deliveries{after}"))?;
    (status == 200).then(|| serde_json::from_str(&body).ok()).flatten()
}

/// The loopback port of an API, on which its stages have URLs that every client can resolve.
pub fn api_port(running: &Running, api_id: &str) -> Option<u16> {
    let (_, body) = probe::request(running.port, &running.token, "GET", "/_slam/apis")?;
    let apis: serde_json::Value = serde_json::from_str(&body).ok()?;
    apis.get(api_id)?.get("port")?.as_u64()?.try_into().ok()
}
