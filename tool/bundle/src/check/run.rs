//! The process that checks: which Python, in which environment, for how long.

use super::fault;
use crate::machine::interpreter;
use crate::sources::SourceFile;
use crate::target::Target;
use crate::{BundleError, BundleRequest, Kind, handler};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// An application that takes longer to import would not start on Lambda either: its init phase has ten seconds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
const PATIENCE: Duration = Duration::from_secs(20);

/// When the application that is imported says where it is, shortly before that.
pub(super) const SAYS_WHERE: u64 = PATIENCE.as_secs() - 1;

/// What Lambda's Python runtimes bring beside the standard library.
pub(super) const OF_RUNTIME: [&str; 9] = [
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "s3transfer",
    "six",
    "snapshot_restore_py",
    "urllib3",
];

/// The modules of the check. Their names are nobody else's: the application is imported in the same process.
const SCRIPTS: [(&str, &str); 6] = [
    ("_slam_check.py", include_str!("check.py")),
    ("_slam_failure.py", include_str!("failure.py")),
    ("_slam_load.py", include_str!("load.py")),
    ("_slam_look.py", include_str!("look.py")),
    ("_slam_runs.py", include_str!("runs.py")),
    ("_slam_sealed.py", include_str!("sealed.py")),
];

/// How many minor versions above the function's may stand in for it where modules are only looked at.
const LATER: u32 = 3;

/// A Python of this machine.
pub(super) struct Python {
    pub(super) path: PathBuf,
    /// Whether it is of the function's version.
    pub(super) is_targets: bool,
    version: String,
}

impl Python {
    /// One of the function's version, else a later one: that knows all of the older syntax.
    pub(super) fn find(target: &Target) -> Option<Self> {
        let minor: u32 = target.python.strip_prefix("3.")?.parse().ok()?;
        (minor..=minor + LATER).find_map(|minor| {
            let version = format!("3.{minor}");
            let path = interpreter::of_target_unasked(&target.with_python(&version))?;
            Some(Self { path, is_targets: version == target.python, version })
        })
    }

    /// Why it cannot import what is packed for `target`, of which `native` is a compiled file.
    pub(super) fn why_not(&self, target: &Target, native: Option<&str>) -> Option<String> {
        if !self.is_targets {
            return Some(format!("there is no Python {} on this machine, only {}", target.python, self.version));
        }
        let here = cfg!(target_os = "linux") && target.platform.starts_with(std::env::consts::ARCH);
        native
            .filter(|_| !here)
            .map(|name| format!("{name} is compiled for {}, and this machine is another", target.platform))
    }
}

/// What the process is told.
#[derive(Serialize)]
pub(super) struct Arguments<'a> {
    /// Where it remembers what it saw in modules that have not changed.
    pub(super) state: PathBuf,
    pub(super) key: String,
    /// Whether the application is imported.
    pub(super) load: bool,
    /// After how many seconds of that it says where it is.
    pub(super) patience: u64,
    pub(super) layers: bool,
    /// The package, and its layer.
    pub(super) archives: Vec<&'a PathBuf>,
    /// Name, path, size and stamp.
    pub(super) modules: Vec<(&'a str, &'a Path, u64, String)>,
    /// What the names in the archives begin with.
    pub(super) tops: BTreeSet<&'a str>,
    pub(super) of_runtime: &'a [&'a str],
    pub(super) handlers: Vec<Handled<'a>>,
}

#[derive(Serialize)]
pub(super) struct Handled<'a> {
    module: &'a str,
    app: &'a str,
    kind: Kind,
}

pub(super) fn module(file: &SourceFile) -> (&str, &Path, u64, String) {
    (&file.name, &file.path, file.size, format!("{} {:?}", file.size, file.stamp))
}

pub(super) fn handlers(request: &BundleRequest) -> Result<Vec<Handled<'_>>, BundleError> {
    request.handlers.iter().map(handled).collect()
}

fn handled(one: &crate::Handler) -> Result<Handled<'_>, BundleError> {
    let (module, app) = handler::parse_app(&one.app)?;
    Ok(Handled { module, app, kind: one.kind })
}

