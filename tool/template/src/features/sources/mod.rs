//! What calls functions beside requests: event sources.
//!
//! A stage has them from the first time on that something is deployed or published to it, as it has its aliases, which they
//! call: a queue keeps its messages, and a stream its changes, for a stage that does not answer yet.

mod allowed;
mod bucket;
mod event;
mod mapping;
mod schedule;
mod topic;

pub use bucket::notify;
pub use mapping::statements;

use super::buckets;
use crate::draft::Draft;
use crate::ids::{alias_id, logical_part};
use allowed::Allowed;
use serde_json::{Map, Value, json};
use slam_project::{EventSource, Failures, Function, Project, Reference, Stage, Trigger, logical_name};
use std::collections::BTreeMap;

/// A function's event source, and how it is told from others of its kind.
#[derive(Clone, Debug)]
pub struct Placed<'p> {
    pub function: &'p Function,
    pub source: &'p EventSource,
    /// The part of logical ids after the stage's and the function's.
    id: String,
}

impl Placed<'_> {
    /// Its logical id in a stage.
    pub fn id(&self, stage: &str) -> String {
        let function = self.function.name.as_deref().map(logical_name).unwrap_or_default();
        format!("{}{function}{}", logical_name(stage), self.id)
    }

    /// Whether a resource of a stage is made for it.
    pub fn is(&self, stage: &str, logical_id: &str) -> bool {
        [self.id(stage), self.permission_id(stage)].iter().any(|id| id == logical_id)
    }

    /// What allows a service to call the alias for it.
    pub fn permission_id(&self, stage: &str) -> String {
        format!("{}Permission", self.id(stage))
    }

    fn add_permission(&self, draft: &mut Draft<'_>, stage: &Stage, service: &str, source: Value) {
        let mut properties =
            json!({"Action": "lambda:InvokeFunction", "FunctionName": self.alias(stage), "Principal": service});
        for (name, value) in source.as_object().into_iter().flatten() {
            properties[name] = value.clone();
        }
        draft.resource(self.permission_id(&stage.name), "AWS::Lambda::Permission", properties);
    }

    /// The alias that it calls.
    fn alias(&self, stage: &Stage) -> Value {
        json!({"Ref": alias_id(&stage.name, self.function.name.as_deref())})
    }

    /// What a person calls it.
    fn described(&self, project: &Project) -> String {
        format!("Calls {} of {}", self.function.name.as_deref().unwrap_or("the function"), project.name)
    }
}

/// All event sources of a project.
pub fn of(project: &Project) -> Vec<Placed<'_>> {
    project.all_functions().flat_map(of_function).collect()
}

fn of_function(function: &Function) -> Vec<Placed<'_>> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let placed = function.sources.iter().map(|source| {
        let id = match &source.trigger {
            Trigger::Queue(trigger) => format!("{}QueueSource", part(&trigger.queue)),
            Trigger::Table(trigger) => format!("{}TableSource", part(&trigger.table)),
            Trigger::Schedule(_) => ordinal(&mut counted, "Schedule"),
            Trigger::Topic(trigger) => format!("{}TopicSource", part(&trigger.topic)),
            Trigger::Bucket(trigger) => format!("{}BucketSource", logical_name(&trigger.bucket)),
            Trigger::Event(_) => ordinal(&mut counted, "Event"),
        };
        Placed { function, source, id }
    });
    placed.collect()
}

/// What has no name of its own is counted: `Schedule`, `Schedule2`.
fn ordinal(counted: &mut BTreeMap<&'static str, usize>, kind: &'static str) -> String {
    let number = counted.entry(kind).or_default();
    *number += 1;
    if *number == 1 { kind.to_owned() } else { format!("{kind}{number}") }
}

fn part(reference: &Reference) -> String {
    match reference {
        Reference::Own(name) => logical_name(name),
        Reference::Arn(value) => logical_part(value),
    }
}

/// The event sources of a stage.
pub fn add(draft: &mut Draft<'_>, stage: &Stage, sources: &[Placed<'_>]) {
    let sources: Vec<_> = sources.iter().filter(|placed| placed.source.is_in(&stage.name)).collect();
    let mut allowed = Allowed::default();
    for placed in &sources {
        match &placed.source.trigger {
            Trigger::Queue(trigger) => mapping::add_queue(draft, stage, placed, trigger),
            Trigger::Table(trigger) => mapping::add_table(draft, stage, placed, trigger),
            Trigger::Schedule(trigger) => schedule::add(draft, stage, placed, trigger),
            Trigger::Topic(trigger) => topic::add(draft, stage, placed, trigger, &mut allowed),
            Trigger::Bucket(trigger) => bucket::add(draft, stage, placed, trigger),
            Trigger::Event(trigger) => event::add(draft, stage, placed, trigger, &mut allowed),
        }
    }
    schedule::add_role(draft, stage, &sources);
    topic::add_queues(draft, stage, &mut allowed);
    allowed.add(draft);
}

/// How often and how long a call is tried, where slam.yaml says it.
fn retry_policy(retries: Option<u32>, age: Option<u32>) -> Option<Value> {
    let parts = [("MaximumRetryAttempts", retries), ("MaximumEventAgeInSeconds", age)];
    let policy: Map<String, Value> =
        parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    (!policy.is_empty()).then(|| Value::Object(policy))
}

/// The ARN of a queue, in a stage where it is the project's.
fn queue_arn(stage: &str, queue: &Reference) -> Value {
    match queue {
        Reference::Own(name) => json!({"Fn::GetAtt": [crate::ids::queue_id(stage, name), "Arn"]}),
        Reference::Arn(arn) => arn.clone(),
    }
}

fn failures_arn(project: &Project, stage: &str, failures: &Failures) -> Value {
    match failures {
        Failures::Queue(queue) => queue_arn(stage, queue),
        Failures::Topic(topic) => topic::arn(stage, topic),
        Failures::Bucket(Reference::Own(name)) => buckets::arn(project, stage, name, ""),
        Failures::Bucket(Reference::Arn(arn)) => arn.clone(),
    }
}
