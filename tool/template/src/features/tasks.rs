//! What functions made by `@task` need: to invoke their own function, and a table for their results. Their retries are
//! set in each stage (`stages`).

use crate::draft::Draft;
use crate::ids::{alias_id, function_id, role_id, tasks_queue_id, tasks_table_id};
use crate::policy::{allow, document, policy};
use serde_json::{Value, json};
use slam_project::{Code, Function, Stage, Tasks, Via, tasks_queue, tasks_table};

/// What sends tasks, and what Lambda does to hand them to the function.
const QUEUE_ACTIONS: &[&str] =
    &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"];
/// Tasks that were given up are kept for as long as SQS does.
const KEPT: u32 = 1_209_600;

pub fn add(draft: &mut Draft<'_>) {
    let Some(tasks) = draft.project.tasks else { return };
    if tasks.results.is_some() {
        for stage in draft.stages.clone() {
            draft.resource(
                tasks_table_id(&stage.name),
                "AWS::DynamoDB::Table",
                table(&tasks_table(&draft.project.name, &stage.name)),
            );
        }
    }
    let functions: Vec<&Function> =
        draft.project.all_functions().filter(|function| matches!(function.code, Code::App { .. })).collect();
    match tasks.via {
        Via::Lambda => add_policies(draft, &functions, tasks),
        Via::Queue => {
            for stage in draft.stages.clone() {
                functions.iter().for_each(|function| add_queues(draft, stage, function, tasks));
            }
        }
    }
}

/// A stage's queue of tasks of a function. One that fails comes again when its message does.
fn add_queues(draft: &mut Draft<'_>, stage: &Stage, function: &Function, tasks: Tasks) {
    let name = function.name.as_deref();
    let named = |dead| tasks_queue(&draft.project.name, &stage.name, name, dead);
    let (id, dead_id) = (tasks_queue_id(&stage.name, name), format!("{}Dead", tasks_queue_id(&stage.name, name)));
    let source = format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{}", named(false));
    let dead = json!({
        "QueueName": named(true),
        "MessageRetentionPeriod": KEPT,
        "RedriveAllowPolicy": {"redrivePermission": "byQueue", "sourceQueueArns": [{"Fn::Sub": source}]},
    });
    let redrive =
        json!({"deadLetterTargetArn": {"Fn::GetAtt": [dead_id, "Arn"]}, "maxReceiveCount": tasks.queue_retries() + 1});
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    let queue = json!({"QueueName": named(false), "VisibilityTimeout": 6 * function.timeout, "RedrivePolicy": redrive});
    draft.resource(dead_id, "AWS::SQS::Queue", dead);
    draft.resource(id, "AWS::SQS::Queue", queue);
}

/// What hands a stage's tasks to a function, one by one: each may take as long as the function.
pub fn add_source(draft: &mut Draft<'_>, stage: &Stage, name: Option<&str>) {
    let function = draft.project.all_functions().find(|function| function.name.as_deref() == name);
    if !function.is_some_and(|function| draft.project.has_tasks_queue(function)) {
        return;
    }
    let queue = tasks_queue_id(&stage.name, name);
    let properties = json!({
        "EventSourceArn": {"Fn::GetAtt": [queue, "Arn"]},
        "FunctionName": {"Ref": alias_id(&stage.name, name)},
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    draft.resource(format!("{queue}Source"), "AWS::Lambda::EventSourceMapping", properties);
}

/// What the role of some functions needs for tasks that go by queues. Those are no part of a function, as an invocation of it
/// is, so the policy is one of the role's own.
pub fn policy_for_queues(draft: &Draft<'_>, functions: &[&Function]) -> Option<Value> {
    let tasks = draft.project.tasks?;
    let functions = functions.iter().filter(|function| draft.project.has_tasks_queue(function));
    let queues: Vec<Value> = functions
        .flat_map(|function| {
            let of =
                |stage: &&Stage| json!({"Fn::GetAtt": [tasks_queue_id(&stage.name, function.name.as_deref()), "Arn"]});
            draft.stages.iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    if queues.is_empty() {
        return None;
    }
    let mut statements = vec![allow(json!(QUEUE_ACTIONS), Value::Array(queues))];
    statements.extend(results_statement(draft, tasks));
    Some(policy("Tasks", statements))
}

fn results_statement(draft: &Draft<'_>, tasks: Tasks) -> Option<Value> {
    tasks.results?;
    let tables = draft.stages.iter().map(|stage| json!({"Fn::GetAtt": [tasks_table_id(&stage.name), "Arn"]}));
    Some(allow(json!(["dynamodb:GetItem", "dynamodb:PutItem"]), tables.collect()))
}

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true},
    })
}

/// A policy apart from its role, as it names the functions, and they name the role. One for each role.
fn add_policies(draft: &mut Draft<'_>, functions: &[&Function], tasks: Tasks) {
    let mut roles: Vec<String> = functions.iter().map(|function| role_id(function)).collect();
    roles.sort();
    roles.dedup();
    for role in roles {
        let of_role = functions.iter().filter(|function| role_id(function) == role);
        let functions: Value = of_role
            .flat_map(|function| {
                let id = function_id(function.name.as_deref());
                // A task runs in the stage that asked for it: through its alias.
                [json!({"Fn::GetAtt": [id, "Arn"]}), json!({"Fn::Sub": format!("${{{id}.Arn}}:*")})]
            })
            .collect();
        let mut statements = vec![allow(json!("lambda:InvokeFunction"), functions)];
        statements.extend(results_statement(draft, tasks));
        let properties =
            json!({"PolicyName": "Tasks", "PolicyDocument": document(statements), "Roles": [{"Ref": role}]});
        draft.resource(format!("{role}TasksPolicy"), "AWS::IAM::Policy", properties);
    }
}
