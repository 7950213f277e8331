//! SQS queues, one of each per stage, and the dead-letter queues that come with `retries`.

use crate::draft::Draft;
use crate::holders;
use crate::ids::{dead_queue_id, queue_id};
use serde_json::{Value, json};
use slam_project::{Queue, Stage};

const KIND: &str = "AWS::SQS::Queue";
/// A dead-letter queue keeps messages for as long as SQS does: in a standard queue the time is counted from when a message was
/// first sent, so it must be longer than the queue's own.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>
const DEAD_FOR: u32 = 1_209_600;

pub fn add(draft: &mut Draft<'_>) {
    for stage in draft.stages.clone() {
        for queue in &draft.project.queues {
            add_queue(draft, stage, queue);
        }
    }
}

fn add_queue(draft: &mut Draft<'_>, stage: &Stage, queue: &Queue) {
    let mut properties = named(&queue.name_in(&stage.name), queue.fifo);
    let numbers = [
        ("DelaySeconds", queue.delay),
        ("VisibilityTimeout", draft.project.visibility(queue)),
        ("MessageRetentionPeriod", queue.keep),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            properties[name] = json!(value);
        }
    }
    if queue.content_deduplication {
        properties["ContentBasedDeduplication"] = json!(true);
    }
    if queue.high_throughput {
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/enable-high-throughput-fifo.html
        properties["DeduplicationScope"] = json!("messageGroup");
        properties["FifoThroughputLimit"] = json!("perMessageGroupId");
    }
    if let Some(retries) = queue.retries {
        let dead = dead_queue_id(&stage.name, &queue.name);
        properties["RedrivePolicy"] =
            json!({"deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]}, "maxReceiveCount": retries + 1});
        add_dead(draft, stage, queue, dead);
    }
    draft.insert(queue_id(&stage.name, &queue.name), holders::resource(KIND, "queues", &queue.name, properties));
}

/// It takes messages of its queue alone, which is named and not referred to, for the queue refers to it.
fn add_dead(draft: &mut Draft<'_>, stage: &Stage, queue: &Queue, id: String) {
    let mut properties = named(&queue.dead_name_in(&stage.name), queue.fifo);
    properties["MessageRetentionPeriod"] = json!(DEAD_FOR);
    let source =
        format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{}", queue.name_in(&stage.name));
    properties["RedriveAllowPolicy"] =
        json!({"redrivePermission": "byQueue", "sourceQueueArns": [{"Fn::Sub": source}]});
    draft.insert(id, holders::resource(KIND, "queues", &queue.name, properties));
}

fn named(name: &str, fifo: bool) -> Value {
    let mut properties = json!({"QueueName": name});
    if fifo {
        properties["FifoQueue"] = json!(true);
    }
    properties
}
