//! Tables as AWS describes them: what the engine's descriptions lack or have too much.

use super::IndexThroughput;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an on-demand table takes at once (recorded: TestDynamoDB::test_gsi_with_billing_mode).
const ON_DEMAND: (i64, i64) = (12_000, 4_000);

/// Puts a table's description right, as the given operation answers it (recorded: TestDynamoDB::test_table_crud).
pub fn complete(operation: &str, table: &mut Value, indexes: &BTreeMap<String, IndexThroughput>) {
    let Some(fields) = table.as_object_mut() else { return };
    // Of the engine's own making.
    fields.remove("TableThroughputModeSummary");
    fields.entry("DeletionProtectionEnabled").or_insert(Value::Bool(false));
    if operation == "DeleteTable" {
        for member in ["AttributeDefinitions", "KeySchema", "CreationDateTime"] {
            fields.remove(member);
        }
    }
    // Creation and deletion do not tell these two (recorded: `test_dynamodb_event_source_mapping_with_s3_on_failure_destination`).
    let warm = matches!(operation, "DescribeTable" | "UpdateTable");
    if let (true, Some(created)) = (warm, fields.get("CreationDateTime").cloned())
        && let Some(summary) = fields.get_mut("BillingModeSummary").and_then(Value::as_object_mut)
    {
        summary.entry("LastUpdateToPayPerRequestDateTime").or_insert(created);
    }
    let on_demand = fields.get("BillingModeSummary").and_then(|summary| summary.get("BillingMode"))
        == Some(&json!("PAY_PER_REQUEST"));
    for index in fields.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = index.get("IndexName").and_then(Value::as_str).unwrap_or_default();
        if let (Some(set), false) = (indexes.get(name), on_demand) {
            index["ProvisionedThroughput"]["ReadCapacityUnits"] = set.read.into();
            index["ProvisionedThroughput"]["WriteCapacityUnits"] = set.write.into();
        }
        if warm {
            let throughput = warm_throughput(index.get("ProvisionedThroughput"), on_demand);
            index["WarmThroughput"] = throughput;
        }
    }
    if warm {
        let throughput = warm_throughput(fields.get("ProvisionedThroughput"), on_demand);
        fields.insert("WarmThroughput".to_owned(), throughput);
    }
}

fn warm_throughput(provisioned: Option<&Value>, on_demand: bool) -> Value {
    let units = |name: &str| provisioned.and_then(|provisioned| provisioned.get(name)?.as_i64()).unwrap_or(0);
    let (read, write) = if on_demand { ON_DEMAND } else { (units("ReadCapacityUnits"), units("WriteCapacityUnits")) };
    json!({"ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write, "Status": "ACTIVE"})
}

/// The throughput of a table's indexes after an `UpdateTable`.
pub fn throughput_after(
    request: &Value,
    before: &BTreeMap<String, IndexThroughput>,
) -> BTreeMap<String, IndexThroughput> {
    if request.get("BillingMode") == Some(&json!("PAY_PER_REQUEST")) {
        return BTreeMap::new();
    }
    let mut after = before.clone();
    for update in request.get("GlobalSecondaryIndexUpdates").and_then(Value::as_array).into_iter().flatten() {
        for (action, detail) in update.as_object().into_iter().flatten() {
            let Some(name) = detail.get("IndexName").and_then(Value::as_str) else { continue };
            let units = |member: &str| detail.get("ProvisionedThroughput")?.get(member)?.as_i64();
            match (action.as_str(), units("ReadCapacityUnits"), units("WriteCapacityUnits")) {
                ("Delete", ..) => {
                    after.remove(name);
                }
                (_, Some(read), Some(write)) => {
                    after.insert(name.to_owned(), IndexThroughput { read, write });
                }
                _ => {}
            }
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_table_is_described_as_recorded() {
        let mut table = json!({"TableName": "t", "KeySchema": [], "AttributeDefinitions": [], "CreationDateTime": 1});
        complete("DeleteTable", &mut table, &BTreeMap::new());
        assert_eq!(table, json!({"TableName": "t", "DeletionProtectionEnabled": false}));
    }

    #[test]
    fn an_updated_table_is_described_as_recorded() {
        let mut table = json!({
            "TableName": "t", "CreationDateTime": 1, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}
        });
        complete("UpdateTable", &mut table, &BTreeMap::new());
        assert_eq!(table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"], 1);
        let warm = json!({"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"});
        assert_eq!(table["WarmThroughput"], warm);
    }

    #[test]
    fn throughput_set_on_an_index_is_described() {
        let request = json!({"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "i",
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}}]});
        let indexes = throughput_after(&request, &BTreeMap::new());
        let mut table = json!({
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
            "GlobalSecondaryIndexes": [{"IndexName": "i", "ProvisionedThroughput": {"ReadCapacityUnits": 0}}]
        });
        complete("DescribeTable", &mut table, &indexes);
        assert_eq!(table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"], 4);
        assert_eq!(table["GlobalSecondaryIndexes"][0]["WarmThroughput"]["ReadUnitsPerSecond"], 3);
        assert_eq!(table["WarmThroughput"]["ReadUnitsPerSecond"], 5);
        let request = json!({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "i"}}]});
        assert_eq!(throughput_after(&request, &indexes), BTreeMap::new());
    }
}
