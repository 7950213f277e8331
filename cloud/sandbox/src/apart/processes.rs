//! What the kernel tells of processes.

use crate::memory::Memory;
use rustix::process::Pid;

/// Processes of a group that are looked at, so that a fork bomb does not keep the watcher busy.
const PROCESSES: usize = 2048;

/// The memory of a program and of what else has come below its `init`, where there may be so many `processes`.
pub(super) fn memory(program: Pid, init: Pid, processes: Option<u64>) -> Option<Memory> {
    let mut memory = status(program)?;
    let group = descendants(init);
    if group.len() > 1 {
        // After a fork almost everything is shared: only the proportional set size tells what the group really uses.
        let together: u64 = group.iter().copied().filter_map(proportional).sum();
        memory.resident = together.max(memory.resident);
    }
    memory.peak = memory.peak.max(memory.resident);
    memory.crowded = processes.is_some_and(|most| group.iter().map(|process| threads(*process)).sum::<u64>() > most);
    Some(memory)
}

/// The most that one process had resident since its start.
pub(super) fn peak(pid: Pid) -> Option<u64> {
    status(pid).map(|memory| memory.peak)
}

/// Everything the process started that still runs, without itself.
pub(super) fn descendants(pid: Pid) -> Vec<Pid> {
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

fn status(pid: Pid) -> Option<Memory> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    Some(Memory { resident: field(&text, "VmRSS:")?, peak: field(&text, "VmHWM:")?, crowded: false })
}

fn threads(pid: Pid) -> u64 {
    std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).map_or(0, |threads| threads.count() as u64)
}

fn proportional(pid: Pid) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", pid.as_raw_nonzero())).ok()?;
    field(&text, "Pss:")
}

/// The bytes of a line such as `VmRSS:      1234 kB`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
