//! Environment variables and tags.

use indexmap::IndexMap;

use super::Reading;
use crate::Diagnostic;
use crate::environment::{MAX_ENVIRONMENT, RESERVED, WRAPPER_VARIABLE, is_ours, measure, table_variable};
use crate::project::Project;
use crate::yaml::Node;

pub(super) fn common(reading: &mut Reading<'_>) -> IndexMap<String, String> {
    match reading.root.get("environment") {
        Some(node) => variables(reading, node),
        None => IndexMap::new(),
    }
}

/// A mapping of variables, each name checked.
pub(super) fn variables(reading: &mut Reading<'_>, node: &Node) -> IndexMap<String, String> {
    let streams = reading.root.find("http.stream").and_then(Node::flag) == Some(true);
    for (name, _) in node.entries() {
        let key = name.key();
        if RESERVED.contains(&key) {
            reading.error(name, format!("`{key}` is set by Lambda itself"));
        } else if is_ours(key) {
            reading.error(name, format!("`{key}` is set by slam itself"));
        } else if key == WRAPPER_VARIABLE && streams {
            let message = format!("`{key}` is set by slam itself with `http.stream`");
            reading.error(name, message).hints.push("remove it, or `http.stream`".to_owned());
        } else if !valid_name(key) {
            reading
                .error(name, format!("`{key}` cannot be the name of an environment variable of Lambda"))
                .hints
                .push("a name begins with a letter and has at least two letters, digits and underscores".to_owned());
        }
    }
    map(node)
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

/// What can only be checked with everything known: clashes with tables' variables, and Lambda's limit.
pub(super) fn check_all(reading: &mut Reading<'_>, project: &Project) {
    let variables = all_variables(reading.root);
    for (name, _) in variables.iter().copied().flat_map(Node::entries) {
        if let Some(table) = project.tables.iter().find(|table| table_variable(&table.name) == name.key()) {
            reading.error(name, format!("`{}` is set by slam: it names the table `{}`", name.key(), table.name));
        }
    }
    for deployment in project.deployments() {
        let sizes = project.all_functions().map(|it| measure(&project.lambda_environment(it, &deployment.stages)));
        let size = sizes.max().unwrap_or_default();
        if size > MAX_ENVIRONMENT {
            let message = format!(
                "the environment variables of all stages take {size} bytes, and Lambda has room for {MAX_ENVIRONMENT}"
            );
            let hint = "stages of one stack share this room, and each table takes some in every stage; \
                        keep large values in a file of the package";
            let span = variables.first().map(|node| node.span.clone());
            reading.errors.push(Diagnostic { span, ..Diagnostic::new(message) }.hint(hint));
        }
    }
}
