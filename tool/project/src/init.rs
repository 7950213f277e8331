//! `slam init`: writes the first slam.yaml of a project.

use crate::InitError;
use crate::model::Kind;
use crate::naming::nearest_project_name;
use crate::project::{Defaults, Project};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// What `slam init` was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitOptions {
    /// What to deploy, `module:callable`.
    pub function: String,
    /// The name of the project; made from the folder's when left out.
    pub name: Option<String>,
    /// What tells the project from others of its name; left out when empty.
    pub id: String,
    /// One line about it.
    pub description: Option<String>,
    /// A bucket for packages; the stack makes one when left out.
    pub bucket: Option<String>,
    /// Longest duration of an invocation in seconds.
    pub timeout: Option<u32>,
    /// Memory in MB.
    pub memory: Option<u32>,
    /// Names of stages; the first is the development stage. `dev` when empty.
    pub stages: Vec<String>,
    /// The requirements file; found at packaging when left out.
    pub requirements: Option<String>,
    /// The Lambda runtime.
    pub runtime: String,
    /// What kind of callable it is.
    pub kind: Kind,
    /// Deploy no API in front of it.
    pub no_api_gateway: bool,
    /// Tables to make, each with the key `id`.
    pub dynamodb_tables: Vec<String>,
}

impl Default for InitOptions {
    /// A plain function without a name.
    fn default() -> Self {
        Self {
            function: String::new(),
            name: None,
            id: String::new(),
            description: None,
            bucket: None,
            timeout: None,
            memory: None,
            stages: Vec::new(),
            requirements: None,
            runtime: String::new(),
            kind: Kind::Function,
            no_api_gateway: false,
            dynamodb_tables: Vec::new(),
        }
    }
}

/// Writes a slam.yaml at `path`, where there must be none.
///
/// # Errors
/// When there is one already, an option is wrong, or the file cannot be written.
pub fn init(path: &Path, options: &InitOptions) -> Result<Project, InitError> {
    let named = InitOptions { name: options.name.clone().or_else(|| folder_name(path)), ..options.clone() };
    let text = slam_yaml(&named);
    let project = Project::parse(&text, path, &Defaults::default()).map_err(InitError::Options)?;
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => InitError::Exists(path.display().to_string()),
        _ => InitError::Write { path: path.display().to_string(), error },
    })?;
    Ok(project)
}

/// A name for a project from the folder that its slam.yaml is in, if it has one that says something.
fn folder_name(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let name = folder.file_name()?.to_str()?;
    name.contains(|character: char| character.is_ascii_alphabetic()).then(|| nearest_project_name(name))
}

/// The text of a slam.yaml for these options. Without a name, the module gives one.
#[must_use]
pub fn slam_yaml(options: &InitOptions) -> String {
    let module = options.function.split(':').next().unwrap_or_default();
    let name = options.name.clone().unwrap_or_else(|| nearest_project_name(module));
    let description = options.description.as_deref().unwrap_or("Deployed with slam.");
    let mut text = String::from("# slam.yaml: what is deployed, and how\n\n");
    section(
        &mut text,
        "the project; its name is also the stack's",
        &[("name", scalar(&name)), ("description", scalar(description))],
    );
    if !options.id.is_empty() {
        section(
            &mut text,
            "which project this is, wherever it is deployed from: keep it; a copy that becomes a project of its own\n\
             # needs another name and another id",
            &[("id", scalar(&options.id))],
        );
    }
    section(
        &mut text,
        "what is deployed: a callable in a module; `kind` is function, wsgi or asgi",
        &[("app", scalar(&options.function)), ("kind", options.kind.as_str().to_owned())],
    );
    section(
        &mut text,
        "the function: memory in MB, timeout in seconds",
        &[
            ("runtime", scalar(&options.runtime)),
            ("memory", options.memory.unwrap_or(128).to_string()),
            ("timeout", options.timeout.unwrap_or(10).to_string()),
        ],
    );
    package(&mut text, options);
    if options.kind != Kind::Function {
        let api = if options.no_api_gateway { "none" } else { "rest" };
        let _ = write!(
            text,
            "# the API in front of the application: rest or none\n\
             # add `logs: access` for a line per request, `logs: full` for everything\n\
             http:\n  api: {api}\n\n"
        );
    }
    stages(&mut text, options);
    text.push_str(
        "# environment variables of all stages\n\
         environment:\n  # LOG_LEVEL: info\n\n",
    );
    tables(&mut text, options);
    text.push_str(REST);
    text
}

