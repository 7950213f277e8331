//! The launcher process, as the cloud holds it.

use super::walls::Layers;
use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;

/// The launcher process. It ends when nobody holds it any more.
#[derive(Debug)]
pub(super) struct Process {
    /// Where it takes its jobs from.
    pub(super) jobs: AsyncFd<OwnedFd>,
    /// What it puts around programs, and why not more.
    pub(super) layers: Layers,
    pub(super) reason: Option<String>,
    /// Kept so that its end is waited for.
    pub(super) _child: tokio::process::Child,
}
