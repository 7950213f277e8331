//! Subscriptions of functions and queues to topics.

use super::{Allowed, Placed, failures_arn};
use crate::draft::Draft;
use crate::ids::{logical_part, queue_id, topic_id};
use serde_json::{Value, json};
use slam_project::{Queue, Reference, Stage, TopicTrigger, logical_name};

const KIND: &str = "AWS::SNS::Subscription";
/// Who sends.
const SERVICE: &str = "sns.amazonaws.com";

pub fn add(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &TopicTrigger, allowed: &mut Allowed) {
    if !placed.source.enabled {
        // A subscription that is off is none.
        return;
    }
    let topic = arn(&stage.name, &trigger.topic);
    placed.add_permission(draft, stage, SERVICE, json!({"SourceArn": topic}));
    let id = placed.id(&stage.name);
    subscribe(draft, stage, id, trigger, ("lambda", placed.alias(stage)), allowed);
}

/// What the queues of a stage get.
pub fn add_queues(draft: &mut Draft<'_>, stage: &Stage, allowed: &mut Allowed) {
    let queues: &[Queue] = &draft.project.queues;
    for queue in queues {
        for trigger in &queue.topics {
            let id = queue_id(&stage.name, &queue.name);
            let endpoint = json!({"Fn::GetAtt": [id, "Arn"]});
            let part = match &trigger.topic {
                Reference::Own(name) => logical_name(name),
                Reference::Arn(value) => logical_part(value),
            };
            let subscription = format!("{}{}{part}Subscription", logical_name(&stage.name), logical_name(&queue.name));
            subscribe(draft, stage, subscription, trigger, ("sqs", endpoint), allowed);
            allowed.send(id, SERVICE, arn(&stage.name, &trigger.topic));
        }
    }
}

fn subscribe(
    draft: &mut Draft<'_>,
    stage: &Stage,
    id: String,
    trigger: &TopicTrigger,
    (protocol, endpoint): (&str, Value),
    allowed: &mut Allowed,
) {
    let topic = arn(&stage.name, &trigger.topic);
    let mut properties = json!({"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint});
    if let Some(filter) = &trigger.filter {
        properties["FilterPolicy"] = filter.clone();
        if trigger.by_body {
            properties["FilterPolicyScope"] = json!("MessageBody");
        }
    }
    if trigger.raw {
        properties["RawMessageDelivery"] = json!(true);
    }
    if let Some(failures) = &trigger.failures {
        properties["RedrivePolicy"] =
            json!({"deadLetterTargetArn": failures_arn(draft.project, &stage.name, failures)});
        allowed.failures(stage, failures, SERVICE, topic);
    }
    draft.resource(id, KIND, properties);
}

/// The ARN of a topic, in a stage where it is the project's.
pub fn arn(stage: &str, topic: &Reference) -> Value {
    match topic {
        Reference::Own(name) => json!({"Ref": topic_id(stage, name)}),
        Reference::Arn(arn) => arn.clone(),
    }
}
