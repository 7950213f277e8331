//! The cloud's end of the launcher.

use super::channel::{pair, send};
use super::child::Child;
use super::message::encode_spec;
use super::process::Process;
use super::system;
use crate::SandboxError;
use crate::output::Output;
use crate::spec::Spec;
use rustix::io::ioctl_fionbio;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::Interest;

/// Starts programs. Cheap to clone; its process ends with the last clone, of which every [`Child`] has one.
#[derive(Clone, Debug)]
pub struct Launcher {
    folder: PathBuf,
    /// What was found at the start.
    first: Arc<Process>,
    /// The process that takes jobs now: another one, if somebody has killed the first.
    current: Arc<Mutex<Arc<Process>>>,
}

impl Launcher {
    /// Starts the launcher, for programs that shall find `folder` read-only. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn new(folder: &Path) -> Result<Self, SandboxError> {
        let first = Arc::new(Process::start(folder)?);
        let current = Arc::new(Mutex::new(Arc::clone(&first)));
        Ok(Self { folder: folder.to_owned(), first, current })
    }

    /// Whether programs have mounts of their own: a read-only folder, and a `/tmp`.
    pub fn has_mounts(&self) -> bool {
        self.first.layers.mounts
    }

    /// Whether the kernel ends what a program leaves running, whatever it does.
    pub fn has_processes(&self) -> bool {
        self.first.layers.processes
    }

    /// Why one of these is not to be had here.
    pub fn reason(&self) -> Option<&str> {
        self.first.reason.as_deref()
    }

    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn launch(&self, spec: Spec) -> Result<Child, SandboxError> {
        let process = self.current();
        match launch(&process, &spec).await {
            Err(SandboxError::Closed) => launch(&self.instead_of(process).await?, &spec).await,
            launched => launched,
        }
    }

    fn current(&self) -> Arc<Process> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another process in place of one that has ended, if nobody has started one already.
    async fn instead_of(&self, ended: Arc<Process>) -> Result<Arc<Process>, SandboxError> {
        let (folder, current) = (self.folder.clone(), Arc::clone(&self.current));
        let start = move || {
            let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&current, &ended) {
                *current = Arc::new(Process::start(&folder)?);
            }
            Ok(Arc::clone(&current))
        };
        tokio::task::spawn_blocking(start).await.map_err(|_| SandboxError::Closed)?
    }
}

async fn launch(process: &Arc<Process>, spec: &Spec) -> Result<Child, SandboxError> {
    let failed = |reason| SandboxError::Start { program: spec.program.display().to_string(), reason };
    // One pipe for both streams, so that their order is kept.
    let (reader, writer) = io::pipe().map_err(failed)?;
    let (control, theirs) = pair().map_err(failed)?;
    ioctl_fionbio(&control, true).map_err(|error| failed(error.into()))?;
    let job = encode_spec(spec).map_err(failed)?;
    let files = [writer.as_fd(), theirs.as_fd()];
    let sent = process.jobs.async_io(Interest::WRITABLE, |jobs| send(jobs, &job, &files)).await;
    sent.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => SandboxError::Closed,
        _ => failed(error),
    })?;
    drop((writer, theirs));
    let output = Output::new(reader.into(), spec.limits.line).map_err(failed)?;
    let control = system::watched(control, Interest::READABLE).map_err(failed)?;
    Child::begin(control, output, spec, Arc::clone(process)).await
}
