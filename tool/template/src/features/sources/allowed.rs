//! What services may send to the project's queues: the policies of a stage's queues.

use crate::draft::Draft;
use crate::ids::queue_id;
use crate::policy::document;
use serde_json::{Value, json};
use slam_project::{Failures, Reference, Stage};
use std::collections::BTreeMap;

/// The statements of queues' policies, by the queues' logical ids. A queue has one policy, so all are gathered first.
#[derive(Debug, Default)]
pub struct Allowed {
    queues: BTreeMap<String, Vec<Value>>,
}

impl Allowed {
    /// Lets a service send to a queue in the name of one of its resources.
    /// <https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html>
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub fn send(&mut self, queue: String, service: &str, source: Value) {
        let statement = json!({
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": {"Fn::GetAtt": [queue, "Arn"]},
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        });
        let statements = self.queues.entry(queue).or_default();
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }

    /// The same, for what could not be delivered. The policy of another's queue is its owner's affair.
    pub fn failures(&mut self, stage: &Stage, failures: &Failures, service: &str, source: Value) {
        if let Failures::Queue(Reference::Own(name)) = failures {
            self.send(queue_id(&stage.name, name), service, source);
        }
    }

    /// Adds the policies.
    pub fn add(self, draft: &mut Draft<'_>) {
        for (queue, statements) in self.queues {
            let properties = json!({"Queues": [{"Ref": queue}], "PolicyDocument": document(statements)});
            draft.resource(format!("{queue}Policy"), "AWS::SQS::QueuePolicy", properties);
        }
    }
}
