//! What becomes of resources that a stack no longer has, by both attributes and all of their values.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html>
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use slam_cloud_wire::logs;
use support::World;

async fn exists(world: &World, group: &str) -> bool {
    let groups = world.call(logs::DescribeLogGroups::default()).await.unwrap().log_groups.unwrap_or_default();
    groups.iter().any(|found| found.log_group_name.as_deref() == Some(group))
}

fn group(name: &str, policies: &str) -> String {
    format!("{{Type: 'AWS::Logs::LogGroup'{policies}, Properties: {{LogGroupName: {name}}}}}")
}

const OTHER: &str = "Other: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: other}}";
/// It fails after the group exists.
const FAILS: &str =
    "Fails: {Type: 'AWS::Logs::LogStream', DependsOn: Group, Properties: {LogGroupName: nowhere, LogStreamName: x}}";

/// A group with a policy goes through something; `kept` says whether it is still there, and the event tells the same.
async fn check(what: &str, policies: &str, kept: bool) {
    let world = World::new();
    let first = format!("Resources: {{Group: {}, {OTHER}}}", group("first", policies));
    let second = match what {
        "delete" | "remove" => format!("Resources: {{{OTHER}}}"),
        "replace" => format!("Resources: {{Group: {}, {OTHER}}}", group("second", policies)),
        "rollback of creation" => format!("Resources: {{Group: {}, {FAILS}}}", group("first", policies)),
        _ => format!("Resources: {{Group: {}, {OTHER}, {FAILS}}}", group("first", policies)),
    };
    let before = match what {
        "rollback of creation" => None,
        "rollback of an addition" => Some(format!("Resources: {{{OTHER}}}")),
        _ => Some(first),
    };
    if let Some(before) = &before {
        world.create("s", before, &[]).await.unwrap();
        assert_eq!(world.settled("s").await.stack_status, "CREATE_COMPLETE");
    }
    let id = match what {
        "rollback of creation" => world.create("s", &second, &[]).await.unwrap(),
        _ => world.stack("s").await.stack_id.unwrap(),
    };
    match what {
        "delete" => world.delete("s").await,
        "rollback of creation" => {}
        _ => world.update("s", &second, &[]).await.unwrap(),
    }
    let status = world.settled(&id).await.stack_status;
    let expected = match what {
        "delete" => "DELETE_COMPLETE",
        "remove" | "replace" => "UPDATE_COMPLETE",
        "rollback of creation" => "ROLLBACK_COMPLETE",
        _ => "UPDATE_ROLLBACK_COMPLETE",
    };
    assert_eq!(status, expected, "{what} {policies}");
    assert_eq!(exists(&world, "first").await, kept, "{what} {policies}");
    let events = world.events(&id).await;
    let told = if kept { "Group DELETE_SKIPPED" } else { "Group DELETE_COMPLETE" };
    assert!(events.iter().any(|event| event == told), "{what} {policies}: {events:?}");
}

#[tokio::test]
async fn each_policy_keeps_what_it_says() {
    const DELETE: &str = ", DeletionPolicy: Delete";
    const RETAIN: &str = ", DeletionPolicy: Retain";
    const EXCEPT: &str = ", DeletionPolicy: RetainExceptOnCreate";
    for (what, policies, kept) in [
        ("delete", "", false),
        ("delete", DELETE, false),
        ("delete", RETAIN, true),
        ("delete", EXCEPT, true),
        ("remove", "", false),
        ("remove", DELETE, false),
        ("remove", RETAIN, true),
        ("remove", EXCEPT, true),
        ("rollback of creation", DELETE, false),
        ("rollback of creation", RETAIN, true),
        ("rollback of creation", EXCEPT, false),
        ("rollback of an addition", DELETE, false),
        ("rollback of an addition", RETAIN, true),
        ("rollback of an addition", EXCEPT, false),
        // A replacement asks the other attribute, and that one alone.
        ("replace", RETAIN, false),
        ("replace", EXCEPT, false),
        ("replace", ", UpdateReplacePolicy: Delete", false),
        ("replace", ", UpdateReplacePolicy: Retain", true),
        ("delete", ", UpdateReplacePolicy: Retain", false),
        ("remove", ", UpdateReplacePolicy: Retain", false),
    ] {
        check(what, policies, kept).await;
    }
}

#[tokio::test]
async fn a_policy_that_there_is_not_is_refused() {
    let world = World::new();
    for (policies, message) in [
        (", DeletionPolicy: Keep", "Template format error: Unrecognized DeletionPolicy Keep for resource Group"),
        (
            ", UpdateReplacePolicy: RetainExceptOnCreate",
            "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource Group",
        ),
    ] {
        let template = format!("Resources: {{Group: {}}}", group("first", policies));
        assert_eq!(world.create("s", &template, &[]).await.unwrap_err().message, message);
    }
}
