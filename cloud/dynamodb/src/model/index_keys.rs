//! The keys of indexes in items that are put: within the limits of keys, which the engine checks for the table's alone.

use serde_json::Value;

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

/// The items that a request puts, each with its table's name.
pub fn put<'a>(operation: &str, request: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let within = |structure: &'a Value| Some((structure.get("TableName")?.as_str()?, structure.get("Item")?));
    match operation {
        "PutItem" => within(request).into_iter().collect(),
        "TransactWriteItems" => {
            let actions = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
            actions.filter_map(|action| within(action.get("Put")?)).collect()
        }
        "BatchWriteItem" => {
            let tables = request.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
            let writes =
                tables.flat_map(|(table, writes)| writes.as_array().into_iter().flatten().map(move |w| (table, w)));
            writes.filter_map(|(table, write)| Some((table.as_str(), write.get("PutRequest")?.get("Item")?))).collect()
        }
        _ => Vec::new(),
    }
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
