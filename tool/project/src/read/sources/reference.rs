//! What event sources name: the project's own resources, and others by ARN.

use super::super::Reading;
use crate::language::did_you_mean;
use crate::model::{Failures, Reference};
use crate::yaml::{Kind, Node, to_cloudformation};
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
    /// CloudFormation's type of one.
    pub kind: &'static str,
    /// An ARN of one.
    pub example: &'static str,
}

pub(super) const QUEUE: Named = Named {
    what: "queue",
    declared: &["queues"],
    service: "sqs",
    kind: "AWS::SQS::Queue",
    example: "arn:aws:sqs:eu-west-1:123456789012:jobs",
};
pub(super) const TOPIC: Named = Named {
    what: "topic",
    declared: &["topics"],
    service: "sns",
    kind: "AWS::SNS::Topic",
    example: "arn:aws:sns:eu-west-1:123456789012:changes",
};
pub(super) const BUCKET: Named = Named {
    what: "bucket",
    declared: &["buckets"],
    service: "s3",
    kind: "AWS::S3::Bucket",
    example: "arn:aws:s3:::photos",
};
pub(super) const TABLE: Named = Named {
    what: "table",
    declared: &["tables", "dynamodb_tables"],
    service: "dynamodb",
    kind: "AWS::DynamoDB::Table",
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

/// Where `failures` sends what is given up: in the words of a permission's `on`, or an ARN.
fn failures(reading: &mut Reading<'_>, entry: &Node, allowed: &[Named]) -> Option<Failures> {
    let node = entry.get("failures")?;
    let text = node.text().filter(|_| node.tag.is_none());
    let words = || allowed.iter().map(|named| format!("`{} <name>`", named.what)).collect::<Vec<_>>().join(", ");
    let found = match text {
        Some(text) if !text.starts_with("arn:") => {
            let named = allowed.iter().find_map(|named| {
                let name = text.strip_prefix(named.what)?.strip_prefix(' ')?;
                Some((*named, name.trim()))
            });
            let Some((named, name)) = named else {
                reading
                    .error(node, format!("`{text}` is nowhere to send what is given up to"))
                    .hints
                    .push(format!("write {}, an ARN, or a CloudFormation function that gives one", words()));
                return None;
            };
            let kind = Kind::Scalar { text: name.to_owned(), plain: true };
            (named, own(reading, &Node { kind, ..node.clone() }, named)?)
        }
        text => {
            let service = text.and_then(|arn| arn.split(':').nth(2));
            let kind = resource_type(reading, node);
            let is_it = |named: &&Named| service == Some(named.service) || kind == Some(named.kind);
            let named = allowed.iter().find(is_it).unwrap_or(&QUEUE);
            (*named, read(reading, node, *named)?)
        }
    };
    Some(match found {
        (named, reference) if named.what == TOPIC.what => Failures::Topic(reference),
        (named, reference) if named.what == BUCKET.what => Failures::Bucket(reference),
        (_, reference) => Failures::Queue(reference),
    })
}

/// The type of the resource that a function of CloudFormation refers to, if slam.yaml has it among its own.
fn resource_type<'r>(reading: &Reading<'r>, node: &Node) -> Option<&'r str> {
    let function = to_cloudformation(node).ok()?;
    let id = [&function["Ref"], &function["Fn::GetAtt"][0]].into_iter().find_map(Value::as_str)?;
    let resources = [&["resources"][..], &["aws", "cfn_resources"]];
    resources.iter().find_map(|path| {
        let section = path.iter().try_fold(reading.root, |node, key| node.get(key))?;
        section.get(id)?.get("Type")?.text()
    })
}

/// The queue that `failures` names: a FIFO queue or none, as what fails demands.
pub(super) fn queue_for_failures(reading: &mut Reading<'_>, entry: &Node, fifo: bool) -> Option<Failures> {
    let failures = failures(reading, entry, &[QUEUE])?;
    if let (Failures::Queue(queue), Some(node)) = (&failures, entry.get("failures")) {
        let known = !matches!(queue, Reference::Arn(Value::Object(_)));
        match (known.then(|| is_fifo(reading, queue, "queues")), fifo) {
            (Some(true), false) => {
                reading
                    .error(node, "AWS sends what is given up here to standard queues alone, and this is a FIFO queue")
                    .hints
                    .push("name a queue without `fifo`".to_owned());
            }
            (Some(false), true) => {
                reading
                    .error(node, "what a FIFO topic could not deliver goes to a FIFO queue, and this is none")
                    .hints
                    .push("name a queue with `fifo: true`".to_owned());
            }
            _ => {}
        }
    }
    Some(failures)
}

/// Where a stream's records may go that were given up: to a standard queue or topic, or a bucket.
pub(super) fn stream_failures(reading: &mut Reading<'_>, entry: &Node) -> Option<Failures> {
    let failures = failures(reading, entry, &[QUEUE, TOPIC, BUCKET])?;
    let fifo = match &failures {
        Failures::Queue(queue) => is_fifo(reading, queue, "queues"),
        Failures::Topic(topic) => is_fifo(reading, topic, "topics"),
        Failures::Bucket(_) => false,
    };
    if let Some(node) = entry.get("failures").filter(|_| fifo) {
        reading
            .error(node, "AWS sends what is given up here to standard queues and topics alone, and this is a FIFO one")
            .hints
            .push("name one without `fifo`".to_owned());
    }
    Some(failures)
}

/// Whether a queue or topic is known to be a FIFO one.
pub(super) fn is_fifo(reading: &Reading<'_>, reference: &Reference, declared: &str) -> bool {
    match reference {
        Reference::Own(name) => {
            let section = reading.root.get(declared).and_then(|section| section.get(name));
            section.and_then(|section| section.get("fifo")).and_then(Node::flag).unwrap_or(false)
        }
        Reference::Arn(arn) => arn.as_str().is_some_and(|arn| arn.ends_with(".fifo")),
    }
}
