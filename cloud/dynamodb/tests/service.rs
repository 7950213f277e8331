//! DynamoDB through the cloud's one door: in JSON as from the wire, and typed as from another service.
#![allow(missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_core::registry::WireEntry;
use slam_cloud_core::{Access, AwsError, Cloud, Context, Principal, Registry, Store, StoreError};
use slam_cloud_dynamodb::register;
use slam_cloud_testing::{Asked, TestCloud};
use slam_cloud_wire::dynamodb as wire;
use std::sync::Arc;

const ACCOUNT: &str = "111122223333";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/tasks";

struct Bench {
    test: TestCloud,
    cloud: Cloud,
    asked: Arc<Asked>,
}

impl Bench {
    fn new() -> Self {
        let asked = Arc::new(Asked::default());
        Self::of(TestCloud::at(ACCOUNT, "eu-west-1", composed(&asked)).0, asked)
    }

    /// The same data in a new process.
    fn again(&self) -> Self {
        let asked = Arc::new(Asked::default());
        Self::of(self.test.again(composed(&asked)).0, asked)
    }

    fn of(test: TestCloud, asked: Arc<Asked>) -> Self {
        Self { cloud: test.cloud.clone(), test, asked }
    }

    fn root(&self) -> Context {
        Context::new(ACCOUNT, "eu-west-1", Principal::Root { account: ACCOUNT.into() })
    }

    async fn json_as(&self, context: Context, operation: &str, body: Value) -> Result<Value, AwsError> {
        let streams = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
        let service = if streams.contains(&operation) { "dynamodbstreams" } else { "dynamodb" };
        let operation: &'static str = operation.to_owned().leak();
        let Some(WireEntry::Json(entry)) = self.cloud.wire_entry(service, operation) else {
            panic!("{operation} is not registered")
        };
        let answer = entry.call(context, Bytes::from(body.to_string())).await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    async fn json(&self, operation: &str, body: Value) -> Result<Value, AwsError> {
        self.json_as(self.root(), operation, body).await
    }

    async fn with_table() -> Self {
        let bench = Self::new();
        bench.json("CreateTable", tasks()).await.unwrap();
        bench
    }

    /// What a stranger's request is asked for, as actions and resources; and it must not be let in.
    async fn asked_for(&self, operation: &str, body: Value) -> Vec<(String, String, Vec<String>)> {
        let user = Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/ann"), id: "AIDA".into() };
        let refused = self.json_as(Context::new(ACCOUNT, "eu-west-1", user), operation, body).await.unwrap_err();
        assert!(refused.is_access_denied(), "{refused}");
        let asked = self.asked.take();
        let keys = |access: &Access| {
            let keys = access.conditions.iter().find(|(key, _)| key == "dynamodb:LeadingKeys");
            keys.map(|(_, values)| values.clone()).unwrap_or_default()
        };
        asked.iter().map(|access| (access.action.to_string(), access.resource.clone(), keys(access))).collect()
    }
}

/// DynamoDB, with everybody but root refused.
fn composed(asked: &Arc<Asked>) -> impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<(), StoreError> {
    let asked = Arc::clone(asked);
    move |cloud, store, registry| {
        registry.authorizer(asked);
        register(cloud, store, registry).map(drop)
    }
}

fn tasks() -> Value {
    json!({
        "TableName": "tasks",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    })
}

fn item(id: &str) -> Value {
    json!({"TableName": "tasks", "Item": {"id": {"S": id}, "n": {"N": "1"}}})
}

fn refused<T: std::fmt::Debug>(result: Result<T, AwsError>, code: &str, message: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.status, &*error.code, error.message.as_str()), (400, code, message));
}

