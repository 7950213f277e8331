//! A running program, and everything it started.

use super::Launcher;
use crate::memory::Memory;
use crate::output::Output;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A running program. Dropping it kills the program and everything it started.
#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    group: Group,
    output: Option<Output>,
    /// Keeps the thread that started the program alive, whose end would be the program's.
    launcher: Option<Launcher>,
}

impl Child {
    pub(crate) fn new(process: tokio::process::Child, output: Output) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(process.id()?).ok()?)?;
        let group = Group { pid, ended: Arc::new(AtomicBool::new(false)) };
        Some(Self { process, group, output: Some(output), launcher: None })
    }

    pub(crate) fn keep(&mut self, launcher: Launcher) {
        self.launcher = Some(launcher);
    }

    /// The handle by which the whole group is killed, frozen and measured from elsewhere.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// What the program prints; `None` when it was taken before.
    pub fn take_output(&mut self) -> Option<Output> {
        self.output.take()
    }

    /// Waits for the program's end and then ends whatever it left running. May be cancelled and called again.
    pub async fn wait(&mut self) -> Exit {
        let status = self.process.wait().await;
        self.group.kill();
        self.group.ended.store(true, Ordering::Release);
        match status {
            Ok(status) => status.code().map_or(Exit::Signal(status.signal().unwrap_or_default()), Exit::Code),
            Err(_) => Exit::Unknown,
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.group.kill();
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// The system did not say.
    Unknown,
}

impl fmt::Display for Exit {
    /// As Go's `os/exec` and with it AWS's runtimes say it: "exit status 1", "signal: killed".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exit status {code}"),
            Self::Signal(number) => match signal_name(*number) {
                Some(name) => write!(formatter, "signal: {name}"),
                None => write!(formatter, "signal {number}"),
            },
            Self::Unknown => formatter.write_str("unknown exit status"),
        }
    }
}

fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        libc::SIGHUP => "hangup",
        libc::SIGINT => "interrupt",
        libc::SIGQUIT => "quit",
        libc::SIGILL => "illegal instruction",
        libc::SIGTRAP => "trace/breakpoint trap",
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGKILL => "killed",
        libc::SIGUSR1 => "user defined signal 1",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGUSR2 => "user defined signal 2",
        libc::SIGPIPE => "broken pipe",
        libc::SIGALRM => "alarm clock",
        libc::SIGTERM => "terminated",
        _ => return None,
    })
}

/// A program and everything it started. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Group {
    pid: Pid,
    /// Set once the program was waited for: from then on its number may belong to another.
    ended: Arc<AtomicBool>,
}

impl Group {
    /// Kills the program, its group, and those of its descendants that left the group.
    pub fn kill(&self) {
        if self.ended.load(Ordering::Acquire) {
            return;
        }
        for process in crate::memory::descendants(self.pid) {
            let _ = kill_process(process, Signal::KILL);
        }
        // Fails only when nothing is left to kill.
        let _ = kill_process_group(self.pid, Signal::KILL);
    }

    /// Stops the group where it is: it gets no processor until [`Group::thaw`].
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen group go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// The memory the group uses now and used at most; `None` where the system does not tell or it has ended.
    pub fn memory(&self) -> Option<Memory> {
        if self.ended.load(Ordering::Acquire) { None } else { crate::memory::of(self.pid) }
    }

    /// The most memory that the program itself used, without what it started: told at a fraction of the cost.
    pub fn peak(&self) -> Option<u64> {
        if self.ended.load(Ordering::Acquire) { None } else { crate::memory::peak(self.pid) }
    }

    fn signal(&self, signal: Signal) {
        if !self.ended.load(Ordering::Acquire) {
            let _ = kill_process_group(self.pid, signal);
        }
    }
}
