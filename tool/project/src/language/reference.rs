//! The manual of slam.yaml in Markdown, from the table of keys.

use super::{FILE, Key, Shape, Status};
use std::fmt::Write as _;

/// Shows every key of today once.
const EXAMPLE: &str = include_str!("example.yaml");

/// The reference of what slam.yaml may say, `docs/slam-yaml.md`.
#[must_use]
pub fn reference() -> String {
    let mut pages = Pages::default();
    pages.shape("", &FILE);
    let Pages { today, originals, later } = pages;
    format!(
        "# slam.yaml\n\n\
         <!-- Written by `cargo xtask docs` from the table of keys in tool/project; do not edit. -->\n\n\
         The one file that describes a project. `slam init module:callable` writes the first one. What is not in this \
         reference is refused with its place in the file, and nothing that is written is ever ignored.\n\n\
         Editors complete and check it with [slam.schema.json](slam.schema.json); with the YAML language server, put \
         `# yaml-language-server: $schema=<its path or URL>` on the first line.\n\n\
         ## Every key in one example\n\n```yaml\n{EXAMPLE}```\n\n\
         The smallest one is `name: fizzbuzz` and `app: fizzbuzz:fizzbuzz`.\n{today}\n\
         ## The original Slam's keys\n\n\
         A slam.yaml written for the original deploys unchanged. These keys mean what they meant there; say a thing in \
         its words or in today's, not in both. `name`, `id`, `description`, `devstage` and `environment` are the same in both.\n\n\
         | key | value | meaning | today |\n|---|---|---|---|\n{originals}\n\
         ## Not supported yet\n\n\
         These are part of the language and refused by name, so that none is silently without effect.\n\n\
         | key | what it is for |\n|---|---|\n{later}"
    )
}

/// The three parts of the reference as they grow.
#[derive(Default)]
struct Pages {
    today: String,
    originals: String,
    later: String,
}

impl Pages {
    /// Walks to the sections within a value.
    fn shape(&mut self, path: &str, shape: &Shape) {
        match shape {
            Shape::Section(keys) => self.section(path, keys),
            Shape::Map(item) => self.shape(&format!("{path}.<name>"), item),
            Shape::List(item) | Shape::OneOrMany(item) => self.shape(&format!("{path}[]"), item),
            Shape::AnyOf(shapes) => shapes.iter().for_each(|shape| self.shape(path, shape)),
            _ => {}
        }
    }

    fn section(&mut self, path: &str, keys: &'static [Key]) {
        let title = if path.is_empty() { "The file".to_owned() } else { format!("`{path}`") };
        let _ = writeln!(self.today, "\n## {title}\n\n| key | value | default | meaning |\n|---|---|---|---|");
        for key in keys.iter().filter(|key| matches!(key.status, Status::Now)) {
            let default = if key.default.is_empty() { "nothing" } else { key.default };
            let _ = writeln!(self.today, "| `{}` | {} | {default} | {} |", key.name, key.shape.value(), key.about);
            self.choices_of_later(&join(path, key.name), &key.shape);
        }
        for key in keys {
            let path = join(path, key.name);
            match key.status {
                Status::Now => self.shape(&path, &key.shape),
                Status::Original(today) => self.original(&path, key, today),
                Status::Later => {
                    let _ = writeln!(self.later, "| `{path}` | {} |", key.about);
                }
            }
        }
    }

    /// A key of the original's, and those within it. What is within and also today's is in the main part.
    fn original(&mut self, path: &str, key: &Key, today: &str) {
        let _ = writeln!(self.originals, "| `{path}` | {} | {} | `{today}` |", key.shape.value(), key.about);
        if let Shape::Section(keys) = key.shape {
            for key in keys {
                if let Status::Original(today) = key.status {
                    self.original(&join(path, key.name), key, today);
                }
            }
        }
    }

    fn choices_of_later(&mut self, path: &str, shape: &Shape) {
        if let Shape::Choice { later, .. } = shape {
            for word in *later {
                let _ = writeln!(self.later, "| `{path}: {word}` | A further choice. |");
            }
        }
    }
}

