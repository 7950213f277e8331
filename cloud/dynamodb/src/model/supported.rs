//! Parameters of tables that the engine would drop: refused by name.

use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};

/// What AWS's `CreateTable` has and the engine does not.
const CREATE: [&str; 4] =
    ["WarmThroughput", "ResourcePolicy", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode"];
/// What AWS's `UpdateTable` has and the engine does not.
const UPDATE: [&str; 7] = [
    "SSESpecification",
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "WarmThroughput",
    "GlobalTableSettingsReplicationMode",
    "DisassociationProtectionEnabled",
];
/// What AWS's indexes have and the engine's do not.
const INDEX: [&str; 2] = ["WarmThroughput", "OnDemandThroughput"];

/// Refuses the first parameter that would be dropped.
///
/// # Errors
/// `NotImplemented`, naming it.
pub fn check(operation: &str, request: &Value) -> AwsResult<()> {
    match operation {
        "CreateTable" => {
            refuse(operation, "", request, &CREATE)?;
            let indexes = request.get("GlobalSecondaryIndexes").and_then(Value::as_array);
            indexes
                .into_iter()
                .flatten()
                .try_for_each(|index| refuse(operation, "GlobalSecondaryIndexes.", index, &INDEX))
        }
        "UpdateTable" => {
            refuse(operation, "", request, &UPDATE)?;
            let updates = request.get("GlobalSecondaryIndexUpdates").and_then(Value::as_array);
            let actions = updates.into_iter().flatten().filter_map(Value::as_object).flat_map(|update| update.values());
            actions.into_iter().try_for_each(|action| refuse(operation, "GlobalSecondaryIndexUpdates.", action, &INDEX))
        }
        "DescribeStream" => refuse(operation, "", request, &["ShardFilter"]),
        _ => Ok(()),
    }
}

fn refuse(operation: &str, at: &str, structure: &Value, names: &[&str]) -> AwsResult<()> {
    let given = |name: &&&str| {
        structure.get(**name).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new()))
    };
    match names.iter().find(given) {
        Some(name) => Err(AwsError::unsupported(format_args!("the parameter {at}{name} of {operation}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_would_be_dropped_is_refused_by_name() {
        for (operation, request, expected) in [
            ("CreateTable", json!({"ResourcePolicy": "{}"}), Some("the parameter ResourcePolicy of CreateTable")),
            ("CreateTable", json!({"TableClass": "STANDARD"}), None),
            ("UpdateTable", json!({"ReplicaUpdates": []}), None),
            (
                "UpdateTable",
                json!({"GlobalSecondaryIndexUpdates": [{"Create": {"WarmThroughput": {}}}]}),
                Some("the parameter GlobalSecondaryIndexUpdates.WarmThroughput of UpdateTable"),
            ),
        ] {
            let message = check(operation, &request).err().map(|error| error.message);
            let expected = expected.map(|what| format!("{what} is not supported by the embedded cloud"));
            assert_eq!(message, expected);
        }
    }
}
