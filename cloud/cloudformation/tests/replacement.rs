//! What a change of a property does: replaces the resource, or is refused where its name is taken by itself.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use serde_json::{Value, json};
use slam_cloud_cloudformation::registry::{self, Recreation, schema};
use slam_cloud_cloudformation::resources::{Providers, recreation};
use slam_cloud_wire::dynamodb;
use support::World;

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

/// For every type: a property that the schema calls create-only makes the resource anew or is refused by name, and none
/// is changed in place.
#[test]
fn no_create_only_property_is_changed_in_place() {
    let providers = Providers::default();
    let mut seen = 0;
    for name in registry::supported_types() {
        let provider = providers.get(name).unwrap();
        for property in schema(name).unwrap().create_only() {
            if !provider.supported().contains(&property) {
                continue;
            }
            let of = |value: &str| [(property.to_owned(), json!(value))].into_iter().collect();
            let does = recreation(provider, property, &of("before"), &of("after"));
            assert_ne!(does, Recreation::Never, "{name}.{property}");
            seen += 1;
        }
    }
    assert!(seen > 35, "{seen} properties");
}
