//! Streams as AWS tells them: the form of iterators, and the keys of a stream's table.

use serde_json::Value;

/// An iterator as AWS forms it: the stream's ARN, a number and what the engine knows it by (asserted on AWS:
/// TestDynamoDB::test_dynamodb_streams_shard_iterator_format).
fn outer(stream: &str, iterator: &str) -> String {
    format!("{stream}|1|{iterator}")
}

/// The stream's ARN and the engine's iterator in one as AWS forms it.
pub fn inner(iterator: &str) -> Option<(&str, &str)> {
    let (stream, iterator) = iterator.rsplit_once('|')?;
    Some((stream.strip_suffix("|1")?, iterator))
}

/// The request of a `GetRecords` as the engine takes it; `None` when it takes it as it is.
pub fn for_engine(request: &Value) -> Option<Value> {
    let (_, iterator) = inner(request.get("ShardIterator")?.as_str()?)?;
    let mut inside = request.clone();
    inside["ShardIterator"] = iterator.into();
    Some(inside)
}

/// Gives the answer of a `GetShardIterator` or `GetRecords` its iterator in AWS's form.
pub fn complete(request: &Value, answer: &mut Value) {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let continued = || text("ShardIterator").and_then(inner).map(|(stream, _)| stream);
    let Some(stream) = text("StreamArn").or_else(continued) else { return };
    for member in ["ShardIterator", "NextShardIterator"] {
        if let Some(Value::String(iterator)) = answer.get_mut(member) {
            *iterator = outer(stream, iterator);
        }
    }
}

/// Gives the answer of a `DescribeStream` the keys of its table (recorded:
/// TestDynamoDB::test_transact_write_items_streaming_for_different_tables).
pub fn describe(answer: &mut Value, key_schema: &str) {
    if let (Some(description), Ok(schema)) =
        (answer.get_mut("StreamDescription"), serde_json::from_str::<Value>(key_schema))
    {
        description["KeySchema"] = schema;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STREAM: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026";

    #[test]
    fn iterators_name_their_stream() {
        let mut answer = json!({"ShardIterator": "abc"});
        complete(&json!({"StreamArn": STREAM}), &mut answer);
        let iterator = answer["ShardIterator"].as_str().unwrap();
        assert_eq!(iterator, format!("{STREAM}|1|abc"));
        let request = json!({"ShardIterator": iterator, "Limit": 1});
        assert_eq!(for_engine(&request), Some(json!({"ShardIterator": "abc", "Limit": 1})));
        let mut answer = json!({"NextShardIterator": "def"});
        complete(&request, &mut answer);
        assert_eq!(answer["NextShardIterator"], format!("{STREAM}|1|def"));
        assert_eq!(for_engine(&json!({"ShardIterator": "abc"})), None);
    }
}
