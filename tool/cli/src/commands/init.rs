//! `slam init`: write a slam.yaml.

use super::{Common, UsageError};
use anyhow::{Result, anyhow};
use clap::Args;
use slam_bundle::Detected;
use slam_project::{InitError, InitOptions, Kind, RUNTIMES};
use std::path::Path;
use std::process::Command;

/// Write a slam.yaml for a function or application
#[derive(Args)]
pub struct Init {
    /// What to deploy: `module:callable`
    function: String,
    /// The project's name; made from the folder's when left out
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
    /// The callable is a WSGI application; found out from the code when left out
    #[arg(long, group = "web")]
    wsgi: bool,
    /// The callable is an ASGI application; found out from the code when left out
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
        let kind = match (self.wsgi, self.asgi) {
            (true, _) => Kind::Wsgi,
            (_, true) => Kind::Asgi,
            _ => kind_of(common, &self.function)?,
        };
        let options = InitOptions {
            function: self.function,
            name: self.name,
            id: new_id()?,
            description: self.description,
            bucket: self.bucket,
            timeout: self.timeout,
            memory: self.memory,
            stages: self.stages,
            requirements: self.requirements,
            runtime: self.runtime.unwrap_or_else(default_runtime),
            kind,
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

/// An id that no other project has: nearly 60 random bits in letters and digits that nobody confuses. It begins with a
/// letter, so that YAML reads no number.
fn new_id() -> Result<String> {
    const LETTERS: &[u8; 22] = b"abcdefghjkmnpqrstvwxyz";
    const ALL: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(|error| anyhow!("this machine gives no random bytes: {error}"))?;
    let letters = random.iter().enumerate().map(|(at, byte)| match at {
        0 => LETTERS[usize::from(byte % 22)],
        _ => ALL[usize::from(byte % 32)],
    });
    Ok(letters.map(char::from).collect())
}

/// What is deployed, as far as the code tells: a plain function where it does not.
fn kind_of(common: &Common, app: &str) -> Result<Kind> {
    let directory = common.config_file.parent().filter(|directory| !directory.as_os_str().is_empty());
    // What is wrong with the name is told of slam.yaml.
    let detected = slam_bundle::detect(directory.unwrap_or(Path::new(".")), app).unwrap_or(Detected::Unknown);
    let kind = |kind| match kind {
        slam_bundle::Kind::Function => Kind::Function,
        slam_bundle::Kind::Wsgi => Kind::Wsgi,
        slam_bundle::Kind::Asgi => Kind::Asgi,
    };
    match detected {
        Detected::Is(found) => {
            if found != slam_bundle::Kind::Function {
                let name = kind(found).as_str().to_uppercase();
                common.terminal.say(&format!("{app} is an application of {name}, so it gets an API"));
            }
            Ok(kind(found))
        }
        Detected::Makes(made) => {
            let (module, function) = app.split_once(':').unwrap_or((app, "create_app"));
            let file = kind(made).as_str();
            let hint = format!(
                "write {file}.py with `from {module} import {function}` and `app = {function}()`, and name `{file}:app`"
            );
            Err(UsageError::new(
                format!("{app} is a function that makes a web application, and not the application"),
                hint,
            )
            .into())
        }
        Detected::Unknown => Ok(Kind::Function),
    }
}

/// The runtime of `python3` on this machine, so that what is deployed also runs here; the newest but one where that
/// cannot be told. A conda environment's counts for nothing: the embedded cloud runs no function on it.
pub fn default_runtime() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs =
        std::env::split_paths(&path).map(|folder| folder.join("python3")).filter(|program| program.is_file());
    let script = "import sys, os; base = sys.base_prefix; has = lambda name: os.path.isdir(os.path.join(base, name)); \
                  print('' if has('conda-meta') and not has('condabin') else 'python%d.%d' % sys.version_info[:2])";
    let answer = |program| {
        let output = Command::new(program).args(["-I", "-S", "-c", script]).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    let mut found = programs.filter_map(answer).filter(|runtime| !runtime.is_empty());
    found.next().filter(|runtime| RUNTIMES.contains(&runtime.as_str())).unwrap_or_else(|| "python3.13".to_owned())
}
