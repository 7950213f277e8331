//! `package.before`: the user's command, run before the files are gathered.

use crate::{Architecture, BundleError, Progress, Step};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// How much of what the command said is told when it fails.
const TOLD: usize = 20;

/// Run the command, if there is one, in `directory`.
pub fn run(
    directory: &Path,
    command: Option<&str>,
    runtime: &str,
    architecture: Architecture,
    progress: &dyn Progress,
) -> Result<(), BundleError> {
    let Some(command) = command else { return Ok(()) };
    if !directory.is_dir() {
        return Err(BundleError::Project { project: directory.to_owned() });
    }
    progress.step(Step::Before { command });
    let program = std::path::PathBuf::from("sh");
    let start = |source| BundleError::Start { program: program.clone(), source };
    // A file, not a pipe: the command may say a lot, and may leave a process behind that keeps a pipe open.
    let said = tempfile::NamedTempFile::new().map_err(start)?;
    let output = |file: &File| file.try_clone().map(Stdio::from).map_err(start);
    let status = Command::new("sh")
        .args(["-c", command])
        .current_dir(directory)
        .env("SLAM_RUNTIME", runtime)
        .env("SLAM_ARCHITECTURE", architecture.as_str())
        .stdin(Stdio::null())
        .stdout(output(said.as_file())?)
        .stderr(output(said.as_file())?)
        .status()
        .map_err(start)?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read(said.path()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let details = lines[lines.len().saturating_sub(TOLD)..].iter().map(|line| format!("  {line}")).collect::<Vec<_>>();
    let how = status.code().map_or_else(|| "was killed".to_owned(), |code| format!("ended with {code}"));
    Err(BundleError::Before { command: command.to_owned(), how, details: details.join("\n") })
}
