//! DynamoDB tables, one of each per stage.

use crate::data::{self, Data};
use crate::draft::Draft;
use serde_json::{Value, json};
use slam_project::{Index, KeySchema, Project, Projection, Table, Throughput};

pub fn add(draft: &mut Draft<'_>) {
    for stage in draft.stages.clone() {
        for table in &draft.project.tables {
            let data = Data { stage: stage.name.clone(), name: table.name.clone() };
            draft.insert(
                data.logical_id(),
                data::resource("AWS::DynamoDB::Table", &data, properties(draft.project, table, &stage.name)),
            );
        }
    }
}

fn properties(project: &Project, table: &Table, stage: &str) -> Value {
    let attributes = table
        .attributes
        .iter()
        .map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind.as_str()}))
        .collect::<Value>();
    let mut properties = json!({
        "TableName": table.name_in(stage),
        "AttributeDefinitions": attributes,
        "KeySchema": key_schema(&table.key),
    });
    match table.throughput {
        None => properties["BillingMode"] = json!("PAY_PER_REQUEST"),
        Some(throughput) => {
            properties["BillingMode"] = json!("PROVISIONED");
            properties["ProvisionedThroughput"] = capacity(throughput);
        }
    }
    let kinds = [("LocalSecondaryIndexes", &table.local_indexes), ("GlobalSecondaryIndexes", &table.global_indexes)];
    for (kind, indexes) in kinds {
        if !indexes.is_empty() {
            properties[kind] = indexes.iter().map(index).collect();
        }
    }
    if let Some(attribute) = &table.ttl {
        properties["TimeToLiveSpecification"] = json!({"AttributeName": attribute, "Enabled": true});
    }
    if let Some(view) = project.stream(table) {
        properties["StreamSpecification"] = json!({"StreamViewType": view.as_str()});
    }
    properties
}

fn index(index: &Index) -> Value {
    let projection = match &index.projection {
        Projection::All => json!({"ProjectionType": "ALL"}),
        Projection::KeysOnly => json!({"ProjectionType": "KEYS_ONLY"}),
        Projection::Include(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
    };
    let mut properties =
        json!({"IndexName": index.name, "KeySchema": key_schema(&index.key), "Projection": projection});
    if let Some(throughput) = index.throughput {
        properties["ProvisionedThroughput"] = capacity(throughput);
    }
    properties
}

fn key_schema(key: &KeySchema) -> Value {
    let parts = [(Some(&key.hash), "HASH"), (key.range.as_ref(), "RANGE")];
    let part = |(name, kind): (Option<&String>, &str)| name.map(|name| json!({"AttributeName": name, "KeyType": kind}));
    parts.into_iter().filter_map(part).collect()
}

fn capacity(throughput: Throughput) -> Value {
    json!({"ReadCapacityUnits": throughput.read, "WriteCapacityUnits": throughput.write})
}
