//! In whose name stacks act, and what becomes of operations that are cut short.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use slam_cloud_core::{Context, Principal, Service};
use slam_cloud_wire::{apigateway, cloudformation as wire, dynamodb, iam, logs};
use std::time::Duration;
use support::{ACCOUNT, World, creation};

const GROUPS: &str = "
Resources:
  A: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: a}}
  B: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: b}}
";

async fn user(world: &World, actions: &str) -> Context {
    let name = "caller".to_owned();
    let user =
        world.call(iam::CreateUser { user_name: name.clone(), ..Default::default() }).await.unwrap().user.unwrap();
    let policy_document = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": [{actions}], "Resource": "*"}}]}}"#
    );
    world.call(iam::PutUserPolicy { user_name: name, policy_name: "p".into(), policy_document }).await.unwrap();
    Context::new(ACCOUNT, "us-east-1", Principal::User { arn: user.arn, id: user.user_id })
}

#[tokio::test]
async fn a_stack_may_only_do_what_its_caller_may() {
    let world = World::new();
    let context = user(&world, r#""cloudformation:*", "logs:DescribeLogGroups""#).await;
    world.cloud.call(context, creation("s", GROUPS)).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "ROLLBACK_COMPLETE");
    let failures = world.failures("s").await;
    assert!(failures[0].contains("is not authorized to perform: logs:CreateLogGroup"), "{failures:?}");
    assert!(failures[0].contains("HandlerErrorCode: AccessDenied"), "{failures:?}");
}

#[tokio::test]
async fn a_stack_may_do_what_its_role_may() {
    let world = World::new();
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    let role = iam::CreateRole {
        role_name: "deployer".into(),
        assume_role_policy_document: trust.into(),
        ..Default::default()
    };
    let arn = world.call(role).await.unwrap().role.arn;
    let policy_document =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}"#;
    let put = iam::PutRolePolicy {
        role_name: "deployer".into(),
        policy_name: "p".into(),
        policy_document: policy_document.into(),
    };
    world.call(put).await.unwrap();

    let context = user(&world, r#""cloudformation:*""#).await;
    let input = || wire::CreateStack { role_arn: Some(arn.clone()), ..creation("s", GROUPS) };
    let denied = world.cloud.call(context, input()).await.unwrap_err();
    assert!(denied.message.contains("iam:PassRole"), "{denied}");
    world.call(input()).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("s").await);
    let wrong = wire::CreateStack { role_arn: Some(format!("{arn}x")), ..creation("t", GROUPS) };
    assert_eq!(world.error(wrong).await, format!("ValidationError: Role {arn}x is invalid or cannot be assumed"));
}

async fn names(world: &World) -> Vec<String> {
    let answer = world.call(logs::DescribeLogGroups::default()).await.unwrap();
    answer.log_groups.unwrap_or_default().into_iter().filter_map(|group| group.log_group_name).collect()
}

/// Cuts the work on a stack short once `reached` has happened, and starts anew.
async fn cut_short(world: World, reached: &str) -> World {
    for _ in 0..2000 {
        if world.events("s").await.iter().any(|line| line == reached) {
            break;
        }
        tokio::task::yield_now().await;
    }
    world.cloudformation.shutdown().await;
    // A write that was on its way when its task ended is done, too.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let world = world.again();
    world.cloud.start().await.unwrap();
    world
}

/// Resources that are made one after the other, so that a stack takes its time.
fn chain(length: usize) -> String {
    let after = |n: usize| if n > 0 { format!(", DependsOn: G{}", n - 1) } else { String::new() };
    (0..length).map(|n| format!("  G{n}: {{Type: 'AWS::Logs::LogGroup'{}}}\n", after(n))).collect()
}

#[tokio::test]
async fn an_interrupted_creation_is_rolled_back() {
    let world = World::new();
    world.create("s", &format!("Resources:\n{}", chain(60)), &[]).await.unwrap();
    let world = cut_short(world, "G2 CREATE_COMPLETE").await;
    assert_eq!(world.settled("s").await.stack_status, "ROLLBACK_COMPLETE");
    assert!(names(&world).await.is_empty(), "{:?}", names(&world).await);
    let events = world.events("s").await;
    let reason =
        "s ROLLBACK_IN_PROGRESS: The embedded cloud was restarted during the operation. Rollback requested by user.";
    assert!(events.contains(&reason.to_owned()), "{events:#?}");
}

