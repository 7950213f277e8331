//! The one thread that starts programs.
//!
//! The kernel kills a program when the *thread* that started it ends (`PR_SET_PDEATHSIG`), and a runtime's worker
//! threads come and go. So all programs are started by one thread that lives as long as the process.

pub(crate) mod child;

use crate::output::Output;
use crate::setup::spec::Spec;
use crate::{SandboxError, setup};
use child::Child;
use std::process::Stdio;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Programs that may wait to be started.
const QUEUE: usize = 256;

type Job = (Spec, oneshot::Sender<Result<Child, SandboxError>>);

/// Starts programs. Cheap to clone; the thread ends with the last clone, of which every [`Child`] has one.
#[derive(Clone, Debug)]
pub struct Launcher {
    jobs: mpsc::Sender<Job>,
}

impl Launcher {
    /// Starts the thread. Must be called within a Tokio runtime, which then learns of the programs' ends.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime is there.
    pub fn new() -> Result<Self, SandboxError> {
        let runtime = Handle::try_current().map_err(|_| SandboxError::Closed)?;
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        std::thread::Builder::new()
            .name("sandbox-launcher".into())
            .spawn(move || {
                let _runtime = runtime.enter();
                while let Some((spec, answer)) = queue.blocking_recv() {
                    // Whoever asked may have gone: dropping the child kills it.
                    let _ = answer.send(start(&spec));
                }
            })
            .map_err(|_| SandboxError::Closed)?;
        Ok(Self { jobs })
    }

    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn launch(&self, spec: Spec) -> Result<Child, SandboxError> {
        let (answer, waiting) = oneshot::channel();
        self.jobs.send((spec, answer)).await.map_err(|_| SandboxError::Closed)?;
        let mut child = waiting.await.map_err(|_| SandboxError::Closed)??;
        child.keep(self.clone());
        Ok(child)
    }
}

fn start(spec: &Spec) -> Result<Child, SandboxError> {
    let failed = |reason| SandboxError::Start { program: spec.program.display().to_string(), reason };
    // One pipe for both streams, so that their order is kept.
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    let mut command = std::process::Command::new(&spec.program);
    command
        .args(&spec.arguments)
        .env_clear()
        .envs(spec.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&spec.directory)
        .stdin(Stdio::null())
        .stderr(writer.try_clone().map_err(failed)?)
        .stdout(writer);
    setup::confine(&mut command, spec).map_err(failed)?;
    let process = tokio::process::Command::from(command).spawn().map_err(failed)?;
    let output = Output::new(reader.into(), spec.limits.line).map_err(failed)?;
    Child::new(process, output).ok_or(SandboxError::Closed)
}
