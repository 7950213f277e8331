//! The cloud's end of the launcher.

use super::channel::{REPORT, pair, receive, send};
use super::child::Child;
use super::message::{decode_layers, encode_spec};
use super::process::Process;
use super::{host, system};
use crate::SandboxError;
use crate::output::Output;
use crate::spec::Spec;
use rustix::io::ioctl_fionbio;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::Interest;

/// How long the launcher may take to find out what the system lets it do.
const TRIALS: Duration = Duration::from_secs(20);

/// Starts programs. Cheap to clone; its process ends with the last clone, of which every [`Child`] has one.
#[derive(Clone, Debug)]
pub struct Launcher {
    process: Arc<Process>,
}

impl Launcher {
    /// Starts the launcher, for programs that shall find `folder` read-only. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn new(folder: &Path) -> Result<Self, SandboxError> {
        let failed = |reason| SandboxError::Start { program: "the launcher of programs".into(), reason };
        let (jobs, theirs) = pair().map_err(failed)?;
        let process = tokio::process::Command::from(host::command(folder, theirs)).spawn().map_err(failed)?;
        let found = set_socket_timeout(&jobs, Timeout::Recv, Some(TRIALS)).map_err(io::Error::from);
        let found = found.and_then(|()| receive(&jobs, REPORT)).map_err(failed)?;
        let (layers, reason) = decode_layers(&found.bytes).ok_or(SandboxError::Closed)?;
        ioctl_fionbio(&jobs, true).map_err(|error| failed(error.into()))?;
        let jobs = system::watched(jobs, Interest::WRITABLE).map_err(failed)?;
        Ok(Self { process: Arc::new(Process { jobs, layers, reason, _child: process }) })
    }

    /// Whether programs have mounts of their own: a read-only folder, and a `/tmp`.
    pub fn has_mounts(&self) -> bool {
        self.process.layers.mounts
    }

    /// Whether the kernel ends what a program leaves running, whatever it does.
    pub fn has_processes(&self) -> bool {
        self.process.layers.processes
    }

    /// Why one of these is not to be had here.
    pub fn reason(&self) -> Option<&str> {
        self.process.reason.as_deref()
    }

    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn launch(&self, spec: Spec) -> Result<Child, SandboxError> {
        let failed = |reason| SandboxError::Start { program: spec.program.display().to_string(), reason };
        // One pipe for both streams, so that their order is kept.
        let (reader, writer) = io::pipe().map_err(failed)?;
        let (control, theirs) = pair().map_err(failed)?;
        ioctl_fionbio(&control, true).map_err(|error| failed(error.into()))?;
        let job = encode_spec(&spec).map_err(failed)?;
        let files = [writer.as_fd(), theirs.as_fd()];
        let sent = self.process.jobs.async_io(Interest::WRITABLE, |jobs| send(jobs, &job, &files)).await;
        sent.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => SandboxError::Closed,
            _ => failed(error),
        })?;
        drop((writer, theirs));
        let output = Output::new(reader.into(), spec.limits.line).map_err(failed)?;
        let control = system::watched(control, Interest::READABLE).map_err(failed)?;
        Child::begin(control, output, &spec, Arc::clone(&self.process)).await
    }
}