/// A table under a name of its own.
const NAMED: &str = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: mine
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
";

/// A table under a name of its own may have been there before the creation that was cut short.
#[tokio::test]
async fn an_interrupted_creation_leaves_alone_what_was_there_before() {
    let mut interrupted = false;
    for _ in 0..20 {
        let world = World::new();
        let named = dynamodb::CreateTable {
            table_name: "mine".into(),
            attribute_definitions: Some(vec![dynamodb::AttributeDefinition {
                attribute_name: "id".into(),
                attribute_type: "S".into(),
            }]),
            key_schema: Some(vec![dynamodb::KeySchemaElement { attribute_name: "id".into(), key_type: "HASH".into() }]),
            billing_mode: Some("PAY_PER_REQUEST".into()),
            ..Default::default()
        };
        world.call(named).await.unwrap();
        world.create("s", NAMED, &[]).await.unwrap();
        let world = cut_short(world, "Table CREATE_IN_PROGRESS").await;
        assert_eq!(world.settled("s").await.stack_status, "ROLLBACK_COMPLETE");
        interrupted |= !world.failures("s").await.iter().any(|line| line.starts_with("Table CREATE_FAILED"));
        world.call(dynamodb::DescribeTable { table_name: "mine".into() }).await.unwrap();
        if interrupted {
            break;
        }
    }
    assert!(interrupted, "no creation was cut short");
}

/// What has the stack's own tags was made by the stack, under whatever name; tables have none on AWS (the registry's schema says
/// so), and it counts that their name was free. Which moment is hit is chance, so there are several attempts; none may
/// leave anything.
#[tokio::test]
async fn an_interrupted_creation_leaves_nothing_of_its_own() {
    let mut interrupted = 0;
    for attempt in 0..16 {
        let world = World::new();
        world.create("s", NAMED, &[]).await.unwrap();
        // Half of them are cut when the table is there already, and the stack does not know of it yet.
        if attempt % 2 == 1 {
            let table = || world.call(dynamodb::DescribeTable { table_name: "mine".into() });
            while table().await.is_err() {
                tokio::task::yield_now().await;
            }
        }
        let world = cut_short(world, "Table CREATE_IN_PROGRESS").await;
        let ended = world.settled("s").await.stack_status;
        if ended == "CREATE_COMPLETE" {
            continue;
        }
        assert_eq!(ended, "ROLLBACK_COMPLETE");
        interrupted += 1;
        let left = world.call(dynamodb::DescribeTable { table_name: "mine".into() }).await;
        assert_eq!(left.unwrap_err().code, "ResourceNotFoundException");
    }
    assert!(interrupted > 0, "no creation was cut short");
}

/// What the service names itself, and what has no tags.
const UNNAMED: &str = "
Resources:
  User:
    Type: AWS::IAM::User
  Key:
    Type: AWS::IAM::AccessKey
    Properties: {UserName: !Ref User}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: tasks}
  Path:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: tasks}
";

#[tokio::test]
async fn an_interrupted_creation_leaves_nothing_that_the_service_named() {
    for reached in ["Key CREATE_IN_PROGRESS", "Api CREATE_IN_PROGRESS", "Path CREATE_IN_PROGRESS"].repeat(7) {
        let world = World::new();
        world.create("s", &format!("{UNNAMED}{}", chain(60)), &[]).await.unwrap();
        let world = cut_short(world, reached).await;
        assert_eq!(world.settled("s").await.stack_status, "ROLLBACK_COMPLETE", "{:?}", world.failures("s").await);
        assert!(world.call(iam::ListUsers::default()).await.unwrap().users.is_empty());
        let apis = world.call(apigateway::GetRestApis::default()).await.unwrap().items.unwrap_or_default();
        assert!(apis.is_empty(), "{apis:?}");
    }
}

