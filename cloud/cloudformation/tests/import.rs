//! Import. Sentences as public conformance tests against AWS record them (ministack's), and CDK's for what exists;
//! events as AWS's examples show them:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html>
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use serde_json::{Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::{cloudformation as wire, dynamodb, iam, logs, s3};
use support::{World, capabilities};

const GROUP: &str = "AWS::Logs::LogGroup";

fn group(name: &str, policy: &str) -> Value {
    let mut group = json!({"Type": GROUP, "Properties": {"LogGroupName": name}});
    if !policy.is_empty() {
        group["DeletionPolicy"] = json!(policy);
    }
    group
}

fn template(resources: &[(&str, Value)]) -> Value {
    json!({"Resources": resources.iter().map(|(id, one)| ((*id).to_owned(), one.clone())).collect::<serde_json::Map<_, _>>()})
}

async fn make_group(world: &World, name: &str) {
    let request = logs::CreateLogGroup { log_group_name: name.into(), ..Default::default() };
    world.call(request).await.unwrap();
}

async fn groups(world: &World) -> Vec<String> {
    let groups = world.call(logs::DescribeLogGroups::default()).await.unwrap().log_groups.unwrap_or_default();
    groups.into_iter().filter_map(|group| group.log_group_name).collect()
}

/// What `ResourcesToImport` says: logical id, type, identifier and its value.
type Listed<'a> = (&'a str, &'a str, &'a str, &'a str);

async fn propose(world: &World, template: &Value, listed: Option<&[Listed<'_>]>, kind: &str) -> AwsResult<()> {
    let entry = |(id, kind, key, value): &Listed<'_>| wire::ResourceToImport {
        logical_resource_id: (*id).into(),
        resource_type: (*kind).into(),
        resource_identifier: [((*key).to_owned(), (*value).to_owned())].into(),
    };
    let input = wire::CreateChangeSet {
        stack_name: "s".into(),
        change_set_name: "c".into(),
        change_set_type: Some(kind.into()),
        template_body: Some(template.to_string()),
        capabilities: capabilities(),
        import_existing_resources: Some(listed.is_none()),
        resources_to_import: listed.map(|listed| listed.iter().map(entry).collect()),
        tags: listed.is_none().then(|| vec![wire::Tag { key: "team".into(), value: "data".into() }]),
        ..Default::default()
    };
    world.call(input).await.map(|_| ())
}

async fn described(world: &World) -> wire::DescribeChangeSetOutput {
    let input =
        wire::DescribeChangeSet { change_set_name: "c".into(), stack_name: Some("s".into()), ..Default::default() };
    world.call(input).await.unwrap()
}

/// Executes the change set and gives the stack's status in the end.
async fn execute(world: &World) -> String {
    let input =
        wire::ExecuteChangeSet { change_set_name: "c".into(), stack_name: Some("s".into()), ..Default::default() };
    world.call(input).await.unwrap();
    world.settled("s").await.stack_status
}

fn actions(set: &wire::DescribeChangeSetOutput) -> Vec<String> {
    let changes = set.changes.iter().flatten().filter_map(|change| change.resource_change.as_ref());
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    changes
        .map(|change| {
            let (id, physical) = (&change.logical_resource_id, &change.physical_resource_id);
            format!("{} {} {} {}", text(&change.action), text(id), text(physical), text(&change.replacement))
        })
        .collect()
}

#[tokio::test]
async fn what_exists_is_taken_over_by_an_update_and_the_rest_is_made() {
    let world = World::new();
    world.create("s", &template(&[("Own", group("own", ""))]).to_string(), &[]).await.unwrap();
    world.settled("s").await;
    make_group(&world, "there").await;
    let wanted = template(&[("Own", group("own", "")), ("There", group("there", "Retain")), ("New", group("new", ""))]);
    propose(&world, &wanted, None, "UPDATE").await.unwrap();
    let set = described(&world).await;
    assert_eq!(set.import_existing_resources, Some(true));
    assert_eq!(actions(&set), ["Add New - -", "Modify Own own False", "Import There there -"]);
    let before = world.events("s").await.len();
    assert_eq!(execute(&world).await, "UPDATE_COMPLETE");
    let events = world.events("s").await;
    let of_there: Vec<&String> = events[before..].iter().filter(|event| event.starts_with("There")).collect();
    assert_eq!(
        of_there,
        [
            "There IMPORT_IN_PROGRESS: Resource import started.",
            "There IMPORT_COMPLETE: Resource import completed.",
            "There UPDATE_IN_PROGRESS: Apply stack-level tags to imported resource if applicable.",
            "There UPDATE_COMPLETE",
        ]
    );
    let tags = world.call(logs::ListTagsLogGroup { log_group_name: "there".into() }).await.unwrap().tags.unwrap();
    assert_eq!(tags.get("team").map(String::as_str), Some("data"));
    // From now on it is a resource like any other.
    let without = template(&[("Own", group("own", "")), ("There", group("there", "Delete"))]);
    world.update("s", &without.to_string(), &[]).await.unwrap();
    world.settled("s").await;
    world.delete("s").await;
    while world.call(wire::DescribeStacks { stack_name: Some("s".into()), next_token: None }).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(groups(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_stack_that_is_created_takes_over_every_type_that_can_be() {
    let world = World::new();
    make_group(&world, "g").await;
    world.call(s3::CreateBucket { bucket: "bucket-of-mine".into(), ..Default::default() }).await.unwrap();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]});
    let role =
        iam::CreateRole { role_name: "r".into(), assume_role_policy_document: trust.to_string(), ..Default::default() };
    world.call(role).await.unwrap();
    let table = dynamodb::CreateTable {
        table_name: "table".into(),
        billing_mode: Some("PAY_PER_REQUEST".into()),
        attribute_definitions: Some(vec![dynamodb::AttributeDefinition {
            attribute_name: "id".into(),
            attribute_type: "S".into(),
        }]),
        key_schema: Some(vec![dynamodb::KeySchemaElement { attribute_name: "id".into(), key_type: "HASH".into() }]),
        ..Default::default()
    };
    world.call(table).await.unwrap();
    let kept = |kind: &str, properties: Value| json!({"Type": kind, "DeletionPolicy": "RetainExceptOnCreate", "Properties": properties});
    let wanted = template(&[
        ("Bucket", kept("AWS::S3::Bucket", json!({"BucketName": "bucket-of-mine"}))),
        ("Group", group("g", "Retain")),
        ("Role", kept("AWS::IAM::Role", json!({"RoleName": "r", "AssumeRolePolicyDocument": trust}))),
        (
            "Table",
            kept(
                "AWS::DynamoDB::Table",
                json!({
                    "TableName": "table", "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                }),
            ),
        ),
    ]);
    propose(&world, &wanted, None, "CREATE").await.unwrap();
    assert_eq!(
        actions(&described(&world).await),
        ["Import Bucket bucket-of-mine -", "Import Group g -", "Import Role r -", "Import Table table -"]
    );
    assert_eq!(execute(&world).await, "CREATE_COMPLETE");
    let arn = |id| world.resource("s", id);
    assert_eq!(arn("Table").await.unwrap().physical_resource_id.as_deref(), Some("table"));
}

/// What is taken over in an operation that fails is let go of, whatever its policy: it was not made by it.
#[tokio::test]
async fn a_rollback_lets_go_of_what_was_taken_over() {
    let fails = json!({"Type": "AWS::Logs::LogStream", "DependsOn": "There", "Properties": {"LogGroupName": "nowhere", "LogStreamName": "x"}});
    for (kind, ended) in [("CREATE", "ROLLBACK_COMPLETE"), ("UPDATE", "UPDATE_ROLLBACK_COMPLETE")] {
        let world = World::new();
        make_group(&world, "there").await;
        if kind == "UPDATE" {
            world.create("s", &template(&[("Own", group("own", ""))]).to_string(), &[]).await.unwrap();
            world.settled("s").await;
        }
        let wanted = template(&[
            ("Own", group("own", "")),
            ("There", group("there", "RetainExceptOnCreate")),
            ("Fails", fails.clone()),
        ]);
        propose(&world, &wanted, None, kind).await.unwrap();
        assert_eq!(execute(&world).await, ended);
        let own = (kind == "UPDATE").then(|| "own".to_owned());
        assert_eq!(groups(&world).await, own.into_iter().chain(["there".to_owned()]).collect::<Vec<_>>());
        let events = world.events("s").await;
        assert!(events.contains(&"There IMPORT_ROLLBACK_COMPLETE".to_owned()), "{events:?}");
        assert!(!events.iter().any(|event| event.starts_with("There DELETE")), "{events:?}");
    }
}

#[tokio::test]
async fn what_exists_is_not_taken_over_without_a_policy_or_from_another_stack() {
    let world = World::new();
    make_group(&world, "there").await;
    world.create("theirs", &template(&[("Theirs", group("theirs", ""))]).to_string(), &[]).await.unwrap();
    world.settled("theirs").await;
    propose(&world, &template(&[("There", group("there", ""))]), None, "CREATE").await.unwrap();
    let set = described(&world).await;
    assert_eq!((set.status.as_deref(), set.execution_status.as_deref()), (Some("FAILED"), Some("UNAVAILABLE")));
    assert_eq!(
        set.status_reason.as_deref(),
        Some(
            "CloudFormation is attempting to import some resources because they already exist in your account. The \
             resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the \
             template for successful import. The affected resources are There ({LogGroupName=there})"
        )
    );
    let input = wire::DeleteChangeSet { change_set_name: "c".into(), stack_name: Some("s".into()) };
    world.call(input).await.unwrap();
    // Names that are made from something are not looked for, and what another stack has stays there.
    let computed =
        json!({"Type": GROUP, "DeletionPolicy": "Retain", "Properties": {"LogGroupName": {"Fn::Sub": "there"}}});
    let wanted = template(&[("Computed", computed), ("Theirs", group("theirs", "Retain"))]);
    propose(&world, &wanted, None, "CREATE").await.unwrap();
    assert_eq!(actions(&described(&world).await), ["Add Computed - -", "Add Theirs - -"]);
}

#[tokio::test]
async fn listed_resources_are_imported_and_nothing_else_happens() {
    for existing in [false, true] {
        let world = World::new();
        make_group(&world, "there").await;
        let mut resources = vec![("There", group("there", "Delete"))];
        if existing {
            world.create("s", &template(&[("Own", group("own", ""))]).to_string(), &[]).await.unwrap();
            world.settled("s").await;
            resources.push(("Own", group("own", "")));
        }
        propose(&world, &template(&resources), Some(&[("There", GROUP, "LogGroupName", "there")]), "IMPORT")
            .await
            .unwrap();
        assert_eq!(actions(&described(&world).await), ["Import There there -"]);
        let before = world.events("s").await.len();
        assert_eq!(execute(&world).await, "IMPORT_COMPLETE");
        assert_eq!(
            world.events("s").await[before..],
            [
                "s IMPORT_IN_PROGRESS: User Initiated",
                "There IMPORT_IN_PROGRESS: Resource import started.",
                "There IMPORT_COMPLETE: Resource import completed.",
                "There UPDATE_IN_PROGRESS: Apply stack-level tags to imported resource if applicable.",
                "There UPDATE_COMPLETE",
                "s IMPORT_COMPLETE",
            ]
        );
        // The stack goes on from there.
        resources.push(("New", group("new", "")));
        world.update("s", &template(&resources).to_string(), &[]).await.unwrap();
        assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
    }
}

#[tokio::test]
async fn an_import_that_fails_is_rolled_back() {
    let world = World::new();
    make_group(&world, "there").await;
    let listed = [("There", GROUP, "LogGroupName", "there")];
    propose(&world, &template(&[("There", group("there", "Retain"))]), Some(&listed), "IMPORT").await.unwrap();
    // It goes away between the change set and its execution.
    world.call(logs::DeleteLogGroup { log_group_name: "there".into() }).await.unwrap();
    assert_eq!(execute(&world).await, "IMPORT_ROLLBACK_COMPLETE");
    assert!(world.failures("s").await[0].starts_with("There IMPORT_FAILED"));
}

/// What fails the change set, after it was accepted.
#[tokio::test]
async fn an_import_of_nothing_or_of_anothers_fails_the_change_set() {
    let table = json!({"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {
        "TableName": "ghost", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}});
    let bucket = json!({"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "ghost"}});
    for (resource, kind, key, name, reason) in [
        (
            group("ghost", "Retain"),
            GROUP,
            "LogGroupName",
            "ghost",
            "Resource of type 'AWS::Logs::LogGroup' with identifier 'ghost' was not found.".to_owned(),
        ),
        (table, "AWS::DynamoDB::Table", "TableName", "ghost", "Table: ghost does not exist.".to_owned()),
        (bucket, "AWS::S3::Bucket", "BucketName", "ghost", "Bucket not found".to_owned()),
        (group("theirs", "Retain"), GROUP, "LogGroupName", "theirs", "theirs already exists in stack".to_owned()),
    ] {
        let world = World::new();
        let theirs = template(&[("Theirs", group("theirs", ""))]).to_string();
        let owner = world.create("theirs", &theirs, &[]).await.unwrap();
        world.settled("theirs").await;
        propose(&world, &template(&[("Q", resource)]), Some(&[("Q", kind, key, name)]), "IMPORT").await.unwrap();
        let set = described(&world).await;
        let reason = if name == "theirs" { format!("{reason} {owner}") } else { reason };
        assert_eq!(set.status_reason.as_deref(), Some(&*reason));
        assert_eq!((set.status.as_deref(), set.changes.unwrap_or_default().len()), (Some("FAILED"), 0));
    }
}

#[tokio::test]
async fn what_no_import_can_be_is_refused() {
    let world = World::new();
    make_group(&world, "there").await;
    world.create("s", &template(&[("Own", group("own", ""))]).to_string(), &[]).await.unwrap();
    world.settled("s").await;
    let own = || ("Own", group("own", ""));
    let there = || ("There", group("there", "Retain"));
    let listed: Listed<'_> = ("There", GROUP, "LogGroupName", "there");
    let changed = json!({"Type": GROUP, "Properties": {"LogGroupName": "own", "RetentionInDays": 1}});
    let mut outputs = template(&[own(), there()]);
    outputs["Outputs"] = json!({"Name": {"Value": {"Ref": "There"}}});
    let version =
        json!({"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain", "Properties": {"FunctionName": "f"}});
    let cases: Vec<(Value, Vec<Listed<'_>>, &str)> = vec![
        (template(&[own(), there()]), vec![], "Must Provide at least one resource to import"),
        (
            template(&[own(), there()]),
            vec![listed, listed],
            "Every resource to import must have unique LogicalResourceId",
        ),
        (
            template(&[own()]),
            vec![listed],
            "The logical resource ids [There] provided in ResourceToImport do not exist in the template.",
        ),
        (
            template(&[own(), there()]),
            vec![("There", GROUP, "Name", "there")],
            "Invalid resource identifier for resource type AWS::Logs::LogGroup. Expected [LogGroupName]",
        ),
        (
            template(&[own(), there()]),
            vec![("There", "AWS::IAM::Role", "RoleName", "r")],
            "Resource type of [There] passed in ResourceToImport does not match with resource type defined in the \
             template. Resource type in ResourceToImport: AWS::IAM::Role; Resource type in Template: \
             AWS::Logs::LogGroup.",
        ),
        (
            template(&[own()]),
            vec![("Own", GROUP, "LogGroupName", "own")],
            "The template should contain at least one new resource to import.",
        ),
        (
            template(&[own(), there()]),
            vec![("Own", GROUP, "LogGroupName", "own")],
            "Resources [Own] passed in ResourceToImport are already in a stack and cannot be imported.",
        ),
        (
            template(&[own(), ("There", group("there", ""))]),
            vec![listed],
            "The following resources to import [There] must have DeletionPolicy attribute specified in the template.",
        ),
        (
            template(&[own(), there(), ("New", group("new", ""))]),
            vec![listed],
            "Resources [New] is missing from ResourceToImport list",
        ),
        (
            template(&[("Own", changed), there()]),
            vec![listed],
            "You have modified resources [Own] in your template that are not being imported. Update, create or delete \
             operations cannot be executed during import operations.",
        ),
        (
            template(&[there()]),
            vec![listed],
            "You have modified resources [Own] in your template that are not being imported. Update, create or delete \
             operations cannot be executed during import operations.",
        ),
        (outputs, vec![listed], "As part of the import operation, you cannot modify or add [Outputs]"),
        (
            template(&[own(), ("V", version)]),
            vec![("V", "AWS::Lambda::Version", "FunctionArn", "f")],
            "the import of resources of the type AWS::Lambda::Version is not supported by the embedded cloud",
        ),
    ];
    for (template, listed, expected) in cases {
        let refused = propose(&world, &template, Some(&listed), "IMPORT").await.unwrap_err();
        assert!(refused.message.to_lowercase().contains(&expected.to_lowercase()), "{}\n{expected}", refused.message);
    }
}