fn section(text: &mut String, comment: &str, entries: &[(&str, String)]) {
    let _ = writeln!(text, "# {comment}");
    for (key, value) in entries {
        let _ = writeln!(text, "{key}: {value}");
    }
    text.push('\n');
}

fn package(text: &mut String, options: &InitOptions) {
    let given = [("requirements", &options.requirements), ("bucket", &options.bucket)];
    text.push_str("# the deployment package; dependencies are found when `requirements` is left out,\n");
    text.push_str("# and the stack makes a bucket when `bucket` is left out\n");
    text.push_str("package:\n");
    for (key, value) in given {
        let _ = match value {
            Some(value) => writeln!(text, "  {key}: {}", scalar(value)),
            None if key == "requirements" => writeln!(text, "  # {key}: requirements.txt"),
            None => writeln!(text, "  # {key}: my-bucket"),
        };
    }
    text.push_str("  # exclude: [\"docs/**\"]\n\n");
}

fn stages(text: &mut String, options: &InitOptions) {
    let development = ["dev".to_owned()];
    let stages = if options.stages.is_empty() { &development[..] } else { &options.stages };
    text.push_str("# the stages; `slam deploy` moves the first one to new code, `slam publish` the others\n");
    text.push_str("# a stage lives in the embedded cloud unless it says `target: aws`\n");
    text.push_str("stages:\n");
    for stage in stages {
        let _ = write!(
            text,
            "  {}:\n    environment:\n      # variables of this stage only\n    # target: aws\n    # region: eu-west-1\n",
            scalar(stage)
        );
    }
    text.push('\n');
}

fn tables(text: &mut String, options: &InitOptions) {
    text.push_str("# DynamoDB tables, one of each per stage, named <stage>.<table>; code finds the name of the\n");
    text.push_str("# table `tasks` in the variable TABLE_TASKS\n");
    text.push_str("tables:\n");
    for table in &options.dynamodb_tables {
        let _ = writeln!(text, "  {}:\n    attributes: {{id: S}}\n    key: id", scalar(table));
    }
    text.push_str(
        "  # tasks:\n\
         \x20 #   attributes: {id: S, owner: S, due: N}\n\
         \x20 #   key: id\n\
         \x20 #   global_secondary_indexes:\n\
         \x20 #     by_owner: {key: [owner, due], project: all}\n\
         \x20 #   ttl: expires\n\n",
    );
}

const REST: &str = "\
# what the function may do, beside using its tables and writing logs
permissions:
  # - AmazonSESFullAccess
  # - {allow: [s3:GetObject], on: \"arn:aws:s3:::my-bucket/*\"}

# how long logs are kept; for good when left out
logs:
  # retention: 30d

# the network the function is attached to, if it needs one
vpc:
  # subnets: [subnet-1, subnet-2]
  # security_groups: [sg-1]

# more resources and outputs, in CloudFormation's own words; short tags such as !Ref are understood
resources:
outputs:
";

/// A value that reads back as the same text, quoted only when it must be.
fn scalar(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./ ".contains(character);
    let word = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && !value.ends_with([' ', ':'])
        && value.chars().all(|character| plain(character) || character == ':')
        && !value.contains(": ")
        && crate::yaml::boolean(value).is_none()
        && !value.eq_ignore_ascii_case("null");
    if word { value.to_owned() } else { serde_json::Value::from(value).to_string() }
}
