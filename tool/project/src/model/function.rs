//! A function: what runs, and on what.

use super::{EventSource, Package, Permission, Secret};
use indexmap::IndexMap;
use serde_json::Value;
use std::fmt;

/// The runtimes that Lambda has for Python. AWS's models name `python3.15` too, but AWS does not offer it yet.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
pub const RUNTIMES: &[&str] = &["python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"];

/// The runtimes that Lambda has for other languages; `provided…` runs a program named `bootstrap`, as Rust and Go make.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
pub const OTHER_RUNTIMES: &[&str] = &[
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "dotnet8",
    "dotnet10",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "provided.al2",
    "provided.al2023",
];

/// A function that is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name below `functions`; `None`: the project's own, which the top of slam.yaml describes.
    pub name: Option<String>,
    /// What is called.
    pub code: Code,
    /// One of [`RUNTIMES`] or [`OTHER_RUNTIMES`].
    pub runtime: String,
    /// The processor it runs on.
    pub architecture: Architecture,
    /// Memory in MB.
    pub memory: u32,
    /// Longest duration of an invocation in seconds.
    pub timeout: u32,
    /// The network it is attached to.
    pub vpc: Option<Vpc>,
    /// Layers that are used, each an ARN or a CloudFormation function that gives one.
    pub layers: Vec<Value>,
    /// Its own variables, over those of the project.
    pub environment: IndexMap<String, String>,
    /// Its own variables whose values are kept elsewhere, over those of the project.
    pub secrets: IndexMap<String, Secret>,
    /// What it may do, when that differs from what the project's own function may; then it has a role of its own.
    pub permissions: Option<Vec<Permission>>,
    /// Its package; `None`: that of the project's own function.
    pub package: Option<Package>,
    /// The path of the project's API that it answers, with all that is below: `/images`.
    pub path: Option<String>,
    /// What else calls it.
    pub sources: Vec<EventSource>,
}

/// What Lambda is told to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// A Python callable, called by slam's adapter.
    App {
        /// The callable.
        app: App,
        /// What kind of callable it is.
        kind: Kind,
    },
    /// Lambda's own handler in a package that is shipped as it is: `index.handler`.
    Handler(String),
}

impl Function {
    /// Lambda's handler. The package's builder writes the module that it names for an [`Code::App`].
    #[must_use]
    pub fn handler(&self) -> String {
        match (&self.code, self.handler_module()) {
            (Code::Handler(handler), _) => handler.clone(),
            (Code::App { .. }, module) => format!("{module}.lambda_handler"),
        }
    }

    /// The module that is written into the package for an [`Code::App`]. Functions that share a package have one each.
    #[must_use]
    pub fn handler_module(&self) -> String {
        match &self.name {
            None => "lambda_handler".to_owned(),
            Some(name) => format!("lambda_handler_{}", name.replace('-', "_")),
        }
    }

    /// Whether it runs on Python.
    #[must_use]
    pub fn is_python(&self) -> bool {
        RUNTIMES.contains(&self.runtime.as_str())
    }

    /// Whether it is a web application.
    #[must_use]
    pub fn is_web(&self) -> bool {
        matches!(&self.code, Code::App { kind: Kind::Wsgi | Kind::Asgi, .. })
    }
}

/// A callable in the user's code, `module:callable`.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Ids of subnets, at least one.
    pub subnets: Vec<String>,
    /// Ids of security groups, at least one.
    pub security_groups: Vec<String>,
}