/// Recorded: TestDynamoDB::test_table_crud.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_described_as_recorded() {
    let bench = Bench::with_table().await;
    let table = bench.json("DescribeTable", json!({"TableName": "tasks"})).await.unwrap();
    let mut members: Vec<&str> = table["Table"].as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "AttributeDefinitions",
            "CreationDateTime",
            "DeletionProtectionEnabled",
            "ItemCount",
            "KeySchema",
            "LatestStreamArn",
            "LatestStreamLabel",
            "ProvisionedThroughput",
            "StreamSpecification",
            "TableArn",
            "TableId",
            "TableName",
            "TableSizeBytes",
            "TableStatus",
            "WarmThroughput"
        ]
    );
    assert_eq!(table["Table"]["TableArn"], TABLE);
    let warm = json!({"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 5, "Status": "ACTIVE"});
    assert_eq!(table["Table"]["WarmThroughput"], warm);
    refused(
        bench.json("DeleteTable", json!({"TableName": "non-existent"})).await,
        "ResourceNotFoundException",
        "Requested resource not found: Table: non-existent not found",
    );
    let again = bench.json("CreateTable", tasks()).await.unwrap_err();
    assert_eq!((&*again.code, again.message.as_str()), ("ResourceInUseException", "Table already exists: tasks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn items_survive_a_restart() {
    let bench = Bench::with_table().await;
    bench.json("PutItem", item("a")).await.unwrap();
    let again = bench.again();
    let found = again.json("GetItem", json!({"TableName": "tasks", "Key": {"id": {"S": "a"}}})).await.unwrap();
    assert_eq!(found["Item"]["n"], json!({"N": "1"}));
}

#[tokio::test]
async fn accounts_and_regions_are_apart() {
    let bench = Bench::with_table().await;
    let elsewhere = Context::new(ACCOUNT, "us-east-1", Principal::Root { account: ACCOUNT.into() });
    let tables = bench.json_as(elsewhere, "ListTables", json!({})).await.unwrap();
    assert_eq!(tables["TableNames"], json!([]));
    let outside = Context::new(ACCOUNT, "../../x", Principal::Root { account: ACCOUNT.into() });
    assert_eq!(bench.json_as(outside, "ListTables", json!({})).await.unwrap_err().status, 400);
}

#[tokio::test]
async fn a_table_may_be_named_by_its_arn() {
    let bench = Bench::with_table().await;
    let body = json!({"TransactItems": [{"Put": {"TableName": TABLE, "Item": {"id": {"S": "x"}}}}]});
    bench.json("TransactWriteItems", body).await.unwrap();
    let found = bench.json("GetItem", json!({"TableName": TABLE, "Key": {"id": {"S": "x"}}})).await.unwrap();
    assert_eq!(found["Item"], json!({"id": {"S": "x"}}));
}

/// Recorded: TestDynamoDB::test_transaction_write_canceled.
#[tokio::test]
async fn a_cancelled_transaction_tells_its_reasons() {
    let bench = Bench::with_table().await;
    let body = json!({"TransactItems": [
        {"ConditionCheck": {"TableName": "tasks", "Key": {"id": {"S": "none"}},
            "ConditionExpression": "attribute_exists(id)"}},
        {"Put": {"TableName": "tasks", "Item": {"id": {"S": "x"}}}}]});
    let error = bench.json("TransactWriteItems", body).await.unwrap_err();
    assert_eq!(
        error.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]"
    );
    let (name, reasons) = &error.members[0];
    assert_eq!((*name, &reasons[0]["Code"]), ("CancellationReasons", &json!("ConditionalCheckFailed")));
}

#[tokio::test]
async fn errors_are_aws_own() {
    let bench = Bench::with_table().await;
    refused(
        bench.json("PutItem", json!({"TableName": "tasks", "Item": {"x": {"S": "a"}}})).await,
        "ValidationException",
        "One or more parameter values were invalid: Missing the key id in the item",
    );
    refused(
        bench.json("GetItem", json!({"TableName": "nowhere", "Key": {"id": {"S": "a"}}})).await,
        "ResourceNotFoundException",
        "Requested resource not found",
    );
    let failed = bench.json(
        "PutItem",
        json!({"TableName": "tasks", "Item": {"id": {"S": "a"}},
        "ConditionExpression": "attribute_exists(id)"}),
    );
    refused(failed.await, "ConditionalCheckFailedException", "The conditional request failed");
}

#[tokio::test]
async fn streams_carry_this_accounts_names() {
    let bench = Bench::with_table().await;
    bench.json("PutItem", item("a")).await.unwrap();
    let streams = bench.json("ListStreams", json!({"TableName": "tasks"})).await.unwrap();
    let arn = streams["Streams"][0]["StreamArn"].as_str().unwrap().to_owned();
    assert!(arn.starts_with(&format!("{TABLE}/stream/")), "{arn}");
    let stream = bench.json("DescribeStream", json!({"StreamArn": arn})).await.unwrap();
    assert_eq!(stream["StreamDescription"]["KeySchema"][0]["KeyType"], "HASH");
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    let wanted = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = bench.json("GetShardIterator", wanted).await.unwrap();
    assert!(iterator["ShardIterator"].as_str().unwrap().starts_with(&format!("{arn}|1|")));
    let body = json!({"ShardIterator": iterator["ShardIterator"]});
    let records = bench.json("GetRecords", body.clone()).await.unwrap();
    let record = &records["Records"][0];
    assert_eq!((&record["awsRegion"], &record["eventName"]), (&json!("eu-west-1"), &json!("INSERT")));
    assert_eq!(bench.asked_for("GetRecords", body).await, [("dynamodb:GetRecords".to_owned(), arn, vec![])]);
}

#[tokio::test]
async fn each_operation_asks_for_its_own_permissions() {
    let bench = Bench::with_table().await;
    let asked = |action: &str, resource: &str, keys: &[&str]| {
        let keys = keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>();
        (format!("dynamodb:{action}"), resource.to_owned(), keys)
    };
    let key = |id: &str| json!({"id": {"S": id}});
    for (operation, body, expected) in [
        ("PutItem", item("a"), asked("PutItem", TABLE, &["a"])),
        ("GetItem", json!({"TableName": TABLE, "Key": key("a")}), asked("GetItem", TABLE, &["a"])),
        (
            "Query",
            json!({"TableName": "tasks", "IndexName": "i", "KeyConditionExpression": "x = :v",
                "ExpressionAttributeValues": {":v": {"S": "q"}}}),
            asked("Query", &format!("{TABLE}/index/i"), &["\u{0}"]),
        ),
        (
            "Query",
            json!({"TableName": "tasks", "KeyConditionExpression": "id = :v",
                "ExpressionAttributeValues": {":v": {"S": "q"}}}),
            asked("Query", TABLE, &["q"]),
        ),
        ("Scan", json!({"TableName": "tasks"}), asked("Scan", TABLE, &[])),
        (
            "BatchGetItem",
            json!({"RequestItems": {"tasks": {"Keys": [key("a"), key("b")]}}}),
            asked("BatchGetItem", TABLE, &["a", "b"]),
        ),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"tasks": [
                {"PutRequest": {"Item": key("a")}}, {"DeleteRequest": {"Key": key("b")}}]}}),
            asked("BatchWriteItem", TABLE, &["a", "b"]),
        ),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"ConditionCheck": {"TableName": "tasks", "Key": key("a")}}]}),
            asked("ConditionCheckItem", TABLE, &["a"]),
        ),
        (
            "ExecuteStatement",
            json!({"Statement": "DELETE FROM tasks WHERE id = 'a'"}),
            asked("PartiQLDelete", TABLE, &["\u{0}"]),
        ),
        ("DescribeTable", json!({"TableName": "tasks"}), asked("DescribeTable", TABLE, &[])),
        ("ListTables", json!({}), asked("ListTables", "*", &[])),
        ("ListTagsOfResource", json!({"ResourceArn": TABLE}), asked("ListTagsOfResource", TABLE, &[])),
    ] {
        assert_eq!(bench.asked_for(operation, body).await, [expected]);
    }
}

