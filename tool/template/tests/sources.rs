//! Queues, and what calls functions: what a template has of them, and when.

mod common;

use common::{EVENTS, project};
use serde_json::{Value, json};
use slam_template::{Inputs, Template, render};

fn rendered(text: &str) -> Template {
    render(&project(text), &Inputs::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Whole, with both stages.
fn opened(text: &str) -> Template {
    let mut template = rendered(text);
    template.open(&project(text), "prod").expect("opened");
    template
}

fn of_type(template: &Template, kind: &str) -> Vec<String> {
    let found = template.resources().iter().filter(|(_, resource)| resource["Type"] == kind);
    found.map(|(id, _)| id.clone()).collect()
}

#[test]
fn events() {
    insta::assert_snapshot!(opened(EVENTS).to_json());
}

/// The statements of a role's policy.
fn statements<'t>(template: &'t Template, role: &str, policy: &str) -> Vec<&'t Value> {
    let policies = template.resources()[role]["Properties"]["Policies"].as_array().expect("policies");
    let found = policies.iter().filter(|found| found["PolicyName"] == policy);
    found.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().expect("statements")).collect()
}

#[test]
fn a_stage_has_event_sources_once_it_answers() {
    let (mappings, schedules) = ("AWS::Lambda::EventSourceMapping", "AWS::Scheduler::Schedule");
    let before = rendered(EVENTS);
    let dev = [
        "DevTasksQueueSource",
        "DevAuditTasksQueueSource",
        "DevWatchTasksQueueSource",
        "DevNightlyTasksQueueSource",
        "DevReaderTasksQueueSource",
        "DevMailQueueSource",
        "DevOrdersQueueSource",
        "DevAuditNotesTableSource",
    ];
    assert_eq!(of_type(&before, mappings), dev);
    assert_eq!(of_type(&before, schedules), ["DevNightlySchedule", "DevNightlySchedule2"]);
    // Its queues are there from the start: they keep messages for it.
    assert!(before.resources().contains_key("ProdMailQueue"));
    let after = opened(EVENTS);
    let prod = [
        "ProdTasksQueueSource",
        "ProdAuditTasksQueueSource",
        "ProdWatchTasksQueueSource",
        "ProdNightlyTasksQueueSource",
        "ProdReaderTasksQueueSource",
        "ProdMailQueueSource",
        "ProdOrdersQueueSource",
        "ProdJobsQueueSource",
        "ProdAuditNotesTableSource",
        "ProdWatchOthersTableSource",
    ];
    assert_eq!(of_type(&after, mappings), [&dev[..], &prod[..]].concat());
    assert_eq!(
        after.resources()["ProdMailQueueSource"]["Properties"]["FunctionName"],
        json!({"Ref": "ProdFunctionAlias"})
    );
    // And the next deployment keeps them.
    let inputs = Inputs { deployed: Some(&after), ..Inputs::default() };
    let next = render(&project(EVENTS), &inputs).expect("rendered");
    let by_name = |template: &Template, kind: &str| {
        let mut ids = of_type(template, kind);
        ids.sort();
        ids
    };
    for kind in [mappings, schedules] {
        assert_eq!(by_name(&next, kind), by_name(&after, kind));
    }
    // A stage of a stack of its own has them with its first deployment.
    let inputs = Inputs { stages: vec!["prod"], deploy_stage: Some("prod"), ..Inputs::default() };
    let alone = render(&project(EVENTS), &inputs).expect("rendered");
    assert_eq!(of_type(&alone, mappings), prod);
    assert!(!alone.to_json().contains("Dev"));
}

/// What is published is what is deployed: slam.yaml may have come to say more.
#[test]
fn a_stage_that_opens_has_what_is_deployed() {
    let mut template = rendered(EVENTS);
    let more = EVENTS.replace("  watch:", "  later: {app: 'jobs:later', on: {schedule: rate(1 day)}}\n  watch:");
    let more = more.replace("- {queue: orders, batch: 1}", "- {queue: orders, batch: 1}\n  - {schedule: rate(1 day)}");
    template.open(&project(&more), "prod").expect("opened");
    assert_eq!(
        of_type(&template, "AWS::Scheduler::Schedule"),
        ["DevNightlySchedule", "DevNightlySchedule2", "ProdNightlySchedule", "ProdNightlySchedule2"]
    );
}

