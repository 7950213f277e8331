//! `dynamodb:LeadingKeys`: the partition keys that a request touches, so that policies can give each caller its own
//! items (Developer Guide, "Using IAM policy conditions for fine-grained access control").

use dynoxide::TableMetadata;
use serde_json::Value;

/// The key schemas of a table and its indexes, as the engine keeps them: in JSON.
pub(super) struct Schemas<'a> {
    table: &'a str,
    indexes: [Option<&'a str>; 2],
}

impl<'a> From<&'a TableMetadata> for Schemas<'a> {
    fn from(table: &'a TableMetadata) -> Self {
        Self { table: &table.key_schema, indexes: [table.gsi_definitions.as_deref(), table.lsi_definitions.as_deref()] }
    }
}

/// The name of the partition key in a key schema.
fn partition_key(schema: &Value) -> Option<&str> {
    let elements = schema.as_array()?;
    let hash = elements.iter().find(|element| element.get("KeyType").and_then(Value::as_str) == Some("HASH"))?;
    hash.get("AttributeName")?.as_str()
}

/// The partition keys of items: of `Key`s, `Item`s, and bare keys.
pub(super) fn of_items(table: &Schemas<'_>, structures: &[&Value]) -> Vec<String> {
    let schema: Value = serde_json::from_str(table.table).unwrap_or_default();
    let Some(name) = partition_key(&schema) else { return Vec::new() };
    let mut keys: Vec<String> = Vec::new();
    for structure in structures {
        let item = structure.get("Key").or_else(|| structure.get("Item"));
        // An attribute may itself be called Key or Item.
        let value = item.and_then(|item| item.get(name)).or_else(|| structure.get(name)).and_then(scalar);
        if let Some(value) = value
            && !keys.contains(&value)
        {
            keys.push(value);
        }
    }
    keys
}

/// The partition key that a query names, in its expression or in the older `KeyConditions`.
pub(super) fn of_query(table: &Schemas<'_>, index: Option<&str>, request: &Value) -> Option<String> {
    let schema = match index {
        None => serde_json::from_str(table.table).ok()?,
        Some(index) => index_schema(table, index)?,
    };
    let name = partition_key(&schema)?;
    if let Some(condition) = request.get("KeyConditions").and_then(|conditions| conditions.get(name)) {
        return scalar(condition.get("AttributeValueList")?.get(0)?);
    }
    let expression = request.get("KeyConditionExpression")?.as_str()?;
    let placeholder = compared_with(expression, |operand| {
        operand == name
            || request.get("ExpressionAttributeNames").and_then(|names| names.get(operand)?.as_str()) == Some(name)
    })?;
    scalar(request.get("ExpressionAttributeValues")?.get(placeholder)?)
}

fn index_schema(table: &Schemas<'_>, index: &str) -> Option<Value> {
    let definitions = table.indexes.into_iter().flatten();
    definitions.filter_map(|json| serde_json::from_str::<Vec<Value>>(json).ok()).flatten().find_map(|definition| {
        let named = definition.get("IndexName").and_then(Value::as_str) == Some(index);
        named.then(|| definition.get("KeySchema").cloned()).flatten()
    })
}

/// The `:value` that an attribute is compared with by `=`. A key condition knows no OR, so there is one at most.
fn compared_with(expression: &str, is_key: impl Fn(&str) -> bool) -> Option<&str> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '-' | '.');
        let length = if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        if !first.is_whitespace() && first != '(' && first != ')' {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens.windows(3).find_map(|window| match window {
        [key, "=", value] if value.starts_with(':') && is_key(key) => Some(*value),
        [value, "=", key] if value.starts_with(':') && is_key(key) => Some(*value),
        _ => None,
    })
}

/// A key's value as policies compare it.
fn scalar(value: &Value) -> Option<String> {
    ["S", "N", "B"].iter().find_map(|kind| value.get(kind)?.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = r#"[{"AttributeName": "owner", "KeyType": "HASH"}]"#;
    const INDEX: &str = r#"[{"IndexName": "i", "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}]}]"#;

    fn table() -> Schemas<'static> {
        Schemas { table: TABLE, indexes: [Some(INDEX), None] }
    }

    #[test]
    fn keys_of_items() {
        for (structure, expected) in [
            (json!({"Key": {"owner": {"S": "ann"}}}), vec!["ann"]),
            (json!({"Item": {"owner": {"N": "7"}, "x": {"S": "y"}}}), vec!["7"]),
            (json!({"owner": {"S": "bare"}}), vec!["bare"]),
            (json!({"Key": {"other": {"S": "ann"}}}), vec![]),
        ] {
            assert_eq!(of_items(&table(), &[&structure]), expected, "{structure}");
        }
    }

    #[test]
    fn the_key_of_a_query() {
        let values = json!({":v": {"S": "ann"}, ":w": {"S": "x"}});
        for (expression, index, expected) in [
            ("owner = :v", None, Some("ann")),
            ("(#k=:v) AND sort > :w", None, Some("ann")),
            (":v = owner", None, Some("ann")),
            ("sort = :w and owner = :v", None, Some("ann")),
            ("sort = :w", None, None),
            ("state = :w", Some("i"), Some("x")),
            ("owner = :v", Some("unknown"), None),
        ] {
            let request = json!({
                "KeyConditionExpression": expression,
                "ExpressionAttributeNames": {"#k": "owner"},
                "ExpressionAttributeValues": values
            });
            assert_eq!(of_query(&table(), index, &request).as_deref(), expected, "{expression}");
        }
    }
}
