//! Holds a file against the table of keys: nothing that is not understood gets past here.

use super::{FILE, Key, Shape, Status};
use crate::Diagnostic;
use crate::yaml::{Kind, Node};

/// Reports every key and value that the language does not have.
pub fn check(root: &Node, errors: &mut Vec<Diagnostic>) {
    if !matches!(root.kind, Kind::Map(_)) {
        errors.push(
            Diagnostic::at(root.span.clone(), "slam.yaml must be a mapping")
                .hint("begin with `name: …` and `app: module:callable`, or let `slam init` write the file"),
        );
        return;
    }
    value("", root, &FILE, errors);
}

/// The closest of `candidates`, if any is close.
pub fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn value(path: &str, node: &Node, shape: &Shape, errors: &mut Vec<Diagnostic>) {
    if !matches!(shape, Shape::CloudFormation)
        && let Some(tag) = &node.tag
    {
        errors.push(
            Diagnostic::at(node.span.clone(), format!("`{tag}` cannot be used in `{path}`"))
                .hint("CloudFormation's functions are for `resources`, `outputs` and a permission's `on`"),
        );
        return;
    }
    match shape {
        Shape::Section(keys) => section(path, node, keys, errors),
        Shape::Map(shape) => match &node.kind {
            Kind::Map(entries) => {
                for (name, item) in entries {
                    let path = join(path, name.key());
                    if item.is_null() && !may_be_null(shape) {
                        errors.push(
                            Diagnostic::at(name.span.clone(), format!("`{path}` has no value"))
                                .hint(format!("write `{}: \"\"` for an empty one", name.key())),
                        );
                    } else {
                        value(&path, item, shape, errors);
                    }
                }
            }
            _ => unless_null(path, node, "a mapping", errors),
        },
        Shape::List(shape) => match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| present(path, item, shape, errors)),
            _ => unless_null(path, node, "a list", errors),
        },
        Shape::OneOrMany(shape) => match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| present(path, item, shape, errors)),
            _ => present(path, node, shape, errors),
        },
        Shape::AnyOf(shapes) => match shapes.iter().find(|shape| shape.fits(node)) {
            Some(shape) => value(path, node, shape, errors),
            None => wrong(path, node, &shapes.iter().map(Shape::describe).collect::<Vec<_>>().join(" or "), errors),
        },
        Shape::CloudFormation => {}
        Shape::Text | Shape::Scalar | Shape::Flag | Shape::Integer { .. } | Shape::Choice { .. } => {
            if !node.is_null() {
                single(path, node, shape, errors);
            }
        }
    }
}

/// An item of a list cannot be left out.
fn present(path: &str, node: &Node, shape: &Shape, errors: &mut Vec<Diagnostic>) {
    if node.is_null() { wrong(path, node, &shape.describe(), errors) } else { value(path, node, shape, errors) }
}

fn section(path: &str, node: &Node, keys: &[Key], errors: &mut Vec<Diagnostic>) {
    let Kind::Map(entries) = &node.kind else { return unless_null(path, node, "a mapping", errors) };
    for (name, item) in entries {
        let word = name.key();
        let path = join(path, word);
        match keys.iter().find(|key| key.name == word) {
            Some(Key { status: Status::Later, .. }) => {
                errors.push(not_yet(name, &format!("`{path}`")));
            }
            Some(key) => value(&path, item, &key.shape, errors),
            None => errors.push(unknown(name, &path, keys)),
        }
    }
}

fn unknown(name: &Node, path: &str, keys: &[Key]) -> Diagnostic {
    let error = Diagnostic::at(name.span.clone(), format!("`{path}` is not a key of slam.yaml"));
    let known = || keys.iter().filter(|key| !matches!(key.status, Status::Later));
    match did_you_mean(name.key(), keys.iter().map(|key| key.name)) {
        Some(close) => error.hint(format!("did you mean `{close}`?")),
        None if known().count() <= 12 => {
            let names: Vec<_> = known().map(|key| format!("`{}`", key.name)).collect();
            error.hint(format!("known here: {}", names.join(", ")))
        }
        None => error,
    }
}

fn not_yet(node: &Node, what: &str) -> Diagnostic {
    Diagnostic::at(node.span.clone(), format!("{what} is not supported yet by this version"))
        .hint("remove it; nothing in slam.yaml is ever ignored")
}

fn single(path: &str, node: &Node, shape: &Shape, errors: &mut Vec<Diagnostic>) {
    let fits = match shape {
        Shape::Flag => node.flag().is_some(),
        Shape::Integer { min, max } => node.integer().is_some_and(|number| (*min..=*max).contains(&number)),
        Shape::Choice { now, later } => {
            let text = node.text().unwrap_or_default();
            if later.contains(&text) {
                errors.push(not_yet(node, &format!("`{path}: {text}`")));
                return;
            }
            now.contains(&text)
        }
        _ => matches!(node.kind, Kind::Scalar { .. }),
    };
    if !fits {
        wrong(path, node, &shape.describe(), errors);
    }
}

fn unless_null(path: &str, node: &Node, expected: &str, errors: &mut Vec<Diagnostic>) {
    if !node.is_null() {
        wrong(path, node, expected, errors);
    }
}

fn wrong(path: &str, node: &Node, expected: &str, errors: &mut Vec<Diagnostic>) {
    let found = match (&node.kind, node.text()) {
        (Kind::Scalar { .. }, Some(text)) if text.len() <= 40 => format!("this is `{text}`"),
        _ => format!("this is {}", node.describe()),
    };
    errors.push(Diagnostic::at(node.span.clone(), format!("`{path}` must be {expected}")).label(found));
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn may_be_null(shape: &Shape) -> bool {
    matches!(shape, Shape::Section(_) | Shape::Map(_) | Shape::List(_))
}

impl Shape {
    fn fits(&self, node: &Node) -> bool {
        match self {
            Shape::List(_) => matches!(node.kind, Kind::List(_)),
            Shape::Section(_) | Shape::Map(_) => matches!(node.kind, Kind::Map(_)),
            _ => matches!(node.kind, Kind::Scalar { .. }),
        }
    }

    fn describe(&self) -> String {
        match self {
            Shape::Text => "text".to_owned(),
            Shape::Scalar => "a single value".to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Shape::Choice { now, .. } => {
                let words: Vec<_> = now.iter().map(|word| format!("`{word}`")).collect();
                match words.split_last() {
                    Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
                    _ => words.concat(),
                }
            }
            Shape::List(_) => "a list".to_owned(),
            Shape::OneOrMany(shape) => format!("{} or a list", shape.describe()),
            Shape::Section(_) | Shape::Map(_) => "a mapping".to_owned(),
            Shape::AnyOf(shapes) => shapes.iter().map(Shape::describe).collect::<Vec<_>>().join(" or "),
            Shape::CloudFormation => "CloudFormation".to_owned(),
        }
    }
}