#[tokio::test]
async fn an_interrupted_deletion_goes_on() {
    let world = World::new();
    let many: String = (0..60).map(|n| format!("  G{n}: {{Type: 'AWS::Logs::LogGroup'}}\n")).collect();
    world.create("s", &format!("Resources:\n{many}"), &[]).await.unwrap();
    let id = world.settled("s").await.stack_id.unwrap();
    world.delete("s").await;
    world.cloudformation.shutdown().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let world = world.again();
    world.cloud.start().await.unwrap();
    assert_eq!(world.settled(&id).await.stack_status, "DELETE_COMPLETE");
    assert!(names(&world).await.is_empty());
}

#[tokio::test]
async fn an_operation_that_may_not_roll_back_is_rolled_back_when_asked() {
    let world = World::new();
    world.call(logs::CreateLogGroup { log_group_name: "b".into(), ..Default::default() }).await.unwrap();
    let input = wire::CreateStack { disable_rollback: Some(true), ..creation("s", GROUPS) };
    world.call(input).await.unwrap();
    let stack = world.settled("s").await;
    assert_eq!(stack.stack_status, "CREATE_FAILED");
    assert_eq!(stack.stack_status_reason.as_deref(), Some("The following resource(s) failed to create: [B]. "));
    world.call(logs::DeleteLogGroup { log_group_name: "b".into() }).await.unwrap();
    // The same template again: what is missing is made.
    world.update("s", GROUPS, &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE", "{:?}", world.failures("s").await);
    assert_eq!(names(&world).await, ["a", "b"]);
}

#[tokio::test]
async fn a_repeated_request_with_its_token_is_the_same_request() {
    let world = World::new();
    let input = || wire::CreateStack { client_request_token: Some("t".into()), ..creation("s", GROUPS) };
    let first = world.call(input()).await.unwrap();
    assert_eq!(world.call(input()).await.unwrap(), first);
    world.settled("s").await;
    assert_eq!(world.error(creation("s", GROUPS)).await, "AlreadyExistsException: Stack [s] already exists");
}

#[tokio::test]
async fn a_stack_policy_protects_what_it_names() {
    let world = World::new();
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "LogicalResourceId/B"}]}"#;
    world.call(wire::CreateStack { stack_policy_body: Some(policy.into()), ..creation("s", GROUPS) }).await.unwrap();
    world.settled("s").await;
    let refused = world.update("s", &GROUPS.replace("LogGroupName: b", "LogGroupName: c"), &[]).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Action denied by stack policy: Statement [#2] does not allow [Update:Replace] for resource [LogicalResourceId/B]"
    );
    world.update("s", &GROUPS.replace("LogGroupName: a", "LogGroupName: c"), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_stack_that_is_being_created_can_be_deleted() {
    let world = World::new();
    let chain = |n: usize| if n > 0 { format!(", DependsOn: G{}", n - 1) } else { String::new() };
    let many: String = (0..60).map(|n| format!("  G{n}: {{Type: 'AWS::Logs::LogGroup'{}}}\n", chain(n))).collect();
    let id = world.create("s", &format!("Resources:\n{many}"), &[]).await.unwrap();
    world.delete("s").await;
    assert_eq!(world.settled(&id).await.stack_status, "DELETE_COMPLETE");
    assert!(names(&world).await.is_empty());
    let events = world.events(&id).await;
    assert!(
        events.contains(&"s DELETE_IN_PROGRESS: User Initiated. Delete requested by user.".to_owned()),
        "{events:#?}"
    );
}

#[tokio::test]
async fn an_update_can_be_cancelled() {
    let world = World::new();
    world.create("s", GROUPS, &[]).await.unwrap();
    world.settled("s").await;
    let chain = |n: usize| if n > 0 { format!(", DependsOn: G{}", n - 1) } else { String::new() };
    let many: String = (0..60).map(|n| format!("  G{n}: {{Type: 'AWS::Logs::LogGroup'{}}}\n", chain(n))).collect();
    world.update("s", &format!("{GROUPS}{many}"), &[]).await.unwrap();
    world.call(wire::CancelUpdateStack { stack_name: "s".into(), ..Default::default() }).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(names(&world).await, ["a", "b"]);
    assert_eq!(
        world.error(wire::CancelUpdateStack { stack_name: "s".into(), ..Default::default() }).await,
        "ValidationError: CancelUpdateStack cannot be called from current stack status"
    );
}
