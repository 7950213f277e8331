//! From the checked tree to the model: both styles are joined here, and meaning is checked.

mod buckets;
mod callable;
mod duration;
mod environment;
mod function;
mod function_name;
mod functions;
mod http;
mod names;
mod package;
mod path;
mod permissions;
mod place;
mod queues;
mod secrets;
mod sources;
mod stage_names;
mod stages;
mod static_files;
mod tables;
mod tasks;
mod topics;

pub use environment::files as variable_files;

use crate::Diagnostic;
use crate::model::Logs;
use crate::naming::{nearest_project_name, valid_project_id, valid_project_name};
use crate::project::{Defaults, Project, Source};
use crate::yaml::{Node, to_cloudformation};
use serde_json::{Map, Value};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The days that CloudWatch Logs can keep events for.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTIONS: &[u32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A reading in progress. Errors are collected, and readers go on with what is left.
struct Reading<'a> {
    root: &'a Node,
    defaults: &'a Defaults,
    /// The directory of slam.yaml.
    directory: PathBuf,
    /// Variables that files bring: the name, the file and line, and where slam.yaml names the file.
    from_files: Vec<(String, String, Range<usize>)>,
    errors: Vec<Diagnostic>,
}

/// Understands a tree that keeps to the language.
pub fn project(source: Source, defaults: &Defaults) -> Result<Project, Vec<Diagnostic>> {
    let root = source.root.clone();
    let directory = directory_of(&source.path);
    let mut reading = Reading { root: &root, defaults, directory, from_files: Vec::new(), errors: Vec::new() };
    let (stages, dev_stage) = stages::stages(&mut reading);
    let package = package::package(&mut reading);
    let function = function::function(&mut reading, &package);
    let (http, api) = http::http(&mut reading);
    let inherited = functions::Inherited { main: &function, package: &package, http };
    let mut functions = functions::functions(&mut reading, &inherited);
    let access = stages.iter().map(|stage| &stage.settings.access);
    let authorizers = http::functions(&mut reading, &function, &functions, access);
    functions.extend(authorizers);
    let project = Project {
        name: reading.name(),
        id: reading.id(),
        description: reading.description(),
        directory: reading.directory.clone(),
        commands: root.get("commands").and_then(Node::flag).unwrap_or(false),
        http,
        api,
        function,
        functions,
        package,
        environment: environment::common(&mut reading),
        secrets: secrets::secrets(&mut reading, &root),
        tables: tables::tables(&mut reading),
        queues: queues::queues(&mut reading),
        topics: topics::topics(&mut reading),
        buckets: buckets::buckets(&mut reading),
        permissions: permissions::permissions(&mut reading),
        tasks: tasks::tasks(&mut reading),
        logs: reading.logs(),
        tags: environment::tags(&mut reading),
        resources: reading.resources(),
        outputs: reading.outputs(),
        static_files: static_files::static_files(&mut reading),
        stages,
        dev_stage,
        source,
    };
    if reading.errors.is_empty() {
        environment::check_all(&mut reading, &project);
        secrets::check_all(&mut reading, &project);
        tables::check_names(&mut reading, &project);
        queues::check(&mut reading, &project);
        topics::check(&mut reading, &project);
        buckets::check(&mut reading, &project);
        http::check_web(&mut reading, &project);
        http::check(&mut reading, &project);
        static_files::check(&mut reading, &project);
    }
    if reading.errors.is_empty() { Ok(project) } else { Err(reading.errors) }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => Path::new(".").to_owned(),
    }
}

