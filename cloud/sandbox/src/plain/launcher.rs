//! Starts programs.

use super::child::Child;
use super::setup;
use crate::SandboxError;
use crate::output::Output;
use crate::spec::Spec;
use std::io;
use std::path::Path;
use std::process::Stdio;

/// Starts programs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Launcher {}

impl Launcher {
    /// Starts the launcher. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// None here.
    pub fn new(_folder: &Path) -> Result<Self, SandboxError> {
        Ok(Self {})
    }

    /// Whether programs have mounts of their own: a read-only folder, and a `/tmp`.
    pub fn has_mounts(&self) -> bool {
        false
    }

    /// Whether the kernel ends what a program leaves running, whatever it does.
    pub fn has_processes(&self) -> bool {
        false
    }

    /// Why one of these is not to be had here.
    pub fn reason(&self) -> Option<&str> {
        Some("only Linux has namespaces")
    }

    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn launch(&self, spec: Spec) -> Result<Child, SandboxError> {
        let failed = |reason| SandboxError::Start { program: spec.program.display().to_string(), reason };
        // One pipe for both streams, so that their order is kept.
        let (reader, writer) = io::pipe().map_err(failed)?;
        let mut command = std::process::Command::new(&spec.program);
        command
            .args(&spec.arguments)
            .env_clear()
            .envs(spec.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&spec.directory)
            .stdin(Stdio::null())
            .stderr(writer.try_clone().map_err(failed)?)
            .stdout(writer);
        setup::confine(&mut command, &spec);
        let process = tokio::process::Command::from(command).spawn().map_err(failed)?;
        let output = Output::new(reader.into(), spec.limits.line).map_err(failed)?;
        Child::new(process, output).ok_or(SandboxError::Closed)
    }
}
