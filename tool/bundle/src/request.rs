//! What is asked for.

use serde::Serialize;
use std::path::PathBuf;

/// A deployment package to build.
#[derive(Clone, Debug)]
pub struct BundleRequest {
    /// The directory of the project; everything in it that is not excluded is shipped.
    pub project: PathBuf,
    /// What is run from the package, at least one.
    pub handlers: Vec<Handler>,
    /// Whether answers stream: the package then brings a runtime of slam's own, and a script that starts it.
    pub stream: bool,
    /// Whether the adapter compresses answers.
    pub gzip: bool,
    /// Whether the adapter tells browsers which pages of other origins may read answers.
    pub cors: bool,
    /// Whether functions have variables whose values are kept elsewhere.
    pub secrets: bool,
    /// Whether the functions take commands.
    pub commands: bool,
    /// The file that lists the dependencies, relative to the project. Found when left out.
    pub requirements: Option<PathBuf>,
    /// The Lambda runtime, such as `python3.13`.
    pub runtime: String,
    /// Lambda's Python runtimes, the oldest first: one of them is proposed when a dependency has no wheel for `runtime`.
    pub runtimes: Vec<String>,
    /// The processor the function runs on.
    pub architecture: Architecture,
    /// Glob patterns of files to ship although a rule excludes them.
    pub include: Vec<String>,
    /// Glob patterns of files not to ship.
    pub exclude: Vec<String>,
    /// Glob patterns of files of dependencies not to ship.
    pub exclude_dependencies: Vec<String>,
    /// Leave out what of the dependencies nothing needs at run time: their tests, stubs, unread metadata.
    pub slim: bool,
    /// Ship what Lambda's runtime has as well: boto3 and what it needs.
    pub runtime_packages: bool,
    /// Compile the dependencies to bytecode, with a Python of the target's version that must be on this machine.
    pub bytecode: bool,
    /// Put the dependencies into a layer of their own, and not into the package.
    pub layer: bool,
    /// The largest size that the zip, with its layer, may have.
    pub budget: Option<u64>,
    /// A command to run before the files are gathered.
    pub before: Option<String>,
    /// Where it runs: the directory of slam.yaml.
    pub root: PathBuf,
    /// Never use the network: what is not in uv's cache fails.
    pub offline: bool,
    /// Files and directories in the project that are other packages.
    pub others: Vec<PathBuf>,
    /// Where dependencies and packages are cached. Several builds may share it at the same time.
    pub cache: PathBuf,
    /// slam's own directory, where uv is installed when the machine has none.
    pub home: PathBuf,
    /// The uv to use, instead of finding one.
    pub uv: Option<PathBuf>,
    /// Resolve and install the dependencies again, although they are in the cache.
    pub rebuild_dependencies: bool,
}

impl BundleRequest {
    /// A request with the defaults: `python3.13` on `x86_64`, the cache inside `home`.
    pub fn new(project: impl Into<PathBuf>, app: impl Into<String>, kind: Kind, home: impl Into<PathBuf>) -> Self {
        let (project, home) = (project.into(), home.into());
        Self {
            root: project.clone(),
            project,
            handlers: vec![Handler { module: HANDLER_MODULE.to_owned(), app: app.into(), kind }],
            stream: false,
            gzip: false,
            cors: false,
            secrets: false,
            commands: false,
            requirements: None,
            runtime: "python3.13".to_owned(),
            runtimes: Vec::new(),
            architecture: Architecture::X86_64,
            include: Vec::new(),
            exclude: Vec::new(),
            exclude_dependencies: Vec::new(),
            slim: true,
            runtime_packages: true,
            bytecode: false,
            layer: false,
            budget: None,
            before: None,
            offline: false,
            others: Vec::new(),
            cache: home.join("cache").join("bundle"),
            home,
            uv: None,
            rebuild_dependencies: false,
        }
    }

    /// What is in the project's directory and no part of the package: slam's own directories, other packages.
    pub(crate) fn skipped(&self) -> Vec<PathBuf> {
        [&self.cache, &self.home].into_iter().chain(&self.others).cloned().collect()
    }
}

/// The module of a package's first handler.
const HANDLER_MODULE: &str = "lambda_handler";

/// A module that slam writes into the package, for Lambda to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handler {
    /// The module's name; Lambda's handler is `<module>.lambda_handler`.
    pub module: String,
    /// What it runs, as `module:callable`.
    pub app: String,
    /// How the callable is called.
    pub kind: Kind,
}

/// How the application is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A plain function.
    Function,
    /// A WSGI application.
    Wsgi,
    /// An ASGI application.
    Asgi,
}

/// The processor a function runs on, by Lambda's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86_64,
    /// AWS Graviton.
    Arm64,
}

impl Architecture {
    /// Lambda's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// Where a build is; only steps that take time are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The user's own command runs.
    Before {
        /// The command.
        command: &'a str,
    },
    /// uv is being installed, once per machine.
    InstallingUv,
    /// Dependencies are being resolved and downloaded.
    InstallingDependencies {
        /// The file that lists them, as the user knows it.
        requirements: &'a str,
    },
    /// Dependencies without a wheel are built from their sources.
    BuildingSources {
        /// Their names.
        packages: &'a [&'a str],
    },
    /// Files are being compressed.
    Compressing {
        /// How many.
        files: usize,
    },
}

/// Hears how a build goes on. `&()` is one that does not listen.
pub trait Progress: Sync {
    /// A step begins.
    fn step(&self, step: Step<'_>);
}

impl Progress for () {
    fn step(&self, _: Step<'_>) {}
}
