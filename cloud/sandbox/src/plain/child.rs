//! A running program, and what it started.

use crate::Exit;
use crate::memory::Memory;
use crate::output::Output;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A running program. Dropping it kills the program and its group.
#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    group: Group,
    output: Option<Output>,
}

impl Child {
    pub(super) fn new(process: tokio::process::Child, output: Output) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(process.id()?).ok()?)?;
        let group = Group { pid, ended: Arc::new(AtomicBool::new(false)) };
        Some(Self { process, group, output: Some(output) })
    }

    /// The handle by which the whole group is killed and frozen from elsewhere.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// What the program prints; `None` when it was taken before.
    pub fn take_output(&mut self) -> Option<Output> {
        self.output.take()
    }

    /// Waits for the program's end and then ends what is left of its group. May be cancelled and called again.
    pub async fn wait(&mut self) -> Exit {
        let status = self.process.wait().await;
        self.group.kill();
        self.group.ended.store(true, Ordering::Release);
        status.map_or(Exit::Unknown, Exit::from)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.group.kill();
    }
}

/// A program and the rest of its process group. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Group {
    pid: Pid,
    /// Set once the program was waited for: from then on its number may belong to another.
    ended: Arc<AtomicBool>,
}

impl Group {
    /// Kills the program and its group.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops the group where it is: it gets no processor until [`Group::thaw`].
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen group go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// The memory the group uses: the system does not tell.
    pub fn memory(&self) -> Option<Memory> {
        None
    }

    /// The most memory that the program itself used: the system does not tell.
    pub fn peak(&self) -> Option<u64> {
        None
    }

    /// Whether a process of the group has the end at `peer` of a connection with `local`.
    ///
    /// # Errors
    /// Always: the system does not tell.
    pub fn is_peer(&self, _peer: SocketAddrV4, _local: SocketAddrV4) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn signal(&self, signal: Signal) {
        if !self.ended.load(Ordering::Acquire) {
            // Fails only when nothing is left.
            let _ = kill_process_group(self.pid, signal);
        }
    }
}
