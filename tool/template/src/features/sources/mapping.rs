//! Event source mappings: Lambda reads queues and streams itself, as the function's role.

use super::{Placed, failures_arn, queue_arn};
use crate::draft::Draft;
use crate::ids::table_id;
use crate::policy::allow;
use serde_json::{Value, json};
use slam_project::{Batching, Failures, Function, QueueTrigger, Reference, Stage, Start, TableTrigger, Trigger};
use std::collections::BTreeMap;

const KIND: &str = "AWS::Lambda::EventSourceMapping";

/// What Lambda does with a queue in the function's name.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions>
const QUEUE_ACTIONS: &[&str] = &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/// And with a stream. <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>
const STREAM_ACTIONS: &[&str] = &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
/// It has no resource: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
const LIST_ACTION: &str = "dynamodb:ListStreams";

pub fn add_queue(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &QueueTrigger) {
    let mut properties = common(stage, placed, queue_arn(&stage.name, &trigger.queue), &trigger.batching);
    if let Some(concurrency) = trigger.concurrency {
        properties["ScalingConfig"] = json!({"MaximumConcurrency": concurrency});
    }
    draft.resource(placed.id(&stage.name), KIND, properties);
}

pub fn add_table(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &TableTrigger) {
    let mut properties = common(stage, placed, stream_arn(&stage.name, &trigger.table), &trigger.batching);
    let start = if trigger.start == Start::Latest { "LATEST" } else { "TRIM_HORIZON" };
    properties["StartingPosition"] = json!(start);
    if trigger.bisect {
        properties["BisectBatchOnFunctionError"] = json!(true);
    }
    let numbers = [
        ("ParallelizationFactor", trigger.parallel),
        ("MaximumRetryAttempts", trigger.retries),
        ("MaximumRecordAgeInSeconds", trigger.age),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            properties[name] = json!(value);
        }
    }
    if let Some(failures) = &trigger.failures {
        properties["DestinationConfig"] =
            json!({"OnFailure": {"Destination": failures_arn(draft.project, &stage.name, failures)}});
    }
    draft.resource(placed.id(&stage.name), KIND, properties);
}

fn common(stage: &Stage, placed: &Placed<'_>, source: Value, batching: &Batching) -> Value {
    let mut properties = json!({"EventSourceArn": source, "FunctionName": placed.alias(stage)});
    if !placed.source.enabled {
        properties["Enabled"] = json!(false);
    }
    let numbers = [("BatchSize", batching.batch), ("MaximumBatchingWindowInSeconds", batching.window)];
    for (name, value) in numbers {
        if let Some(value) = value {
            properties[name] = json!(value);
        }
    }
    if !batching.filters.is_empty() {
        let filters = batching.filters.iter().map(|pattern| json!({"Pattern": pattern.to_string()}));
        properties["FilterCriteria"] = json!({"Filters": filters.collect::<Vec<_>>()});
    }
    if batching.partial {
        properties["FunctionResponseTypes"] = json!(["ReportBatchItemFailures"]);
    }
    properties
}

fn stream_arn(stage: &str, table: &Reference) -> Value {
    match table {
        Reference::Own(name) => json!({"Fn::GetAtt": [table_id(stage, name), "StreamArn"]}),
        Reference::Arn(arn) => arn.clone(),
    }
}

/// What the role of some functions needs so that Lambda can read for them, in all stages of the stack.
pub fn statements(draft: &Draft<'_>, functions: &[&Function]) -> Vec<Value> {
    let (mut queues, mut streams): (Vec<Value>, Vec<Value>) = Default::default();
    let mut lost: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for source in functions.iter().flat_map(|function| &function.sources) {
        for stage in draft.stages.iter().filter(|stage| source.is_in(&stage.name)) {
            match &source.trigger {
                Trigger::Queue(trigger) => add(&mut queues, queue_arn(&stage.name, &trigger.queue)),
                Trigger::Table(trigger) => {
                    add(&mut streams, stream_arn(&stage.name, &trigger.table));
                    // What goes to the project's own queues, topics and buckets is allowed in any case.
                    for (action, arn) in trigger.failures.iter().flat_map(losing) {
                        add(lost.entry(action).or_default(), arn);
                    }
                }
                // These call the function; Lambda reads nothing for it.
                Trigger::Schedule(_) | Trigger::Topic(_) | Trigger::Bucket(_) | Trigger::Event(_) => {}
            }
        }
    }
    let mut statements = Vec::new();
    if !queues.is_empty() {
        statements.push(allow(json!(QUEUE_ACTIONS), Value::Array(queues)));
    }
    if !streams.is_empty() {
        statements.push(allow(json!(STREAM_ACTIONS), Value::Array(streams)));
        statements.push(allow(json!([LIST_ACTION]), json!("*")));
    }
    statements.extend(lost.into_iter().map(|(action, arns)| allow(json!([action]), Value::Array(arns))));
    statements
}

/// What Lambda does, in the function's name, with what is given up and goes to others' resources.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
fn losing(failures: &Failures) -> Vec<(&'static str, Value)> {
    match failures {
        Failures::Queue(Reference::Arn(arn)) => vec![("sqs:SendMessage", arn.clone())],
        Failures::Topic(Reference::Arn(arn)) => vec![("sns:Publish", arn.clone())],
        Failures::Bucket(Reference::Arn(arn)) => {
            let objects = json!({"Fn::Join": ["", [arn, "/*"]]});
            vec![("s3:ListBucket", arn.clone()), ("s3:PutObject", objects)]
        }
        _ => Vec::new(),
    }
}

fn add(arns: &mut Vec<Value>, arn: Value) {
    if !arns.contains(&arn) {
        arns.push(arn);
    }
}
