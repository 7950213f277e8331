//! The memory of a program and everything it started.

use rustix::process::Pid;

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident now. Pages that several processes of the group share are counted once.
    pub resident: u64,
    /// The most that was resident since the start.
    pub peak: u64,
}

/// Processes of a group that are looked at, so that a fork bomb does not keep the watcher busy.
#[cfg(target_os = "linux")]
const PROCESSES: usize = 1024;

#[cfg(target_os = "linux")]
pub(crate) fn of(pid: Pid) -> Option<Memory> {
    let mut memory = status(pid)?;
    let others = descendants(pid);
    if !others.is_empty() {
        // After a fork almost everything is shared: only the proportional set size tells what the group really uses.
        let group: u64 = std::iter::once(pid).chain(others).filter_map(proportional).sum();
        memory.resident = group.max(memory.resident);
    }
    memory.peak = memory.peak.max(memory.resident);
    Some(memory)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_pid: Pid) -> Option<Memory> {
    None
}

/// The most that one process had resident since its start.
#[cfg(target_os = "linux")]
pub(crate) fn peak(pid: Pid) -> Option<u64> {
    status(pid).map(|memory| memory.peak)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn peak(_pid: Pid) -> Option<u64> {
    None
}

/// Everything the process started that still runs, without itself.
#[cfg(target_os = "linux")]
pub(crate) fn descendants(pid: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    let mut next = 0;
    let mut current = pid;
    loop {
        found.extend(children(current));
        if found.len() >= PROCESSES || next == found.len() {
            return found;
        }
        current = found[next];
        next += 1;
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn descendants(_pid: Pid) -> Vec<Pid> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn children(pid: Pid) -> Vec<Pid> {
    let pid = pid.as_raw_nonzero();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|line| line.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect::<Vec<_>>())
        .collect()
}

#[cfg(target_os = "linux")]
fn status(pid: Pid) -> Option<Memory> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    Some(Memory { resident: field(&text, "VmRSS:")?, peak: field(&text, "VmHWM:")? })
}

#[cfg(target_os = "linux")]
fn proportional(pid: Pid) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", pid.as_raw_nonzero())).ok()?;
    field(&text, "Pss:")
}

/// The bytes of a line such as `VmRSS:      1234 kB`.
#[cfg(target_os = "linux")]
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
