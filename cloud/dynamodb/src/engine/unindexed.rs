//! Older key conditions with operators that no key is found by. AWS refuses them after it has looked at the index, the
//! starting key and which keys are named (dynalite's suite, which was recorded on AWS: test/query.js, "should return
//! ValidationException if querying with non-indexable operations" and those before it); the engine at once, in words of its
//! own.

use super::dispatch;
use dynoxide::Database;
use serde_json::{Value, json};
use slam_cloud_core::AwsError;

const OPERATORS: [&str; 6] = ["NE", "IN", "NULL", "NOT_NULL", "CONTAINS", "NOT_CONTAINS"];

/// Whether an error is the engine's about such an operator.
pub(super) fn is_refused(error: &AwsError) -> bool {
    error.message.starts_with("Unsupported KeyConditions ComparisonOperator: ")
}

/// What AWS tells of the query: what the engine says to one with an operator that keys have, unless AWS looks at that later.
pub(super) fn refusal(engine: &Database, body: &str) -> AwsError {
    const LATER: [&str; 7] = [
        "The query can return at most one row",
        "The provided starting key does not match the range key predicate",
        "The provided starting key is outside query boundaries",
        "The provided exclusive start key is invalid",
        "One or more parameter values were invalid: Select type",
        "Key attributes must be scalars",
        "can only contain non-primary key attributes",
    ];
    let answer = with_equalities(engine, body).map(|body| dispatch::run(engine, "Query", &body));
    match answer {
        Some(Err(error)) if !LATER.iter().any(|later| error.message.contains(later)) => error,
        _ => AwsError::validation("Attempted conditional constraint is not an indexable operation"),
    }
}

/// The query with equalities in place of such operators, with what the starting key has or else any value of the
/// attribute's type.
fn with_equalities(engine: &Database, body: &str) -> Option<String> {
    let mut request: Value = serde_json::from_str(body).ok()?;
    let table = engine.get_table_metadata(request.get("TableName")?.as_str()?).ok()??;
    let definitions: Vec<Value> = serde_json::from_str(&table.attribute_definitions).ok()?;
    let start = request.get("ExclusiveStartKey").cloned().unwrap_or_default();
    for (attribute, condition) in request.get_mut("KeyConditions")?.as_object_mut()? {
        if !OPERATORS.iter().any(|operator| condition.get("ComparisonOperator") == Some(&json!(operator))) {
            continue;
        }
        let definition =
            definitions.iter().find(|definition| definition.get("AttributeName") == Some(&json!(attribute)));
        let kind = definition.and_then(|definition| definition.get("AttributeType")?.as_str()).unwrap_or("S");
        let any = match kind {
            "N" => "1",
            "B" => "eA==",
            _ => "x",
        };
        let value = start.get(attribute).filter(|value| value.get(kind).is_some());
        let value = value.cloned().unwrap_or_else(|| json!({ kind: any }));
        *condition = json!({"ComparisonOperator": "EQ", "AttributeValueList": [value]});
    }
    request["Limit"] = 1.into();
    Some(request.to_string())
}
