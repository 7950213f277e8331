//! Stacks of real resources, from their creation to their deletion.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use slam_cloud_wire::{cloudformation as wire, logs};
use support::{World, creation};

const GROUPS: &str = "
Parameters: {Days: {Type: Number, Default: 7}, Name: {Type: String, Default: ''}}
Conditions: {Named: !Not [!Equals [!Ref Name, '']]}
Resources:
  One: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: !Ref Days, LogGroupName: !If [Named, !Ref Name, !Ref 'AWS::NoValue']}}
  Two: {Type: 'AWS::Logs::LogStream', Properties: {LogGroupName: !Ref One, LogStreamName: main}}
Outputs:
  Arn: {Value: !GetAtt One.Arn, Export: {Name: !Sub '${AWS::StackName}-arn'}}
";

async fn groups(world: &World) -> Vec<(String, Option<i64>)> {
    let answer = world.call(logs::DescribeLogGroups::default()).await.unwrap();
    let groups = answer.log_groups.unwrap_or_default().into_iter();
    groups.map(|group| (group.log_group_name.unwrap(), group.retention_in_days)).collect()
}

/// Recorded: test_list_events_after_deployment.
#[tokio::test]
async fn a_stack_is_created_with_awss_events() {
    let world = World::new();
    let id = world.create("s", GROUPS, &[]).await.unwrap();
    assert!(id.starts_with("arn:aws:cloudformation:us-east-1:111111111111:stack/s/"), "{id}");
    let stack = world.settled("s").await;
    assert_eq!(stack.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("s").await);
    let name = world.physical("s", "One").await;
    assert!(name.starts_with("s-One-"), "{name}");
    assert_eq!(groups(&world).await, [(name.clone(), Some(7))]);
    assert_eq!(world.output("s", "Arn").await, format!("arn:aws:logs:us-east-1:111111111111:log-group:{name}:*"));
    assert_eq!(
        world.events("s").await,
        [
            "s CREATE_IN_PROGRESS: User Initiated",
            "One CREATE_IN_PROGRESS",
            "One CREATE_IN_PROGRESS: Resource creation Initiated",
            "One CREATE_COMPLETE",
            "Two CREATE_IN_PROGRESS",
            "Two CREATE_IN_PROGRESS: Resource creation Initiated",
            "Two CREATE_COMPLETE",
            "s CREATE_COMPLETE",
        ]
    );
}

#[tokio::test]
async fn a_stack_is_updated_in_place_and_by_replacement() {
    let world = World::new();
    world.create("s", GROUPS, &[]).await.unwrap();
    world.settled("s").await;
    let before = world.physical("s", "One").await;
    world.update("s", GROUPS, &[("Days", "14")]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
    assert_eq!(groups(&world).await, [(before.clone(), Some(14))]);
    let same = world.update("s", GROUPS, &[("Days", "14")]).await.unwrap_err();
    assert_eq!(same.message, "No updates are to be performed.");
    world.update("s", GROUPS, &[("Days", "14"), ("Name", "mine")]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE", "{:?}", world.failures("s").await);
    assert_eq!(groups(&world).await, [("mine".to_owned(), Some(14))]);
    let events = world.events("s").await;
    let begin = events.iter().rposition(|line| line.starts_with("s UPDATE_IN_PROGRESS")).unwrap();
    assert_eq!(
        events[begin..],
        [
            "s UPDATE_IN_PROGRESS: User Initiated",
            "One UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.",
            "One UPDATE_IN_PROGRESS: Resource creation Initiated",
            "One UPDATE_COMPLETE",
            "Two UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.",
            "Two UPDATE_IN_PROGRESS: Resource creation Initiated",
            "Two UPDATE_COMPLETE",
            "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "Two DELETE_IN_PROGRESS",
            "Two DELETE_COMPLETE",
            "One DELETE_IN_PROGRESS",
            "One DELETE_COMPLETE",
            "s UPDATE_COMPLETE",
        ]
    );
}

#[tokio::test]
async fn a_stack_that_cannot_be_created_is_rolled_back() {
    let world = World::new();
    let taken = logs::CreateLogGroup { log_group_name: "taken".into(), ..Default::default() };
    world.call(taken).await.unwrap();
    let template = "
Resources:
  Free: {Type: 'AWS::Logs::LogGroup'}
  Taken: {Type: 'AWS::Logs::LogGroup', DependsOn: Free, Properties: {LogGroupName: taken}}
  Never: {Type: 'AWS::Logs::LogGroup', DependsOn: Taken}
";
    world.create("s", template, &[]).await.unwrap();
    let stack = world.settled("s").await;
    assert_eq!(stack.stack_status, "ROLLBACK_COMPLETE");
    assert_eq!(groups(&world).await, [("taken".to_owned(), None)]);
    let events = world.events("s").await;
    let reason =
        "s ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Taken]. Rollback requested by user.";
    assert!(events.contains(&reason.to_owned()), "{events:#?}");
    assert!(world.failures("s").await[0].contains("HandlerErrorCode: AlreadyExists"), "{events:#?}");
    let refused = world.update("s", GROUPS, &[]).await.unwrap_err().message;
    assert!(refused.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{refused}");
    world.delete("s").await;
    let input = wire::DescribeStacks { stack_name: Some("s".into()), next_token: None };
    assert_eq!(world.settled(&stack.stack_id.unwrap()).await.stack_status, "DELETE_COMPLETE");
    assert_eq!(world.error(input).await, "ValidationError: Stack with id s does not exist");
}

#[tokio::test]
async fn an_update_that_fails_leaves_everything_as_it_was() {
    let world = World::new();
    let before = "
Resources:
  Kept: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: 7}}
  Renamed: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: old}}
  Removed: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: removed}}
