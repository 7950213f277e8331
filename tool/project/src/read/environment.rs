//! Environment variables, from slam.yaml and from `.env` files, and tags.

use super::Reading;
use crate::Diagnostic;
use crate::dotenv;
use crate::environment::{MAX_ENVIRONMENT, RESERVED, WRAPPER_VARIABLE, is_ours, measure};
use crate::project::Project;
use crate::yaml::Node;
use indexmap::IndexMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

pub(super) fn common(reading: &mut Reading<'_>) -> IndexMap<String, String> {
    match reading.root.get("environment") {
        Some(node) => variables(reading, node),
        None => IndexMap::new(),
    }
}

/// The key in a mapping of variables that names a file of more. It is no variable: those are in capitals by custom, and
/// Lambda tells capitals from small letters.
const FROM: &str = "from";

/// Lambda has room for 4 kB of variables; the rest may be comments.
const MAX_FILE: u64 = 64 * 1024;

/// A mapping of variables, each name checked; what comes later wins.
pub(super) fn variables(reading: &mut Reading<'_>, node: &Node) -> IndexMap<String, String> {
    let mut variables = IndexMap::new();
    for (name, value) in node.entries() {
        if name.key() == FROM {
            for (name, value) in from_file(reading, value) {
                variables.insert(name, value);
            }
            continue;
        }
        if let Some((message, hint)) = refused(reading, name.key()) {
            reading.error(name, message).hints.extend(hint);
        }
        // An empty text in quotes is a value; `text` is none for what is not written at all.
        variables.insert(name.key().to_owned(), value.text().unwrap_or_default().to_owned());
    }
    variables
}

/// Why there cannot be a variable of this name, and what to do.
pub(super) fn refused(reading: &Reading<'_>, name: &str) -> Option<(String, Option<String>)> {
    let streams = || reading.root.find("http.stream").and_then(Node::flag) == Some(true);
    if RESERVED.contains(&name) {
        Some((format!("`{name}` is set by Lambda itself"), None))
    } else if is_ours(name) {
        Some((format!("`{name}` is set by slam itself"), None))
    } else if name == WRAPPER_VARIABLE && streams() {
        let message = format!("`{name}` is set by slam itself with `http.stream`");
        Some((message, Some("remove it, or `http.stream`".to_owned())))
    } else if !valid_name(name) {
        let message = format!("`{name}` cannot be the name of an environment variable of Lambda");
        let hint = "a name begins with a letter and has at least two letters, digits and underscores";
        Some((message, Some(hint.to_owned())))
    } else {
        None
    }
}

/// The variables in the file that `environment: {from: …}` names.
fn from_file(reading: &mut Reading<'_>, node: &Node) -> Vec<(String, String)> {
    let name = node.text().unwrap_or_default();
    let text = match read_inside(&reading.directory, name) {
        Ok(text) => text,
        Err((message, hint)) => {
            reading.error(node, message).hints.push(hint.to_owned());
            return Vec::new();
        }
    };
    let variables = match dotenv::parse(&text) {
        Ok(variables) => variables,
        Err(bad) => {
            reading.error(node, format!("{name}:{}: {}", bad.line, bad.message));
            return Vec::new();
        }
    };
    for variable in &variables {
        if let Some((message, hint)) = refused(reading, &variable.name) {
            let hint = hint.unwrap_or_else(|| format!("remove the line from {name}, or name a file without it"));
            reading.error(node, format!("{name}:{}: {message}", variable.line)).hints.push(hint);
        }
        reading.from_files.push((variable.name.clone(), format!("{name}:{}", variable.line), node.span.clone()));
    }
    variables.into_iter().map(|variable| (variable.name, variable.value)).collect()
}