impl Shape {
    /// What may be written, in a few words.
    fn value(&self) -> String {
        match self {
            Shape::Text | Shape::Scalar => "text".to_owned(),
            Shape::Flag => "`true`, `false`".to_owned(),
            Shape::Integer { min, max } => format!("{min} to {max}"),
            Shape::Choice { now, .. } => now.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Shape::List(item) => format!("list of {}", item.value()),
            Shape::OneOrMany(item) => format!("{}, or a list", item.value()),
            Shape::Map(item) => match item {
                Shape::Section(_) => "names, each with a section".to_owned(),
                item => format!("names, each with {}", item.value()),
            },
            Shape::Section(_) => "section".to_owned(),
            Shape::AnyOf(shapes) => shapes.iter().map(Shape::value).collect::<Vec<_>>().join(", or "),
            Shape::CloudFormation => "CloudFormation".to_owned(),
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{self, Kind, Node};
    use crate::{Defaults, Project};
    use std::path::Path;

    fn project(text: &str) -> Project {
        Project::parse(text, Path::new("slam.yaml"), &Defaults::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every key of today that is written nowhere in `nodes`, the values found at one place of the language.
    fn missing(path: &str, shape: &Shape, nodes: &[&Node], result: &mut Vec<String>) {
        let children = |nodes: &[&'_ Node]| -> Vec<Node> {
            let inner = |node: &&Node| match &node.kind {
                Kind::Map(entries) => entries.iter().map(|(_, value)| value.clone()).collect(),
                Kind::List(items) => items.clone(),
                Kind::Scalar { .. } => Vec::new(),
            };
            nodes.iter().flat_map(inner).collect()
        };
        match shape {
            Shape::Section(keys) => {
                for key in keys.iter().filter(|key| matches!(key.status, Status::Now)) {
                    let found: Vec<_> = nodes.iter().filter_map(|node| node.get(key.name)).collect();
                    let path = join(path, key.name);
                    if found.is_empty() { result.push(path) } else { missing(&path, &key.shape, &found, result) }
                }
            }
            Shape::Map(item) | Shape::List(item) => {
                let children = children(nodes);
                missing(path, item, &children.iter().collect::<Vec<_>>(), result);
            }
            Shape::OneOrMany(item) => {
                let lists: Vec<Node> = nodes.iter().flat_map(|node| node.items().to_vec()).collect();
                let single = nodes.iter().copied().filter(|node| !matches!(node.kind, Kind::List(_)));
                missing(path, item, &single.chain(&lists).collect::<Vec<_>>(), result);
            }
            Shape::AnyOf(shapes) => shapes.iter().for_each(|shape| missing(path, shape, nodes, result)),
            _ => {}
        }
    }

    #[test]
    fn the_example_is_a_project_with_every_key() {
        assert_eq!(project(EXAMPLE).name, "photos");
        let root = yaml::parse(EXAMPLE).unwrap_or_else(|error| panic!("{}", error.message));
        let mut keys = Vec::new();
        missing("", &FILE, &[&root], &mut keys);
        // Stands for `app`, which the example has; a function in it has the other.
        keys.retain(|key| key != "handler");
        // Only functions have event sources here: the project's own is a web application.
        keys.retain(|key| key != "on");
        // What only other kinds of APIs have, and other ways to say who may call one.
        keys.retain(|key| !key.contains(".authorizer") || key.ends_with(".open"));
        // A stage's are those of `http`.
        keys.retain(|key| !key.starts_with("stages.http."));
        assert_eq!(keys, [""; 0]);
    }

    /// What the reference calls a default is what a file without the key means.
    #[test]
    fn the_defaults_are_those_of_the_reader() {
        let base = "name: x\napp: m:a\nkind: wsgi\ntables: {t: {attributes: {id: S}, key: id, \
                    global_secondary_indexes: {i_1: {key: id}}}}\n";
        let plain = |text: &str| {
            let mut project = project(text);
            project.source = self::project(base).source;
            format!("{project:?}")
        };
        for (key, added) in [
            ("architecture", "architecture: x86_64"),
            ("memory", "memory: 128"),
            ("timeout", "timeout: 10"),
            ("api", "http: {api: rest}"),
            ("logs", "http: {logs: none}"),
            ("stream", "http: {stream: false}"),
            ("devstage", "devstage: dev"),
            ("stages", "stages: {dev: {}}"),
            ("target", "stages: {dev: {target: local}}"),
        ] {
            assert_eq!(plain(&format!("{base}{added}\n")), plain(base), "{key}");
        }
        assert_eq!(plain(&base.replace("{key: id}", "{key: id, project: keys}")), plain(base), "project");
    }

    #[test]
    fn what_is_not_supported_is_named_as_such() {
        let reference = reference();
        let (today, later) = reference.split_once("## Not supported yet").expect("a part of the reference");
        for (word, supported) in [("`tracing`", false), ("`http.api: alb`", false), ("| `memory` |", true)] {
            assert_eq!((today.contains(word), later.contains(word)), (supported, !supported), "{word}");
        }
        assert!(today.contains("| `aws.lambda_memory` | 128 to 10240 | Memory of the function in MB. | `memory` |"));
    }
}