";
    let after = "
Resources:
  Kept: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: 14}}
  Renamed: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: new}}
  Added: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: added}}
  Taken: {Type: 'AWS::Logs::LogGroup', DependsOn: [Kept, Renamed, Added], Properties: {LogGroupName: removed}}
";
    world.create("s", before, &[]).await.unwrap();
    world.settled("s").await;
    let expected = groups(&world).await;
    world.update("s", after, &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(groups(&world).await, expected);
    assert!(world.resource("s", "Added").await.is_err());
    assert_eq!(world.physical("s", "Renamed").await, "old");
    world.update("s", &after.replace("{LogGroupName: removed}", "{LogGroupName: other}"), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
    let names: Vec<String> = groups(&world).await.into_iter().map(|(name, _)| name).collect();
    assert!(!names.contains(&"removed".to_owned()) && names.contains(&"other".to_owned()), "{names:?}");
}

/// The template of `cdk bootstrap` has a key that is made only when it is asked for.
#[tokio::test]
async fn a_type_of_which_nothing_is_made_need_not_be_here() {
    let template = "
Parameters: {Key: {Type: String, Default: 'no'}}
Conditions: {MakeKey: !Equals [!Ref Key, 'yes']}
Resources:
  Group: {Type: 'AWS::Logs::LogGroup'}
  Key: {Type: 'AWS::KMS::Key', Condition: MakeKey, Properties: {KeyPolicy: {}}}
";
    let world = World::new();
    world.create("s", template, &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("s").await);
    let refused = world.update("s", template, &[("Key", "yes")]).await.unwrap_err();
    let expected = "The resource type AWS::KMS::Key (resource Key) is not supported by the embedded cloud yet";
    assert_eq!(refused.message, expected);
}

#[tokio::test]
async fn what_is_wrong_is_refused_before_anything_is_made() {
    let world = World::new();
    for (template, expected) in [
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup'}, Q: {Type: 'AWS::Kinesis::Stream'}}",
            "The resource type AWS::Kinesis::Stream (resource Q) is not supported by the embedded cloud yet",
        ),
        (
            "Resources: {Q: {Type: 'AWS::SQS::Que'}}",
            "Template format error: Unrecognized resource types: [AWS::SQS::Que]",
        ),
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {Retention: 1}}}",
            "Resource A (AWS::Logs::LogGroup): Property validation failure: [Encountered unsupported property Retention]",
        ),
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {KmsKeyId: 'arn:aws:kms:us-east-1:111111111111:key/k'}}}",
            "Resource A (AWS::Logs::LogGroup): Property validation failure: [The property {/KmsKeyId} is not supported by the embedded cloud yet]",
        ),
        (
            "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {AccessControl: PublicRead}}}",
            "Resource A (AWS::S3::Bucket): Property validation failure: [The value PublicRead of the property {/AccessControl} is not supported by the embedded cloud yet]",
        ),
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup'}}\nOutputs: {O: {Value: !GetAtt A.Nope}}",
            "Template error: resource A does not support attribute type Nope in Fn::GetAtt",
        ),
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {Tags: [{Key: a, Value: 'x{{resolve:ssm:name:1}}y'}]}}}",
            "Parameters: [ssm:name:1] cannot be found.",
        ),
        (
            "Resources: {A: {Type: 'AWS::Logs::LogGroup'}}\nOutputs: {O: {}}",
            "Template format error: [/Outputs/O] Every Outputs member must contain a Value object",
        ),
    ] {
        let error = world.create("s", template, &[]).await.unwrap_err();
        assert_eq!((&*error.code, &*error.message), ("ValidationError", expected));
    }
    let stacks = world.call(wire::ListStacks::default()).await.unwrap().stack_summaries.unwrap();
    assert!(stacks.is_empty() && groups(&world).await.is_empty());
}

