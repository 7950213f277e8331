//! The keys of indexes in items that are written: within the limits of keys, which the engine checks for the table's alone.
//! A key that an update copies from another attribute is not looked at.

use crate::expression::path::Path;
use crate::expression::request::updated;
use crate::partiql;
use dynoxide::TableMetadata;
use serde_json::Value;
use std::borrow::Cow;

/// Bytes of a partition key's value, and of a sort key's (Developer Guide, "Quotas in Amazon DynamoDB").
const LIMITS: [(&str, usize, &str); 2] = [
    (
        "HASH",
        2048,
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
    ),
    (
        "RANGE",
        1024,
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 \
         bytes",
    ),
];

/// No request that is shorter has a key that is too long.
pub const SHORTEST: usize = 1024;

/// What a request writes, as far as it says it: tables' names with items or parts of them.
pub fn written<'a>(operation: &str, request: &'a Value) -> Vec<(Cow<'a, str>, Cow<'a, Value>)> {
    let table = |structure: &'a Value| structure.get("TableName").and_then(Value::as_str).map(Cow::Borrowed);
    let put = |structure: &'a Value| Some((table(structure)?, Cow::Borrowed(structure.get("Item")?)));
    let update = |structure: &'a Value| Some((table(structure)?, Cow::Owned(assigned(structure))));
    let list = |member: &str| request.get(member).and_then(Value::as_array).into_iter().flatten();
    match operation {
        "PutItem" => put(request).into_iter().collect(),
        "UpdateItem" => update(request).into_iter().collect(),
        "TransactWriteItems" => {
            let within = |action: &'a Value| action.get("Put").and_then(put).or_else(|| update(action.get("Update")?));
            list("TransactItems").filter_map(within).collect()
        }
        "BatchWriteItem" => {
            let tables = request.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
            let writes =
                tables.flat_map(|(table, writes)| writes.as_array().into_iter().flatten().map(move |w| (table, w)));
            let item = |write: &'a Value| write.get("PutRequest")?.get("Item");
            writes.filter_map(|(table, write)| Some((table.into(), Cow::Borrowed(item(write)?)))).collect()
        }
        "ExecuteStatement" => statement(request).into_iter().collect(),
        "BatchExecuteStatement" => list("Statements").filter_map(statement).collect(),
        "ExecuteTransaction" => list("TransactStatements").filter_map(statement).collect(),
        _ => Vec::new(),
    }
}

/// The attributes that an update sets to a value of its own.
fn assigned(update: &Value) -> Value {
    let mut item = serde_json::Map::new();
    for (name, change) in update.get("AttributeUpdates").and_then(Value::as_object).into_iter().flatten() {
        if change.get("Action").is_none_or(|action| action == "PUT")
            && let Some(value) = change.get("Value")
        {
            item.insert(name.clone(), value.clone());
        }
    }
    for (path, value) in updated(update).map(|written| written.set).unwrap_or_default() {
        if let (Some(name), Some(value)) = (path.attribute(), update["ExpressionAttributeValues"].get(value)) {
            item.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(item)
}

fn statement(structure: &Value) -> Option<(Cow<'_, str>, Cow<'_, Value>)> {
    let parameters = structure.get("Parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (table, item) = partiql::written(structure.get("Statement")?.as_str()?, parameters)?;
    Some((Cow::Owned(table), Cow::Owned(item)))
}

/// What is wrong with the keys that an item has for a table's indexes, whose definitions are the engine's.
pub fn fault<'a>(definitions: impl Iterator<Item = &'a str>, item: &Value) -> Option<&'static str> {
    let indexes = definitions.filter_map(|json| serde_json::from_str::<Vec<Value>>(json).ok()).flatten();
    for index in indexes {
        for element in index.get("KeySchema").and_then(Value::as_array).into_iter().flatten() {
            let text = |member: &str| element.get(member).and_then(Value::as_str).unwrap_or_default();
            let size = item.get(text("AttributeName")).map_or(0, size);
            let over = LIMITS.iter().find(|(kind, limit, _)| *kind == text("KeyType") && size > *limit);
            if let Some((_, _, fault)) = over {
                return Some(fault);
            }
        }
    }
    None
}

/// What is wrong with stepping into attributes that are keys of the table or of an index. That an update writes to the table's
/// key is told by the engine.
pub fn entered(table: &TableMetadata, attributes: &[String], request: &Value) -> Option<String> {
    let names = |schema: &Value| -> Vec<String> {
        let elements = schema.as_array().into_iter().flatten();
        elements.filter_map(|element| element.get("AttributeName")?.as_str().map(str::to_owned)).collect()
    };
    let key = serde_json::from_str(&table.key_schema).map(|schema| names(&schema)).unwrap_or_default();
    let written = updated(request).map(|written| written.paths).unwrap_or_default();
    if written.iter().filter_map(Path::head).any(|head| key.iter().any(|name| name == head)) {
        return None;
    }
    let indexes = [table.lsi_definitions.as_deref(), table.gsi_definitions.as_deref()].into_iter().flatten();
    let indexes = indexes.filter_map(|json| serde_json::from_str::<Vec<Value>>(json).ok()).flatten();
    let of_indexes = indexes.flat_map(|index| names(index.get("KeySchema").unwrap_or(&Value::Null)));
    let all = key.into_iter().map(|name| ("Key", name)).chain(of_indexes.map(|name| ("IndexKey", name)));
    let (kind, name) = all.into_iter().find(|(_, name)| attributes.contains(name))?;
    Some(format!(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {kind}: {name}"
    ))
}

/// The bytes of a key's value.
fn size(value: &Value) -> usize {
    let text = |kind: &str| value.get(kind).and_then(Value::as_str);
    let bytes = |base64: &str| base64.trim_end_matches('=').len() * 3 / 4;
    text("S").map(str::len).or_else(|| text("B").map(bytes)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_of_indexes_have_limits() {
        let index = r#"[{"IndexName": "i", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"},
            {"AttributeName": "r", "KeyType": "RANGE"}]}]"#;
        let check = |item: Value, expected: Option<&str>| {
            assert_eq!(fault([index].into_iter(), &item), expected);
        };
        let text = |length: usize| json!({"S": "x".repeat(length)});
        check(json!({"g": text(2048), "r": text(1024), "other": text(4000)}), None);
        check(json!({"g": text(2049)}), Some(LIMITS[0].2));
        check(json!({"r": text(1025)}), Some(LIMITS[1].2));
        check(json!({"r": {"B": "QUJD".repeat(341)}}), None);
        check(json!({"r": {"B": "QUJD".repeat(342)}}), Some(LIMITS[1].2));
    }
}