impl<'a> Reading<'a> {
    fn error(&mut self, node: &Node, message: impl Into<String>) -> &mut Diagnostic {
        self.errors.push(Diagnostic::at(node.span.clone(), message));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    /// The value at the one of these paths that is given. Saying the same thing in two ways is an error.
    fn one_of(&mut self, paths: &[&str]) -> Option<&'a Node> {
        let root = self.root;
        let mut given = paths.iter().filter_map(|path| root.find(path).map(|node| (path, node)));
        let (first_path, first) = given.next()?;
        if let Some((path, node)) = given.next() {
            self.errors.push(
                Diagnostic::at(node.span.clone(), format!("`{path}` says the same as `{first_path}`"))
                    .hint("keep one of the two"),
            );
        }
        Some(first)
    }

    fn texts(&mut self, paths: &[&str]) -> Vec<String> {
        let items = self.one_of(paths).map(Node::items).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    }

    fn name(&mut self) -> String {
        let Some(node) = self.root.get("name") else {
            self.errors.push(Diagnostic::new("the project has no name").hint("add `name: my-project`"));
            return String::new();
        };
        let name = node.text().unwrap_or_default();
        if !valid_project_name(name) {
            let hint = format!("it names the stack: `{}` would do", nearest_project_name(name));
            self.error(node, "a project's name has letters, digits and dashes, and begins with a letter")
                .hints
                .push(hint);
        }
        name.to_owned()
    }

    fn id(&mut self) -> Option<String> {
        let node = self.root.get("id")?;
        let id = node.text().unwrap_or_default();
        if !valid_project_id(id) {
            let hint = "`slam init` writes one that nobody else has; keep the one that the project was deployed with";
            self.error(node, "a project's id has 1 to 64 letters, digits and dashes").hints.push(hint.to_owned());
        }
        Some(id.to_owned())
    }

    fn description(&mut self) -> Option<String> {
        let node = self.root.get("description")?;
        let text = node.text()?;
        if text.len() > 256 {
            self.error(node, "the description is longer than Lambda's 256 characters");
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn logs(&mut self) -> Logs {
        let requests = self.root.find("logs.requests").and_then(Node::flag).unwrap_or(true);
        let Some(node) = self.root.find("logs.retention") else { return Logs { requests, ..Logs::default() } };
        let text = node.text().unwrap_or_default();
        let days = text.strip_suffix('d').unwrap_or(text).parse::<u32>().ok();
        if !days.is_some_and(|days| RETENTIONS.contains(&days)) {
            let nearest = days.map_or(30, |days| {
                RETENTIONS.iter().copied().min_by_key(|candidate| candidate.abs_diff(days)).unwrap_or(30)
            });
            let choices: Vec<_> = RETENTIONS.iter().map(u32::to_string).collect();
            let error = self.error(node, "CloudWatch Logs cannot keep logs for this long");
            error.label = Some(format!("`{nearest}d` can be had"));
            error.hints.push(format!("days that can be had: {}", choices.join(", ")));
        }
        Logs { retention_days: days, requests }
    }

    fn resources(&mut self) -> Map<String, Value> {
        self.cloudformation(&["resources", "aws.cfn_resources"], "Type")
    }

    fn outputs(&mut self) -> Map<String, Value> {
        self.cloudformation(&["outputs", "aws.cfn_outputs"], "Value")
    }

    fn cloudformation(&mut self, paths: &[&str], required: &str) -> Map<String, Value> {
        let mut map = Map::new();
        for (id, node) in self.one_of(paths).map(Node::entries).unwrap_or_default() {
            if id.key().is_empty() || id.key().len() > 255 || !id.key().chars().all(|c| c.is_ascii_alphanumeric()) {
                self.error(id, "a logical id has letters and digits only");
            }
            if node.entry(required).is_none() {
                self.error(id, format!("`{}` has no `{required}`", id.key()));
                continue;
            }
            match to_cloudformation(node) {
                Ok(value) if required == "Type" && !value["Type"].is_string() => {
                    self.error(id, format!("the `Type` of `{}` must be text, such as `AWS::SQS::Queue`", id.key()));
                }
                Ok(value) => {
                    map.insert(id.key().to_owned(), value);
                }
                Err(error) => self.errors.push(error),
            }
        }
        map
    }
}
