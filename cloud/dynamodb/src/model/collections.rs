//! Item collections that a transaction changes: the items of a table with local secondary indexes that share a partition key.
//! The engine tells of them for every other write.

use dynoxide::TableMetadata;
use serde_json::{Value, json};

/// A gigabyte, of which the estimate is told in whole ones.
const GIGABYTE: i64 = 1024 * 1024 * 1024;

/// Whether the answer to a transaction shall tell of its item collections.
pub fn is_asked(request: &Value) -> bool {
    request.get("ReturnItemCollectionMetrics").is_some_and(|asked| asked == "SIZE")
}

/// The tables' names and the keys or items that a transaction writes, in its order. A check of a condition changes nothing.
pub fn written(request: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let actions = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    actions.filter_map(|action| {
        let write = ["Put", "Update", "Delete"].iter().find_map(|kind| action.get(*kind))?;
        let item = write.get("Item").or_else(|| write.get("Key"))?;
        Some((write.get("TableName")?.as_str()?, item))
    })
}

/// The local secondary indexes of a table. Without any it has no item collections.
pub fn indexes(table: &TableMetadata) -> Vec<String> {
    let definitions = table.lsi_definitions.as_deref().and_then(|json| serde_json::from_str::<Vec<Value>>(json).ok());
    let names = definitions.into_iter().flatten();
    names.filter_map(|index| index.get("IndexName")?.as_str().map(str::to_owned)).collect()
}

/// The collection that an item is of: the name of the partition key, and its value.
pub fn key(table: &TableMetadata, item: &Value) -> Option<(String, Value)> {
    let schema: Vec<Value> = serde_json::from_str(&table.key_schema).ok()?;
    let partition = schema.iter().find(|element| element.get("KeyType").is_some_and(|kind| kind == "HASH"))?;
    let name = partition.get("AttributeName")?.as_str()?;
    Some((name.to_owned(), item.get(name)?.clone()))
}

/// What is told of a collection of that many bytes: a lower and an upper bound in gigabytes (API Reference,
/// `ItemCollectionMetrics`).
pub fn metrics((name, value): (String, Value), bytes: i64) -> Value {
    let lower = (bytes / GIGABYTE) as f64;
    json!({"ItemCollectionKey": {name: value}, "SizeEstimateRangeGB": [lower, lower + 1.0]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_whole_gigabytes() {
        let told = |bytes: i64| {
            let told = metrics(("k".to_owned(), json!({"S": "a"})), bytes);
            assert_eq!(told["ItemCollectionKey"], json!({"k": {"S": "a"}}));
            told["SizeEstimateRangeGB"].clone()
        };
        assert_eq!(told(0), json!([0.0, 1.0]));
        assert_eq!(told(GIGABYTE - 1), json!([0.0, 1.0]));
        assert_eq!(told(GIGABYTE), json!([1.0, 2.0]));
    }

    #[test]
    fn checks_write_nothing() {
        let request = json!({"TransactItems": [
            {"ConditionCheck": {"TableName": "a", "Key": {"k": {"S": "0"}}}},
            {"Put": {"TableName": "b", "Item": {"k": {"S": "1"}}}},
            {"Delete": {"TableName": "a", "Key": {"k": {"S": "2"}}}},
        ]});
        let found: Vec<_> = written(&request).map(|(table, item)| (table, item["k"]["S"].as_str().unwrap())).collect();
        assert_eq!(found, [("b", "1"), ("a", "2")]);
    }
}
