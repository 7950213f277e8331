//! What event sources name: the project's own resources, and others by ARN.

use super::super::Reading;
use crate::language::did_you_mean;
use crate::model::{Failures, Reference};
use crate::yaml::{Node, to_cloudformation};
use serde_json::Value;

/// What may be named.
#[derive(Clone, Copy)]
pub(super) struct Named {
    /// What a person calls it.
    pub what: &'static str,
    /// Where slam.yaml declares it.
    pub declared: &'static [&'static str],
    /// The service in its ARN.
    pub service: &'static str,
    /// An ARN of one.
    pub example: &'static str,
}

pub(super) const QUEUE: Named =
    Named { what: "queue", declared: &["queues"], service: "sqs", example: "arn:aws:sqs:eu-west-1:123456789012:jobs" };
pub(super) const TABLE: Named = Named {
    what: "table",
    declared: &["tables", "dynamodb_tables"],
    service: "dynamodb",
    example: "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs/stream/2026-01-01T00:00:00.000",
};

/// What a value names: one of the project's, which must be declared, or any by its ARN.
pub(super) fn read(reading: &mut Reading<'_>, node: &Node, named: Named) -> Option<Reference> {
    match to_cloudformation(node) {
        Ok(Value::String(text)) if text.starts_with("arn:") => {
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let whole = matches!(parts[..], [_, _, service, _, _, resource] if service == named.service && !resource.is_empty());
            if !whole || (named.service == "dynamodb" && !text.contains("/stream/")) {
                let what = if named.service == "dynamodb" { "table's stream" } else { named.what };
                let error = reading.error(node, format!("this is not the ARN of a {what}"));
                error.hints.push(format!("one is like `{}`", named.example));
            }
            Some(Reference::Arn(text.into()))
        }
        Ok(Value::String(_) | Value::Number(_) | Value::Bool(_)) => own(reading, node, named),
        Ok(value @ Value::Object(_)) if value.as_object().is_some_and(|map| map.len() == 1) => {
            Some(Reference::Arn(value))
        }
        Ok(_) => {
            reading
                .error(node, format!("this names no {}", named.what))
                .hints
                .push("write its name in slam.yaml, an ARN, or a CloudFormation function that gives one".to_owned());
            None
        }
        Err(error) => {
            reading.errors.push(error);
            None
        }
    }
}

fn own(reading: &mut Reading<'_>, node: &Node, named: Named) -> Option<Reference> {
    let (name, what) = (node.text().unwrap_or_default(), named.what);
    let root = reading.root;
    let declared = || named.declared.iter().filter_map(|key| root.get(key)).flat_map(Node::entries);
    if declared().any(|(key, _)| key.key() == name) {
        return Some(Reference::Own(name.to_owned()));
    }
    let close = did_you_mean(name, declared().map(|(key, _)| key.key())).map(str::to_owned);
    reading.error(node, format!("there is no {what} `{name}`")).hints.push(match close {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("declare it: `{}: {{{name}: …}}`; or name another's by its ARN", named.declared[0]),
    });
    None
}

/// Where `failures` sends what is given up: a queue, in the words of a permission's `on`.
pub(super) fn failures(reading: &mut Reading<'_>, entry: &Node) -> Option<Failures> {
    let node = entry.get("failures")?;
    let text = node.text().filter(|_| node.tag.is_none());
    let reference = match text.and_then(|text| text.strip_prefix("queue ")) {
        Some(name) => {
            let place =
                Node { kind: crate::yaml::Kind::Scalar { text: name.trim().to_owned(), plain: true }, ..node.clone() };
            own(reading, &place, QUEUE)?
        }
        None if text.is_some_and(|text| !text.starts_with("arn:")) => {
            reading
                .error(node, format!("`{}` is nowhere to send what is given up to", text.unwrap_or_default()))
                .hints
                .push("write `queue <name>`, an ARN, or a CloudFormation function that gives one".to_owned());
            return None;
        }
        None => read(reading, node, QUEUE)?,
    };
    if is_fifo(reading, &reference) {
        reading
            .error(node, "AWS sends what is given up to standard queues alone, and this is a FIFO queue")
            .hints
            .push("name a queue without `fifo`".to_owned());
    }
    Some(Failures::Queue(reference))
}

/// Whether a queue is known to be a FIFO queue.
pub(super) fn is_fifo(reading: &Reading<'_>, queue: &Reference) -> bool {
    match queue {
        Reference::Own(name) => {
            let queue = reading.root.get("queues").and_then(|queues| queues.get(name));
            queue.and_then(|queue| queue.get("fifo")).and_then(Node::flag).unwrap_or(false)
        }
        Reference::Arn(arn) => arn.as_str().is_some_and(|arn| arn.ends_with(".fifo")),
    }
}
