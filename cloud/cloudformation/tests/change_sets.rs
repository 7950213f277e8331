//! Change sets. Shapes and sentences as recorded: test_immutable_property_update_causes_resource_replacement,
//! test_empty_changeset, test_name_conflicts.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use slam_cloud_core::AwsResult;
use slam_cloud_wire::cloudformation as wire;
use support::{World, capabilities, given};

const TEMPLATE: &str = "
Parameters: {Name: {Type: String, Default: one}}
Resources:
  Group: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !Ref Name}}
  Stream: {Type: 'AWS::Logs::LogStream', Properties: {LogGroupName: !Ref Group, LogStreamName: main}}
";

async fn propose(world: &World, kind: &str, name: &str, template: &str, parameters: &[(&str, &str)]) -> AwsResult<()> {
    let input = wire::CreateChangeSet {
        stack_name: "s".into(),
        change_set_name: name.into(),
        change_set_type: Some(kind.into()),
        template_body: Some(template.into()),
        parameters: given(parameters),
        capabilities: capabilities(),
        ..Default::default()
    };
    world.call(input).await.map(|_| ())
}

async fn describe(world: &World, name: &str) -> wire::DescribeChangeSetOutput {
    let input = wire::DescribeChangeSet {
        change_set_name: name.into(),
        stack_name: Some("s".into()),
        include_property_values: Some(true),
        ..Default::default()
    };
    world.call(input).await.unwrap()
}

async fn execute(world: &World, name: &str) -> AwsResult<()> {
    let input =
        wire::ExecuteChangeSet { change_set_name: name.into(), stack_name: Some("s".into()), ..Default::default() };
    world.call(input).await.map(|_| ())
}

/// One line per change: action, resource, replacement, and each detail.
fn lines(set: &wire::DescribeChangeSetOutput) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut lines = Vec::new();
    for change in set.changes.iter().flatten() {
        let change = change.resource_change.as_ref().unwrap();
        lines.push(format!(
            "{} {} {}",
            text(&change.action),
            text(&change.logical_resource_id),
            text(&change.replacement)
        ));
        for detail in change.details.iter().flatten() {
            let target = detail.target.as_ref().unwrap();
            lines.push(format!(
                "  {} {} {} {} {}",
                text(&target.name),
                text(&target.requires_recreation),
                text(&detail.evaluation),
                text(&detail.change_source),
                text(&detail.causing_entity)
            ));
        }
    }
    lines
}

#[tokio::test]
async fn a_stack_is_created_and_updated_by_change_sets() {
    let world = World::new();
    propose(&world, "CREATE", "first", TEMPLATE, &[]).await.unwrap();
    let set = describe(&world, "first").await;
    assert_eq!((set.status.as_deref(), set.execution_status.as_deref()), (Some("CREATE_COMPLETE"), Some("AVAILABLE")));
    assert_eq!(lines(&set), ["Add Group -", "Add Stream -"]);
    let stack = world.stack("s").await;
    assert_eq!(
        (&*stack.stack_status, stack.stack_status_reason.as_deref()),
        ("REVIEW_IN_PROGRESS", Some("User Initiated"))
    );
    execute(&world, "first").await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "CREATE_COMPLETE");
    assert_eq!(
        world.events("s").await[..2],
        ["s REVIEW_IN_PROGRESS: User Initiated", "s CREATE_IN_PROGRESS: User Initiated"]
    );

    propose(&world, "UPDATE", "second", TEMPLATE, &[("Name", "two")]).await.unwrap();
    let set = describe(&world, "second").await;
    assert_eq!(
        lines(&set),
        [
            "Modify Group True",
            "  LogGroupName Always Static ParameterReference Name",
            "  LogGroupName Always Dynamic DirectModification -",
            "Modify Stream True",
            "  LogGroupName Always Static ResourceReference Group",
            "  LogGroupName Always Dynamic DirectModification -",
        ]
    );
    let group = set.changes.unwrap()[0].resource_change.clone().unwrap();
    assert_eq!(group.policy_action.as_deref(), Some("ReplaceAndDelete"));
    assert_eq!(group.before_context.as_deref(), Some(r#"{"Properties":{"LogGroupName":"one"}}"#));
    assert_eq!(group.after_context.as_deref(), Some(r#"{"Properties":{"LogGroupName":"two"}}"#));
    execute(&world, "second").await.unwrap();
    let stack = world.settled("s").await;
    assert_eq!(stack.stack_status, "UPDATE_COMPLETE");
    assert!(stack.change_set_id.unwrap().contains(":changeSet/second/"));
}

#[tokio::test]
async fn an_empty_change_set_fails_with_awss_reason() {
    let world = World::new();
    world.create("s", TEMPLATE, &[]).await.unwrap();
    world.settled("s").await;
    propose(&world, "UPDATE", "none", TEMPLATE, &[]).await.unwrap();
    let set = describe(&world, "none").await;
    assert_eq!((set.status.as_deref(), set.execution_status.as_deref()), (Some("FAILED"), Some("UNAVAILABLE")));
    assert_eq!(
        set.status_reason.as_deref(),
        Some("The submitted information didn't contain changes. Submit different information to create a change set.")
    );
    assert_eq!(execute(&world, "none").await.unwrap_err().code, "InvalidChangeSetStatus");
}

#[tokio::test]
async fn a_removed_resource_is_announced() {
    let world = World::new();
    world.create("s", TEMPLATE, &[]).await.unwrap();
    world.settled("s").await;
    let less = "Resources: {Group: {Type: 'AWS::Logs::LogGroup', Metadata: {a: b}, Properties: {LogGroupName: one}}}";
    propose(&world, "UPDATE", "less", less, &[]).await.unwrap();
    assert_eq!(
        lines(&describe(&world, "less").await),
        ["Modify Group False", "  - Never Static DirectModification -", "Remove Stream -"]
    );
}

#[tokio::test]
async fn what_does_not_exist_is_refused() {
    let world = World::new();
    let refused = propose(&world, "UPDATE", "c", TEMPLATE, &[]).await.unwrap_err();
    assert_eq!(refused.message, "Stack [s] does not exist");
    world.create("s", TEMPLATE, &[]).await.unwrap();
    world.settled("s").await;
    let refused = propose(&world, "CREATE", "c", TEMPLATE, &[]).await.unwrap_err();
    assert_eq!(refused.message, "Stack [s] already exists and cannot be created again with the changeSet [c].");
    let missing =
        wire::DescribeChangeSet { change_set_name: "c".into(), stack_name: Some("s".into()), ..Default::default() };
    assert_eq!(world.error(missing).await, "ChangeSetNotFound: ChangeSet [c] does not exist");
    let unnamed = wire::DescribeChangeSet { change_set_name: "c".into(), ..Default::default() };
    assert_eq!(
        world.error(unnamed).await,
        "ValidationError: StackName must be specified if ChangeSetName is not specified as an ARN."
    );
}