#[tokio::test]
async fn other_services_make_tables_through_typed_calls() {
    let bench = Bench::new();
    let create = wire::CreateTable {
        table_name: "tasks".into(),
        attribute_definitions: Some(vec![wire::AttributeDefinition {
            attribute_name: "id".into(),
            attribute_type: "S".into(),
        }]),
        key_schema: Some(vec![wire::KeySchemaElement { attribute_name: "id".into(), key_type: "HASH".into() }]),
        billing_mode: Some("PAY_PER_REQUEST".into()),
        ..Default::default()
    };
    bench.cloud.call(bench.root(), create.clone()).await.unwrap();
    let described = wire::DescribeTable { table_name: "tasks".into() };
    let table = bench.cloud.call(bench.root(), described).await.unwrap().table.unwrap();
    assert_eq!((table.table_arn.as_deref(), table.table_status.as_deref()), (Some(TABLE), Some("ACTIVE")));
    let warm = table.warm_throughput.unwrap();
    assert_eq!((warm.read_units_per_second, warm.write_units_per_second), (Some(12_000), Some(4_000)));
    let tag = wire::TagResource {
        resource_arn: TABLE.into(),
        tags: vec![wire::Tag { key: "stage".into(), value: "dev".into() }],
    };
    bench.cloud.call(bench.root(), tag).await.unwrap();
    let tags = wire::ListTagsOfResource { resource_arn: TABLE.into(), next_token: None };
    assert_eq!(bench.cloud.call(bench.root(), tags).await.unwrap().tags.unwrap().len(), 1);
    let unsupported = wire::CreateTable { resource_policy: Some("{}".into()), ..create };
    assert_eq!(bench.cloud.call(bench.root(), unsupported).await.unwrap_err().status, 501);
}

#[tokio::test]
async fn point_in_time_recovery_is_a_setting_of_the_table() {
    let bench = Bench::with_table().await;
    let describe = || wire::DescribeContinuousBackups { table_name: "tasks".into() };
    let status = |output: wire::ContinuousBackupsDescription| {
        output.point_in_time_recovery_description.unwrap().point_in_time_recovery_status.unwrap()
    };
    let before = bench.cloud.call(bench.root(), describe()).await.unwrap();
    assert_eq!(status(before.continuous_backups_description.unwrap()), "DISABLED");
    let update = wire::UpdateContinuousBackups {
        table_name: "tasks".into(),
        point_in_time_recovery_specification: wire::PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        },
    };
    bench.cloud.call(bench.root(), update).await.unwrap();
    let after = bench.cloud.call(bench.root(), describe()).await.unwrap();
    assert_eq!(status(after.continuous_backups_description.unwrap()), "ENABLED");
    bench.json("DeleteTable", json!({"TableName": "tasks"})).await.unwrap();
    refused(bench.cloud.call(bench.root(), describe()).await, "TableNotFoundException", "Table not found: tasks");
}

#[tokio::test]
async fn reset_forgets_everything() {
    let bench = Bench::with_table().await;
    bench.cloud.services()[0].reset().await.unwrap();
    assert_eq!(bench.json("ListTables", json!({})).await.unwrap()["TableNames"], json!([]));
}
