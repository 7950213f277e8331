//! SQS queues.

use super::{Reading, duration, sources};
use crate::environment::queue_variable;
use crate::model::{MAX_VISIBILITY, Queue, Reference, Trigger};
use crate::naming::logical_name;
use crate::project::Project;
use crate::yaml::Node;
use std::collections::HashMap;

/// The longest name of a queue, that of its stage included.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
const MAX_NAME: usize = 80;
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const MAX_DELAY: u32 = 900;
const MAX_KEEP: u32 = 1_209_600;

pub(super) fn queues(reading: &mut Reading<'_>) -> Vec<Queue> {
    let entries = reading.root.get("queues").map(Node::entries).unwrap_or_default();
    entries.iter().map(|(name, node)| queue(reading, name, node)).collect()
}

fn queue<'a>(reading: &mut Reading<'a>, name: &'a Node, node: &'a Node) -> Queue {
    check_name(reading, name, "queue");
    let flag = |key: &str| node.get(key).and_then(Node::flag).unwrap_or(false);
    let fifo = flag("fifo");
    for key in ["content_deduplication", "high_throughput"] {
        if let Some(value) = node.get(key).filter(|value| !fifo && value.flag() == Some(true)) {
            reading
                .error(value, format!("`{key}` is for FIFO queues alone"))
                .hints
                .push("add `fifo: true`, or remove it".to_owned());
        }
    }
    let retries = node.get("retries").and_then(Node::integer).and_then(|number| u32::try_from(number).ok());
    Queue {
        name: name.key().to_owned(),
        fifo,
        retries,
        delay: duration::of(reading, node, "delay", 0..=MAX_DELAY),
        visibility: duration::of(reading, node, "visibility", 0..=MAX_VISIBILITY),
        keep: duration::of(reading, node, "keep", 60..=MAX_KEEP),
        content_deduplication: flag("content_deduplication"),
        high_throughput: flag("high_throughput"),
        topics: sources::topics(reading, node),
    }
}

/// The alphabet of SQS and SNS.
pub(super) fn check_name(reading: &mut Reading<'_>, node: &Node, what: &str) {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let name = node.key();
    if !name.bytes().all(legal) || !name.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        let error = reading.error(node, format!("a {what}'s name has letters, digits, dashes and underscores"));
        if name.ends_with(".fifo") {
            error.hints.push("leave `.fifo` out, and say `fifo: true`: slam completes the name".to_owned());
        }
    }
}

/// What can only be checked with everything known: names that become one, and messages that come again too early.
pub(super) fn check(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    let mut names: HashMap<String, String> = HashMap::new();
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut variables: HashMap<String, &str> = HashMap::new();
    for queue in &project.queues {
        let Some((place, section)) = root.get("queues").and_then(|queues| queues.entry(&queue.name)) else { continue };
        let variable = queue_variable(&queue.name);
        if let Some(other) = variables.insert(variable.clone(), &queue.name) {
            let message = format!("the queues `{other}` and `{}` would both be `{variable}` to the code", queue.name);
            reading.error(place, message);
            continue;
        }
        for stage in &project.stages {
            let stage = &stage.name;
            let own = [Some(queue.name_in(stage)), queue.retries.map(|_| queue.dead_name_in(stage))];
            for name in own.into_iter().flatten() {
                if name.len() > MAX_NAME {
                    let message =
                        format!("`{name}` has {} characters, and the name of a queue {MAX_NAME} at most", name.len());
                    reading.error(place, message).hints.push("give the queue or its stage a shorter name".to_owned());
                }
                let what = format!("`{}` of `{stage}`", queue.name);
                if let Some(other) = names.insert(name.clone(), what.clone()) {
                    reading.error(place, format!("the queues {other} and {what} would both be named `{name}`"));
                }
            }
            let id = logical_name(stage) + &logical_name(&queue.name);
            let what = format!("`{}` of `{stage}`", queue.name);
            if let Some(other) = ids.insert(id.clone(), what.clone()) {
                reading.error(place, format!("the queues {other} and {what} would both be `{id}` in the stack"));
            }
        }
        if let (Some(node), Some(visibility)) = (section.get("visibility"), queue.visibility) {
            check_visibility(reading, project, queue, (node, visibility));
        }
    }
}

/// Lambda refuses a queue whose messages come again while the function may still be at them.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
fn check_visibility(reading: &mut Reading<'_>, project: &Project, queue: &Queue, (node, visibility): (&Node, u32)) {
    let consumes = |trigger: &Trigger| match trigger {
        Trigger::Queue(trigger) => matches!(&trigger.queue, Reference::Own(name) if *name == queue.name),
        _ => false,
    };
    let slow = project.all_functions().find(|function| {
        function.timeout > visibility && function.sources.iter().any(|source| consumes(&source.trigger))
    });
    if let Some(function) = slow {
        let name = function.name.as_deref().unwrap_or(&project.name);
        let message = format!(
            "messages of `{}` would come again after {visibility} s, while `{name}` may take {} s: AWS refuses that",
            queue.name, function.timeout
        );
        let hint = "leave `visibility` out: slam takes six times the function's timeout, as AWS advises";
        reading.error(node, message).hints.push(hint.to_owned());
    }
}