/// The text of a file of the project, or why it cannot be had and what to do.
fn read_inside(directory: &Path, name: &str) -> Result<String, (String, &'static str)> {
    const PLACE: &str = "name a file in the directory of slam.yaml or below it, such as `from: .env`";
    let path = Path::new(name);
    let outside = path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    let real = std::fs::canonicalize(directory.join(path)).ok();
    let root = std::fs::canonicalize(directory).ok();
    if name.is_empty() || outside || real.as_ref().zip(root).is_some_and(|(real, root)| !real.starts_with(root)) {
        return Err((format!("`{name}` is not a file of the project"), PLACE));
    }
    let Some(real) = real.filter(|real| real.is_file()) else {
        let hint = "create it; `from` names a file of variables, and is never a variable itself";
        return Err((format!("there is no file {name}"), hint));
    };
    let mut bytes = Vec::new();
    let read = File::open(real).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err((format!("{name} cannot be read: {error}"), PLACE));
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err((format!("{name} is larger than 64 kB"), "Lambda has room for 4 kB of variables"));
    }
    String::from_utf8(bytes).map_err(|_| (format!("{name} is not UTF-8 text"), "save it as UTF-8"))
}

fn valid_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn map(node: &Node) -> IndexMap<String, String> {
    // An empty text in quotes is a value; `text` is none for what is not written at all.
    let pair = |(name, value): &(Node, Node)| (name.key().to_owned(), value.text().unwrap_or_default().to_owned());
    node.entries().iter().map(pair).collect()
}

pub(super) fn tags(reading: &mut Reading<'_>) -> IndexMap<String, String> {
    let Some(node) = reading.root.get("tags") else { return IndexMap::new() };
    if node.entries().len() > 50 {
        reading.error(node, "a resource has at most 50 tags");
    }
    for (name, value) in node.entries() {
        if name.key().is_empty() || name.key().chars().count() > 128 {
            reading.error(name, "a tag's key has 1 to 128 characters");
        } else if name.key().to_ascii_lowercase().starts_with("aws:") {
            reading.error(name, "tags that begin with `aws:` are AWS's own");
        }
        if value.text().unwrap_or_default().chars().count() > 256 {
            reading.error(value, "a tag's value has at most 256 characters");
        }
    }
    map(node)
}

/// Every mapping of variables in the file: the common one, those of functions, and those of stages in either style.
fn all_variables(root: &Node) -> Vec<&Node> {
    let stages = root.get("stages").map(Node::entries).unwrap_or_default();
    let original = root.get("stage_environments").map(Node::entries).unwrap_or_default();
    let functions = root.get("functions").map(Node::entries).unwrap_or_default();
    root.get("environment")
        .into_iter()
        .chain(functions.iter().filter_map(|(_, function)| function.get("environment")))
        .chain(stages.iter().filter_map(|(_, stage)| stage.get("environment")))
        .chain(original.iter().map(|(_, variables)| variables))
        .collect()
}

/// The files that mappings of variables name, without a `./` in front.
pub fn files(root: &Node) -> Vec<&str> {
    let named = all_variables(root).into_iter().filter_map(|node| node.get(FROM)?.text());
    named.map(|name| name.trim_start_matches("./")).collect()
}

/// What can only be checked with everything known: clashes with variables of resources, and Lambda's limit.
pub(super) fn check_all(reading: &mut Reading<'_>, project: &Project) {
    let (variables, ours) = (all_variables(reading.root), project.resource_variables());
    for (name, _) in variables.iter().copied().flat_map(Node::entries) {
        if let Some((_, what)) = ours.iter().find(|(variable, _)| variable == name.key()) {
            reading.error(name, format!("`{}` is set by slam: it names {what}", name.key()));
        }
    }
    for (name, place, span) in &reading.from_files {
        if let Some((_, what)) = ours.iter().find(|(variable, _)| variable == name) {
            let message = format!("{place}: `{name}` is set by slam: it names {what}");
            reading.errors.push(Diagnostic::at(span.clone(), message));
        }
    }
    for deployment in project.deployments() {
        let sizes = project.all_functions().map(|it| measure(&project.lambda_environment(it, &deployment.stages)));
        let size = sizes.max().unwrap_or_default();
        if size > MAX_ENVIRONMENT {
            let message = format!(
                "the environment variables of all stages take {size} bytes, and Lambda has room for {MAX_ENVIRONMENT}"
            );
            let hint = "stages of one stack share this room, and each table and queue takes some in every stage; \
                        keep large values in a file of the package";
            let span = variables.first().map(|node| node.span.clone());
            reading.errors.push(Diagnostic { span, ..Diagnostic::new(message) }.hint(hint));
        }
    }
}
