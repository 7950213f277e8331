//! `slam init`: write a slam.yaml.

use super::{Common, runtime};
use clap::Args;
use slam_bundle::{BundleError, Detected};
use slam_project::{InitError, InitOptions, Kind};
use slam_report::{Context, Report, Result};
use std::path::Path;

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
    /// The Lambda runtime; that of `python3` on this machine when left out, or the newest that the project allows
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
        let directory = common.config_file.parent().filter(|directory| !directory.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new("."));
        if common.config_file.exists() {
            return Err(InitError::Exists(common.config_file.display().to_string()).into());
        }
        let said = match (self.wsgi, self.asgi) {
            (true, _) => Some(Kind::Wsgi),
            (_, true) => Some(Kind::Asgi),
            _ => None,
        };
        let kind = kind_of(common, directory, &self.function, said)?;
        let runtime = match self.runtime {
            Some(runtime) => runtime,
            None => runtime::for_project(common, directory, self.requirements.as_deref().map(Path::new))?,
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
            runtime,
            kind,
            no_api_gateway: self.no_api_gateway,
            dynamodb_tables: self.dynamodb_tables,
        };
        slam_project::init(&common.config_file, &options)?;
        let file = common.config_file.display();
        common.terminal.say(&format!("{file} is written; look it over, then `slam deploy`"));
        Ok(())
    }
}

/// An id that no other project has: nearly 60 random bits in letters and digits that nobody confuses. It begins with a
/// letter, so that YAML reads no number.
fn new_id() -> Result<String> {
    const LETTERS: &[u8; 22] = b"abcdefghjkmnpqrstvwxyz";
    const ALL: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";
    let mut random = [0; 12];
    getrandom::fill(&mut random).context("this machine gives no random bytes")?;
    let letters = random.iter().enumerate().map(|(at, byte)| match at {
        0 => LETTERS[usize::from(byte % 22)],
        _ => ALL[usize::from(byte % 32)],
    });
    Ok(letters.map(char::from).collect())
}

/// What is deployed, as far as the code tells: a plain function where it does not, which is told.
fn kind_of(common: &Common, directory: &Path, app: &str, said: Option<Kind>) -> Result<Kind> {
    let detected = match slam_bundle::detect(directory, app, said.is_none()) {
        // What is wrong with the form of the name is told of slam.yaml.
        Err(BundleError::App { .. }) => return Ok(said.unwrap_or(Kind::Function)),
        detected => detected?,
    };
    if let Some(kind) = said.filter(|_| !matches!(detected, Detected::Makes(_))) {
        return Ok(kind);
    }
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
            let message = format!("{app} is a function that makes a web application, and not the application");
            Err(Report::usage(message, hint))
        }
        Detected::Unknown(why) => {
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            let hint = "`--wsgi` or `--asgi` says otherwise; so does `kind` in slam.yaml";
            common.terminal.warn(&format!("could not tell what {app} is{why}: taken as a plain function"), hint);
            Ok(Kind::Function)
        }
    }
}