#[test]
fn a_queue_has_what_it_needs() {
    let template = rendered(EVENTS);
    let properties = |id: &str| template.resources()[id]["Properties"].clone();
    let mail = properties("DevMailQueue");
    assert_eq!(mail["QueueName"], "dev-mail");
    assert_eq!(mail["VisibilityTimeout"], 65, "six times the timeout, and the window");
    let dead = json!({"deadLetterTargetArn": {"Fn::GetAtt": ["DevMailDeadLetterQueue", "Arn"]}, "maxReceiveCount": 4});
    assert_eq!(mail["RedrivePolicy"], dead);
    assert_eq!(properties("DevOrdersQueue")["VisibilityTimeout"], 3600);
    assert_eq!(properties("DevOrdersDeadLetterQueue")["QueueName"], "dev-orders-dead.fifo");
    assert!(!template.resources().contains_key("DevLostDeadLetterQueue"));
    assert_eq!(properties("DevNotesDynamoDBTable")["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    let variables = &properties("Function")["Environment"]["Variables"];
    let stages = variables["SLAM_STAGES"]["Fn::Sub"].as_str().expect("made in the cloud");
    assert!(
        stages.contains(r#""QUEUE_MAIL":"${DevMailQueue}""#) && stages.contains(r#""QUEUE_LOST":"${ProdLostQueue}""#),
        "{stages}"
    );
    assert_eq!(variables["GREETING"], "${NAME}");
}

#[test]
fn roles_may_what_they_must() {
    let template = opened(EVENTS);
    let arn = |id: &str, attribute: &str| json!({"Fn::GetAtt": [id, attribute]});
    let of_queues = statements(&template, "FunctionExecutionRole", "EventSources");
    assert_eq!(of_queues.len(), 1);
    assert_eq!(of_queues[0]["Action"], json!(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]));
    let queues = ["DevMailQueue", "ProdMailQueue", "DevOrdersQueue", "ProdOrdersQueue"].map(|id| arn(id, "Arn"));
    let others = json!("arn:aws:sqs:eu-west-1:123456789012:jobs");
    assert_eq!(of_queues[0]["Resource"], json!([&queues[..], &[others]].concat()));
    let of_stream = statements(&template, "AuditFunctionExecutionRole", "EventSources");
    let streams = ["DevNotesDynamoDBTable", "ProdNotesDynamoDBTable"].map(|id| arn(id, "StreamArn"));
    assert_eq!(of_stream[0]["Resource"], json!(streams));
    assert_eq!((&of_stream[1]["Action"], of_stream.len()), (&json!(["dynamodb:ListStreams"]), 2));
    let of_others = statements(&template, "WatchFunctionExecutionRole", "EventSources");
    assert_eq!(of_others[2]["Resource"], json!([arn("Dump", "Arn")]));
    let schedules = statements(&template, "DevSchedulesRole", "Schedules");
    assert_eq!(schedules[0]["Resource"], json!([{"Ref": "DevNightlyFunctionAlias"}]));
    assert_eq!(schedules[1]["Resource"], json!([arn("DevLostQueue", "Arn")]));
}

/// A bucket needs what allows it to call, and nothing that it needs may need the bucket.
#[test]
fn a_bucket_tells_functions_once_its_stage_answers() {
    let before = rendered(EVENTS);
    assert!(before.resources()["ProdUploadsBucket"]["Properties"]["NotificationConfiguration"].is_null());
    let after = opened(EVENTS);
    let bucket = &after.resources()["ProdUploadsBucket"];
    assert_eq!(bucket["DependsOn"], json!(["ProdReaderUploadsBucketSourcePermission"]));
    let told = bucket["Properties"]["NotificationConfiguration"]["LambdaConfigurations"].as_array().expect("functions");
    let events: Vec<&str> = told.iter().filter_map(|one| one["Event"].as_str()).collect();
    assert_eq!(events, ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete", "s3:ObjectCreated:*"]);
    assert_eq!(told[2]["Filter"], json!({"S3Key": {"Rules": [{"Name": "prefix", "Value": "big/"}]}}));
    assert_eq!(bucket["Properties"]["BucketName"], json!({"Fn::Sub": "events-prod-uploads-${AWS::AccountId}"}));
    for (id, resource) in after.resources() {
        for bucket in ["ProdUploadsBucket", "DevUploadsBucket"] {
            assert!(!resource.to_string().contains(&format!("\"{bucket}\"")), "{id} refers to {bucket}");
        }
    }
    // One that is off tells nobody.
    assert!(after.resources()["ProdPlainBucket"]["Properties"]["NotificationConfiguration"].is_null());
}

/// A queue has one policy, whoever sends to it.
#[test]
fn queues_let_services_send_in_the_name_of_their_resources() {
    let template = opened(EVENTS);
    let senders = |id: &str| -> Vec<(String, Value)> {
        let statements =
            template.resources()[id]["Properties"]["PolicyDocument"]["Statement"].as_array().expect("statements");
        let sender = |statement: &Value| {
            let service = statement["Principal"]["Service"].as_str().expect("a service").to_owned();
            (service, statement["Condition"]["ArnEquals"]["aws:SourceArn"].clone())
        };
        statements.iter().map(sender).collect()
    };
    let topic = ("sns.amazonaws.com".to_owned(), json!({"Ref": "ProdChangesTopic"}));
    let rule = ("events.amazonaws.com".to_owned(), json!({"Fn::GetAtt": ["ProdReaderEvent", "Arn"]}));
    assert_eq!(senders("ProdLostQueuePolicy"), [topic.clone(), rule]);
    assert_eq!(senders("ProdCopiesQueuePolicy"), [topic]);
    assert_eq!(of_type(&template, "AWS::SQS::QueuePolicy").len(), 4);
    assert_eq!(of_type(&template, "AWS::SNS::Subscription").len(), 5);
}

#[test]
fn tasks_by_a_queue_may_what_they_must() {
    let template = opened(EVENTS);
    let tasks = statements(&template, "FunctionExecutionRole", "Tasks");
    assert_eq!(tasks[0]["Resource"].as_array().map(Vec::len), Some(6), "three functions in two stages");
    assert_eq!(tasks[1]["Action"], json!(["dynamodb:GetItem", "dynamodb:PutItem"]));
    let queue = &template.resources()["DevAuditTasksQueue"]["Properties"];
    assert_eq!((&queue["VisibilityTimeout"], &queue["RedrivePolicy"]["maxReceiveCount"]), (&json!(120), &json!(5)));
    assert!(of_type(&template, "AWS::Lambda::EventInvokeConfig").is_empty());
    // Nothing is read from a queue that slam.yaml has come to have since.
    let without = EVENTS.replace("tasks: {via: queue, retries: 4, results: 1d}\n", "");
    let mut deployed = rendered(&without);
    deployed.open(&project(EVENTS), "prod").expect("opened");
    assert!(!deployed.to_json().contains("TasksQueue"));
}

#[test]
fn queues_and_buckets_that_leave_are_known() {
    let deployed = opened(EVENTS);
    let left = |text: &str| -> Vec<String> {
        let found = deployed.leaving(&opened(text)).into_iter();
        found.map(|holder| format!("{} {}.{}", holder.logical_id, holder.section, holder.name)).collect()
    };
    assert_eq!(left(EVENTS), [""; 0]);
    let other = EVENTS.replace("  plain: {}\n", "").replace("- {bucket: plain, enabled: false}", "");
    let other = other
        .replace(", {allow: \"s3:GetObjectTagging\", on: bucket plain}", "")
        .replace("mail: {retries: 3,", "mail: {");
    let expected = [
        "DevMailDeadLetterQueue queues.mail",
        "ProdMailDeadLetterQueue queues.mail",
        "DevPlainBucket buckets.plain",
        "ProdPlainBucket buckets.plain",
    ];
    assert_eq!(left(&other), expected);
}
