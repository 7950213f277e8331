//! The function and its package.

use std::fmt;

/// The runtimes that Lambda has for Python.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
pub const RUNTIMES: &[&str] =
    &["python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15"];

/// The function that is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The callable in the user's code.
    pub app: App,
    /// What kind of callable it is.
    pub kind: Kind,
    /// One of [`RUNTIMES`].
    pub runtime: String,
    /// The processor it runs on.
    pub architecture: Architecture,
    /// Memory in MB.
    pub memory: u32,
    /// Longest duration of an invocation in seconds.
    pub timeout: u32,
    /// The network it is attached to.
    pub vpc: Option<Vpc>,
}

/// A callable in the user's code, `module:callable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The dotted name of the module.
    pub module: String,
    /// The name in the module.
    pub callable: String,
}

impl fmt::Display for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.module, self.callable)
    }
}

/// What kind of callable the user's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function called with the event's arguments.
    Function,
    /// A WSGI application.
    Wsgi,
    /// An ASGI application.
    Asgi,
}

impl Kind {
    /// The word in slam.yaml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Wsgi => "wsgi",
            Self::Asgi => "asgi",
        }
    }
}

/// A processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit Intel and AMD.
    X86_64,
    /// 64-bit ARM: AWS Graviton.
    Arm64,
}

impl Architecture {
    /// The name that Lambda and slam.yaml use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// Ids of subnets, at least one.
    pub subnets: Vec<String>,
    /// Ids of security groups, at least one.
    pub security_groups: Vec<String>,
}

/// How the deployment package is made, and where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The file with the dependencies, relative to the project's directory; found when `None`.
    pub requirements: Option<String>,
    /// The bucket that the user chose; `None`: the stack makes one.
    pub bucket: Option<String>,
    /// Glob patterns of files to take although they would be left out.
    pub include: Vec<String>,
    /// Glob patterns of files to leave out.
    pub exclude: Vec<String>,
    /// Glob patterns of files of dependencies to leave out.
    pub exclude_dependencies: Vec<String>,
    /// Whether what nothing needs at run time is left out of dependencies.
    pub slim: bool,
    /// Whether what Lambda's runtime has is shipped as well.
    pub runtime_packages: bool,
    /// Whether dependencies are compiled to bytecode.
    pub bytecode: bool,
    /// The largest size, in bytes, that the zip may have.
    pub budget: Option<u64>,
    /// A shell command to run before a build.
    pub before: Option<String>,
}

impl Default for Package {
    fn default() -> Self {
        Self {
            requirements: None,
            bucket: None,
            include: Vec::new(),
            exclude: Vec::new(),
            exclude_dependencies: Vec::new(),
            slim: true,
            runtime_packages: true,
            bytecode: false,
            budget: None,
            before: None,
        }
    }
}
