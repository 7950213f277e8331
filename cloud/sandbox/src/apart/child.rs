//! The cloud's end of one program, and of everything it started.

use super::channel::{REPORT, Received, receive};
use super::message::Report;
use super::process::Process;
use super::{peer, processes};
use crate::memory::Memory;
use crate::output::Output;
use crate::spec::Spec;
use crate::{Exit, SandboxError};
use rustix::net::{Shutdown, shutdown};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A running program. Dropping it kills the program and everything it started.
#[derive(Debug)]
pub struct Child {
    group: Group,
    output: Option<Output>,
    exit: Option<Exit>,
    /// Keeps the process alive that started the program, whose end would be the program's.
    _launcher: Arc<Process>,
}

impl Child {
    /// Waits until it runs.
    pub(super) async fn begin(
        control: AsyncFd<OwnedFd>,
        output: Output,
        spec: &Spec,
        launcher: Arc<Process>,
    ) -> Result<Self, SandboxError> {
        let failed = |reason| SandboxError::Start { program: spec.program.display().to_string(), reason };
        let mut program = None;
        loop {
            let Some((report, sender)) = next(&control).await.map_err(failed)? else {
                return Err(SandboxError::Closed);
            };
            match report {
                Report::Program => program = sender,
                Report::Started { bounded } => {
                    let (Some(program), Some(init)) = (program, sender) else { return Err(SandboxError::Closed) };
                    let processes = (!bounded).then_some(spec.limits.processes);
                    let ended = AtomicBool::new(false);
                    let group = Group { shared: Arc::new(Shared { control, program, init, processes, ended }) };
                    return Ok(Self { group, output: Some(output), exit: None, _launcher: launcher });
                }
                Report::NotStarted(number) => return Err(failed(io::Error::from_raw_os_error(number))),
                Report::NoWalls(reason) => return Err(SandboxError::Walls(reason)),
                Report::Ended(_) => {}
            }
        }
    }

    /// The handle by which the whole group is killed, frozen and measured from elsewhere.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// What the program prints; `None` when it was taken before.
    pub fn take_output(&mut self) -> Option<Output> {
        self.output.take()
    }

    /// Waits for the program's end and that of whatever it left running. May be cancelled and called again.
    pub async fn wait(&mut self) -> Exit {
        while let Ok(Some((report, _))) = next(&self.group.shared.control).await {
            if let Report::Ended(status) = report {
                self.exit = Some(ExitStatus::from_raw(status).into());
            }
        }
        self.group.shared.ended.store(true, Ordering::Release);
        self.exit.unwrap_or(Exit::Unknown)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.group.kill();
    }
}

/// What is told next, and who tells it; `None` at the end, which is that of the init and of all that it looked after.
async fn next(control: &AsyncFd<OwnedFd>) -> io::Result<Option<(Report, Option<Pid>)>> {
    loop {
        let Received { bytes, sender, .. } =
            control.async_io(Interest::READABLE, |control| receive(control, REPORT)).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if let Some(report) = Report::decode(&bytes) {
            return Ok(Some((report, sender)));
        }
    }
}

/// A program and everything it started. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Group {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    control: AsyncFd<OwnedFd>,
    program: Pid,
    init: Pid,
    /// How many processes and threads there may be, where the kernel does not hold them to it.
    processes: Option<u64>,
    /// Set once the program was waited for: from then on its number may belong to another.
    ended: AtomicBool,
}

impl Group {
    /// Kills the program and everything it started, wherever that has gone.
    pub fn kill(&self) {
        // Fails only when nothing is left to kill.
        let _ = shutdown(self.shared.control.get_ref(), Shutdown::Write);
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
        self.is_there()
            .then(|| processes::memory(self.shared.program, self.shared.init, self.shared.processes))
            .flatten()
    }

    /// The most memory that the program itself used, without what it started: told at a fraction of the cost.
    pub fn peak(&self) -> Option<u64> {
        self.is_there().then(|| processes::peak(self.shared.program)).flatten()
    }

    /// Whether a process of the group has the end at `peer` of a connection with `local`, on this machine. Reads what the
    /// kernel tells of processes: call it on a thread that may block.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn is_peer(&self, peer: SocketAddrV4, local: SocketAddrV4) -> io::Result<bool> {
        let Some(socket) = peer::socket(peer, local)? else { return Ok(false) };
        let of_group =
            || processes::descendants(self.shared.init).into_iter().any(|process| peer::has(process, socket));
        // A process whose parent ends while they are looked through may be overlooked once.
        Ok(self.is_there() && (of_group() || of_group()))
    }

    fn is_there(&self) -> bool {
        !self.shared.ended.load(Ordering::Acquire)
    }

    fn signal(&self, signal: Signal) {
        if self.is_there() {
            let _ = kill_process_group(self.shared.program, signal);
        }
    }
}
