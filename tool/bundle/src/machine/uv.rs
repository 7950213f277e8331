//! uv, which installs the dependencies: found on the machine, or brought at first need.

use super::pip_config;
use crate::{BundleError, Progress, Step};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The versions that know every option used here, and note what they build.
const REQUIREMENT: &str = "uv>=0.9";
const OLDEST: (u32, u32) = (0, 9);

/// A uv that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uv {
    /// The program.
    pub path: PathBuf,
    /// Its version, such as `0.13.9`.
    pub version: String,
}

/// The uv on `PATH`, beside slam, or in `home/uv`; when there is none, one is installed in `home/uv` with pip.
pub fn find_or_install_uv(home: &Path, progress: &dyn Progress) -> Result<Uv, BundleError> {
    let beside_slam = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("uv")));
    let installed = home.join("uv/bin/uv");
    let candidates = beside_slam.into_iter().chain(on_path()).chain([installed.clone()]);
    // A version manager's shim may be there without a uv behind it, so each is asked.
    if let Some(uv) = candidates.filter(|path| path.is_file()).find_map(Uv::probe) {
        return Ok(uv);
    }
    progress.step(Step::InstallingUv);
    install(home)?;
    Uv::probe(installed)
        .ok_or_else(|| BundleError::NoUv { details: "the uv that pip installed does not run".to_owned() })
}

impl Uv {
    /// The uv at `path`.
    pub fn at(path: &Path) -> Result<Self, BundleError> {
        Self::probe(path.to_owned()).ok_or_else(|| BundleError::NoUv {
            details: format!("{} is not a uv of version {}.{} or later", path.display(), OLDEST.0, OLDEST.1),
        })
    }

    fn probe(path: PathBuf) -> Option<Self> {
        let output = Command::new(&path).arg("--version").stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        let version = text.strip_prefix("uv ")?.split_whitespace().next()?.to_owned();
        let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
        let (major, minor) = (numbers.next()??, numbers.next()??);
        ((major, minor) >= OLDEST).then_some(Self { path, version })
    }

    /// How a person calls it: by its path where it is on none of those of PATH.
    pub(crate) fn called(&self) -> String {
        if on_path().any(|uv| uv.is_file()) { "uv".to_owned() } else { self.path.display().to_string() }
    }

    /// A command with the machine's package index settings.
    pub(crate) fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.envs(pip_config::environment_for_uv());
        // Any Python does, as nothing is built or run; downloading one would be a surprise.
        command.env("UV_PYTHON_DOWNLOADS", "never").env("NO_COLOR", "1");
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
        command.current_dir(directory).stdin(Stdio::null());
        command
    }
}

/// How a person calls uv, which need not be there yet.
#[must_use]
pub fn uv_called(home: &Path) -> String {
    let own = home.join("uv/bin/uv");
    if on_path().any(|uv| uv.is_file()) || !own.is_file() { "uv".to_owned() } else { own.display().to_string() }
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.into_iter().filter(|directory| directory.is_absolute()).map(|directory| directory.join("uv"))
}

/// Run to the end, whatever the exit status is.
pub fn run(command: &mut Command) -> Result<Output, BundleError> {
    let program = PathBuf::from(command.get_program());
    command.output().map_err(|source| BundleError::Start { program, source })
}

fn install(home: &Path) -> Result<(), BundleError> {
    std::fs::create_dir_all(home).map_err(BundleError::io(home, "created"))?;
    // Built aside and renamed: another slam may be doing the same.
    let aside = tempfile::Builder::new().prefix(".uv-").tempdir_in(home).map_err(BundleError::io(home, "written"))?;
    let tree = aside.path().join("uv");
    let venv = aside.path().join("venv");
    let mut tried = Vec::new();
    for python in ["python3", "python"] {
        if attempt(Command::new(python).args(["-m", "pip", "install"]).args(quiet()).arg("--target").arg(&tree).arg(REQUIREMENT), &mut tried)
            // Distributions that leave pip out may still make an environment that has it.
            || (attempt(Command::new(python).args(["-m", "venv"]).arg(&venv), &mut tried)
                && attempt(Command::new(venv.join("bin/python")).args(["-m", "pip", "install"]).args(quiet()).arg("--target").arg(&tree).arg(REQUIREMENT), &mut tried))
        {
            let place = home.join("uv");
            return match std::fs::rename(&tree, &place) {
                Ok(()) => Ok(()),
                Err(_) if place.join("bin/uv").is_file() && Uv::probe(place.join("bin/uv")).is_some() => Ok(()),
                Err(_) => {
                    // What is there does not run.
                    std::fs::remove_dir_all(&place).map_err(BundleError::io(&place, "removed"))?;
                    std::fs::rename(&tree, &place).map_err(BundleError::io(&place, "written"))
                }
            };
        }
    }
    Err(BundleError::NoUv { details: tried.join("\n") })
}

fn quiet() -> [&'static str; 3] {
    ["--quiet", "--disable-pip-version-check", "--no-input"]
}

fn attempt(command: &mut Command, tried: &mut Vec<String>) -> bool {
    let what = std::iter::once(command.get_program())
        .chain(command.get_args().take(3))
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    let reason = match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("failed").trim().to_owned()
        }
        Err(error) => error.to_string(),
    };
    tried.push(format!("  {what}: {reason}"));
    false
}