/// What the process found.
#[derive(Default, Deserialize)]
pub(super) struct Found {
    pub(super) errors: Vec<Value>,
    pub(super) warnings: Vec<Value>,
    /// Of each application that was imported.
    #[serde(default)]
    pub(super) outcomes: Vec<Value>,
    /// Where the code names a database of SQLite.
    #[serde(default)]
    pub(super) sqlite: Vec<String>,
    /// Whether that is Django's engine.
    #[serde(default)]
    pub(super) of_django: bool,
    /// Whether the project has files elsewhere than in the package, or opens databases for reading alone.
    #[serde(default)]
    pub(super) aside: bool,
    /// Whether it came to its end.
    pub(super) finished: bool,
    /// What failed, if it was the check itself.
    #[serde(default)]
    pub(super) broken: Option<String>,
    /// How the process ended; `None` when it was ended for taking too long.
    #[serde(skip)]
    pub(super) status: Option<ExitStatus>,
    /// Where it was when it crashed or took too long, as lines of a traceback.
    #[serde(skip)]
    pub(super) frames: Vec<Value>,
}

/// Runs the check in `scratch`.
pub(super) fn run(
    python: &Python,
    scratch: &Path,
    arguments: &Arguments<'_>,
    environment: &BTreeMap<String, String>,
) -> Result<Found, BundleError> {
    let text = serde_json::to_vec(arguments).map_err(|error| BundleError::io(scratch, "written")(error.into()))?;
    write(&scratch.join("arguments.json"), &text)?;
    write_scripts(scratch)?;
    for directory in ["home", "tmp"] {
        let directory = scratch.join(directory);
        fs::create_dir_all(&directory).map_err(BundleError::io(&directory, "created"))?;
    }
    let said = scratch.join("said.txt");
    let output = File::create(&said).map_err(BundleError::io(&said, "written"))?;
    let errors = output.try_clone().map_err(BundleError::io(&said, "written"))?;
    let mut command = command(&python.path, scratch, "import _slam_check; _slam_check.main(sys.argv[1])");
    command.env("LAMBDA_TASK_ROOT", scratch.join("package"));
    command.envs(environment).stdout(output).stderr(errors);
    let child = command.spawn().map_err(|source| BundleError::Start { program: python.path.clone(), source })?;
    let status = ended(child, PATIENCE);
    let result = fs::read(scratch.join("result.json")).unwrap_or_default();
    let found: Found = serde_json::from_slice(&result).unwrap_or_default();
    let frames = if found.finished { Vec::new() } else { fault::frames(&said, &scratch.join("package")) };
    Ok(Found { status, frames, ..found })
}

pub(super) fn write_scripts(scratch: &Path) -> Result<(), BundleError> {
    SCRIPTS.iter().try_for_each(|(name, script)| write(&scratch.join(name), script.as_bytes()))
}

/// A Python that runs a script of modules in `scratch`. It sees nothing of this machine but its own standard library, and
/// none of the user's secrets: what is imported is the project's and its dependencies' code.
pub(super) fn command(python: &Path, scratch: &Path, script: &str) -> Command {
    let mut command = isolated(python, scratch);
    command.args(["-S", "-c", &with_path(script)]).arg(scratch);
    command
}

/// The same, with the packages that are installed for that Python.
pub(super) fn command_with_packages(python: &Path, scratch: &Path, script: &str) -> Command {
    let mut command = isolated(python, scratch);
    command.args(["-c", &with_path(script)]).arg(scratch);
    command
}

fn with_path(script: &str) -> String {
    format!("import sys; sys.path.insert(0, sys.argv[1]); {script}")
}

fn isolated(python: &Path, scratch: &Path) -> Command {
    let mut command = Command::new(python);
    // A crash says where it was.
    command.args(["-I", "-B", "-X", "utf8", "-X", "faulthandler"]);
    command.env_clear();
    for kept in ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "TZ"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.env("HOME", scratch.join("home")).env("TMPDIR", scratch.join("tmp"));
    // Nothing is to be reached: the discard port answers nobody.
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "check"),
        ("AWS_SECRET_ACCESS_KEY", "check"),
        ("AWS_SESSION_TOKEN", "check"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_LAMBDA_FUNCTION_NAME", "check"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/check"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "check"),
    ] {
        command.env(name, value);
    }
    command.stdin(Stdio::null()).current_dir(scratch);
    command
}

/// How a process ends; `None` if it does not in time, and is ended.
pub(super) fn ended(mut child: Child, patience: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if begun.elapsed() < patience => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                // Gone meanwhile is as good.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

pub(super) fn write(place: &Path, content: &[u8]) -> Result<(), BundleError> {
    fs::write(place, content).map_err(BundleError::io(place, "written"))
}
