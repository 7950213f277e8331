//! `slam init`: write a slam.yaml.

use super::{Common, UsageError};
use anyhow::Result;
use clap::Args;
use slam_project::{InitError, InitOptions, Kind, RUNTIMES};
use std::process::Command;

/// Write a slam.yaml for a function or application
#[derive(Args)]
pub struct Init {
    /// What to deploy: `module:callable`
    function: String,
    /// The project's name; made from the module's when left out
    #[arg(long)]
    name: Option<String>,
    /// One line about the project
    #[arg(long)]
    description: Option<String>,
    /// A bucket for packages; the stack makes one when left out
    #[arg(long)]
    bucket: Option<String>,
    /// The longest an invocation may take, in seconds
    #[arg(long)]
    timeout: Option<u32>,
    /// Memory in MB
    #[arg(long)]
    memory: Option<u32>,
    /// The stages, the development stage first
    #[arg(long, value_delimiter = ',', default_value = "dev")]
    stages: Vec<String>,
    /// The file that lists the dependencies
    #[arg(long)]
    requirements: Option<String>,
    /// The Lambda runtime; that of `python3` on this machine when left out
    #[arg(long)]
    runtime: Option<String>,
    /// The callable is a WSGI application
    #[arg(long, group = "web")]
    wsgi: bool,
    /// The callable is an ASGI application
    #[arg(long, group = "web")]
    asgi: bool,
    /// Do not deploy an API for the web application
    #[arg(long, requires = "web")]
    no_api_gateway: bool,
    /// DynamoDB tables that each stage gets
    #[arg(long, value_delimiter = ',')]
    dynamodb_tables: Vec<String>,
}

impl Init {
    /// Runs the command.
    pub fn run(self, common: &Common) -> Result<()> {
        let options = InitOptions {
            function: self.function,
            name: self.name,
            description: self.description,
            bucket: self.bucket,
            timeout: self.timeout,
            memory: self.memory,
            stages: self.stages,
            requirements: self.requirements,
            runtime: self.runtime.unwrap_or_else(default_runtime),
            kind: match (self.wsgi, self.asgi) {
                (true, _) => Kind::Wsgi,
                (_, true) => Kind::Asgi,
                _ => Kind::Function,
            },
            no_api_gateway: self.no_api_gateway,
            dynamodb_tables: self.dynamodb_tables,
        };
        match slam_project::init(&common.config_file, &options) {
            Ok(_) => {
                let file = common.config_file.display();
                common.terminal.say(&format!("{file} is written; look it over, then `slam deploy`"));
                Ok(())
            }
            Err(InitError::Exists(path)) => {
                Err(UsageError::new(format!("{path} exists already"), "remove it first to begin anew").into())
            }
            Err(InitError::Options(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The runtime of `python3` on this machine, so that what is deployed also runs here; the newest but one where that
/// cannot be told.
pub fn default_runtime() -> String {
    let script = "import sys; print('python%d.%d' % sys.version_info[:2])";
    let output = Command::new("python3").args(["-I", "-S", "-c", script]).output().ok();
    let found = output.and_then(|output| String::from_utf8(output.stdout).ok()).map(|text| text.trim().to_owned());
    match found {
        Some(runtime) if RUNTIMES.contains(&runtime.as_str()) => runtime,
        _ => "python3.13".to_owned(),
    }
}
