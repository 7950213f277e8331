//! What a change of a property does: replaces the resource, or is refused where its name is taken by itself.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use serde_json::{Value, json};
use slam_cloud_cloudformation::resources;
use slam_cloud_wire::{dynamodb, events, s3};
use support::{World, zip};

fn table(kind: &str, more: &Value) -> String {
    let mut properties = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": kind}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}).to_string()
}

async fn key_type(world: &World, name: &str) -> String {
    let answer = world.call(dynamodb::DescribeTable { table_name: name.into() }).await.unwrap();
    answer.table.unwrap().attribute_definitions.unwrap().remove(0).attribute_type
}

/// "Replacement if you edit an existing AttributeDefinition."
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
#[tokio::test]
async fn a_table_whose_key_type_changes_is_replaced() {
    let world = World::new();
    world.create("s", &table("S", &json!({})), &[]).await.unwrap();
    world.settled("s").await;
    let before = world.physical("s", "T").await;
    world.update("s", &table("N", &json!({})), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
    let after = world.physical("s", "T").await;
    assert_ne!(before, after);
    assert_eq!(key_type(&world, &after).await, "N");
}

#[tokio::test]
async fn a_named_table_whose_key_type_changes_is_refused() {
    let world = World::new();
    let named = json!({"TableName": "mine"});
    world.create("s", &table("S", &named), &[]).await.unwrap();
    world.settled("s").await;
    world.update("s", &table("N", &named), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_ROLLBACK_COMPLETE");
    assert!(world.failures("s").await[0].contains("custom-named resource requires replacing. Rename mine"));
    assert_eq!(key_type(&world, "mine").await, "S");
}

/// An attribute that comes for an index is no change of what is there.
#[tokio::test]
async fn a_new_index_with_its_attribute_replaces_nothing() {
    let world = World::new();
    world.create("s", &table("S", &json!({})), &[]).await.unwrap();
    world.settled("s").await;
    let before = world.physical("s", "T").await;
    let more = json!({
        "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "k", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by_g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    });
    world.update("s", &table("S", &more), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_COMPLETE");
    assert_eq!(world.physical("s", "T").await, before);
}

/// One change of a property.
struct Change<'a> {
    /// `AWS::S3::Bucket`
    kind: &'a str,
    /// What the resource needs beside it.
    beside: &'a Value,
    /// Which of that must be there first although no property says so.
    needs: &'a [Value],
    /// Its properties before.
    before: &'a Value,
    /// Those that change.
    changed: &'a Value,
    /// A part of what refuses the change; `None` where the resource is made anew.
    refused: Option<&'a str>,
}

impl Change<'_> {
    fn template(&self, after: bool) -> String {
        let mut properties = self.before.as_object().unwrap().clone();
        if after {
            properties.extend(self.changed.as_object().unwrap().clone());
        }
        let mut resources = self.beside.as_object().unwrap().clone();
        let it = json!({"Type": self.kind, "Properties": properties, "DependsOn": self.needs});
        resources.insert("It".to_owned(), it);
        json!({"Resources": resources}).to_string()
    }

    /// Makes the resource, changes it, and tells what is wrong with what came of it.
    async fn problem(&self, world: &World, stack: &str) -> Option<String> {
        world.create(stack, &self.template(false), &[]).await.unwrap();
        let made = world.settled(stack).await.stack_status;
        if made != "CREATE_COMPLETE" {
            return Some(format!("{made} {:?}", world.failures(stack).await));
        }
        if let Err(error) = world.update(stack, &self.template(true), &[]).await {
            let told = self.refused.is_some_and(|refused| error.message.contains(refused));
            return (!told).then(|| error.message.clone());
        }
        let status = world.settled(stack).await.stack_status;
        // Not by its physical id: a stage's is its name, in whichever API it is.
        let (expected, told) = match self.refused {
            Some(refused) => ("UPDATE_ROLLBACK_COMPLETE", refused),
            None => {
                ("UPDATE_COMPLETE", "It UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical")
            }
        };
        let events = world.events(stack).await;
        let as_it_should = status == expected && events.iter().any(|line| line.contains(told));
        (!as_it_should).then(|| format!("{status} {events:#?}"))
    }
}

/// For every type: a property that the schema calls create-only makes the resource anew or is refused by name, and none
/// is changed in place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_create_only_property_is_changed_in_place() {
    let cases: Value = serde_json::from_str(include_str!("data/create_only.json")).unwrap();
    let world = World::new();
    world.call(s3::CreateBucket { bucket: "packages".into(), ..Default::default() }).await.unwrap();
    for name in ["1", "2"] {
        let (key, body) = (format!("{name}.zip"), Some(zip("tool.py", name)));
        world.call(s3::PutObject { bucket: "packages".into(), key, body, ..Default::default() }).await.unwrap();
    }
    world.call(events::CreateEventBus { name: "other".into(), ..Default::default() }).await.unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for resource_type in resources::all() {
        let kind = resource_type.name();
        for property in resource_type.schema().create_only() {
            let case = &cases[kind];
            if !resource_type.supports(property) {
                continue;
            }
            let change = Change {
                kind,
                beside: &case["beside"],
                needs: case["needs"].as_array().map_or(&[], Vec::as_slice),
                before: &case["properties"],
                changed: &case["changes"][property],
                refused: case["refused"][property].as_str(),
            };
            if change.changed.is_null() {
                wrong.push(format!("{kind}.{property} is not in create_only.json"));
            } else if let Some(problem) = change.problem(&world, &format!("s{seen}")).await {
                wrong.push(format!("{kind}.{property}: {problem}"));
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "{seen} properties");
}