/// Recorded: test_stack_name_creation.
#[tokio::test]
async fn a_name_that_no_stack_can_have_is_refused() {
    let world = World::new();
    assert_eq!(
        world.error(creation("*@da591fa3_$", GROUPS)).await,
        "ValidationError: 1 validation error detected: Value '*@da591fa3_$' at 'stackName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
    );
}

#[tokio::test]
async fn iam_resources_need_to_be_acknowledged() {
    let world = World::new();
    let role = |name: &str| {
        format!(
            "Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {{{name}AssumeRolePolicyDocument: {{Version: 2012-10-17, Statement: []}}}}}}}}"
        )
    };
    for (template, capability, expected) in [
        (role(""), None, "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]"),
        (
            role("RoleName: r, "),
            Some("CAPABILITY_IAM"),
            "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]",
        ),
    ] {
        let input = wire::CreateStack {
            capabilities: capability.map(|capability| vec![capability.to_owned()]),
            ..creation("s", &template)
        };
        assert_eq!(world.error(input).await, expected);
    }
}

#[tokio::test]
async fn policies_keep_what_they_shall_keep() {
    let world = World::new();
    let template = "
Resources:
  Kept: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: !Ref Policy, Properties: {LogGroupName: kept}}
  Gone: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: !If [Never, Retain, Delete]}
Parameters: {Policy: {Type: String}}
Conditions: {Never: !Equals [!Ref Policy, never]}
";
    world.create("s", template, &[("Policy", "Retain")]).await.unwrap();
    let id = world.settled("s").await.stack_id.unwrap();
    world.delete("s").await;
    assert_eq!(world.settled(&id).await.stack_status, "DELETE_COMPLETE");
    assert_eq!(groups(&world).await, [("kept".to_owned(), None)]);
    assert!(world.events(&id).await.contains(&"Kept DELETE_SKIPPED".to_owned()));
}

#[tokio::test]
async fn exports_that_are_imported_stay() {
    let world = World::new();
    world.create("from", GROUPS, &[]).await.unwrap();
    world.settled("from").await;
    let importing =
        "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {Tags: [{Key: a, Value: !ImportValue from-arn}]}}}";
    world.create("to", importing, &[]).await.unwrap();
    assert_eq!(world.settled("to").await.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("to").await);
    let imports = world.call(wire::ListImports { export_name: "from-arn".into(), next_token: None }).await.unwrap();
    assert_eq!(imports.imports.unwrap(), ["to"]);
    world.delete("from").await;
    let stack = world.settled("from").await;
    assert_eq!(stack.stack_status, "CREATE_COMPLETE");
    assert_eq!(stack.stack_status_reason.unwrap(), "Export from-arn cannot be deleted as it is in use by to");
    world
        .create(
            "wrong",
            "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !ImportValue nope}}}",
            &[],
        )
        .await
        .unwrap();
    world.settled("wrong").await;
    let events = world.events("wrong").await;
    assert_eq!(events[1], "wrong ROLLBACK_IN_PROGRESS: No export named nope found. Rollback requested by user.");
}

#[tokio::test]
async fn a_protected_stack_is_not_deleted() {
    let world = World::new();
    let input = wire::CreateStack { enable_termination_protection: Some(true), ..creation("s", GROUPS) };
    world.call(input).await.unwrap();
    world.settled("s").await;
    let delete = wire::DeleteStack { stack_name: "s".into(), ..Default::default() };
    assert_eq!(
        world.error(delete).await,
        "ValidationError: Stack [s] cannot be deleted while TerminationProtection is enabled"
    );
}

#[tokio::test]
async fn secrets_are_masked() {
    let world = World::new();
    let template = "
Parameters: {Secret: {Type: String, NoEcho: true}}
Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {Tags: [{Key: a, Value: !Ref Secret}]}}}
";
    world.create("s", template, &[("Secret", "hunter2")]).await.unwrap();
    let stack = world.settled("s").await;
    assert_eq!(stack.parameters.unwrap()[0].parameter_value.as_deref(), Some("****"));
    let events = world.call(wire::DescribeStackEvents { stack_name: "s".into(), next_token: None }).await.unwrap();
    assert!(!format!("{events:?}").contains("hunter2"));
}

#[tokio::test]
async fn stacks_outlive_the_process() {
    let world = World::new();
    world.create("s", GROUPS, &[]).await.unwrap();
    world.settled("s").await;
    let before = (world.stack("s").await, world.events("s").await);
    let world = world.again();
    assert_eq!((world.stack("s").await, world.events("s").await), before);
    world.update("s", GROUPS, &[("Days", "30")]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
}
