//! The launcher process, as the cloud holds it.

use super::channel::{REPORT, pair, receive};
use super::message::decode_layers;
use super::walls::Layers;
use super::{host, system};
use crate::SandboxError;
use rustix::io::ioctl_fionbio;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How long the launcher may take to find out what the system lets it do.
const TRIALS: Duration = Duration::from_secs(20);

/// The launcher process. It ends when nobody holds it any more.
#[derive(Debug)]
pub(super) struct Process {
    /// Where it takes its jobs from.
    pub(super) jobs: AsyncFd<OwnedFd>,
    /// What it puts around programs, and why not more.
    pub(super) layers: Layers,
    pub(super) reason: Option<String>,
    /// Kept so that its end is waited for.
    _child: tokio::process::Child,
}

impl Process {
    /// Starts it, for programs that shall find `folder` read-only, and waits until it has found out what it may do. Must
    /// be called within a Tokio runtime.
    pub(super) fn start(folder: &Path) -> Result<Self, SandboxError> {
        let failed = |reason| SandboxError::Start { program: "the launcher of programs".into(), reason };
        let (jobs, theirs) = pair().map_err(failed)?;
        let child = tokio::process::Command::from(host::command(folder, theirs)).spawn().map_err(failed)?;
        let found = set_socket_timeout(&jobs, Timeout::Recv, Some(TRIALS)).map_err(io::Error::from);
        let found = found.and_then(|()| receive(&jobs, REPORT)).map_err(failed)?;
        let (layers, reason) = decode_layers(&found.bytes).ok_or(SandboxError::Closed)?;
        ioctl_fionbio(&jobs, true).map_err(|error| failed(error.into()))?;
        let jobs = system::watched(jobs, Interest::WRITABLE).map_err(failed)?;
        Ok(Self { jobs, layers, reason, _child: child })
    }
}
