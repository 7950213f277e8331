//! Streams as AWS tells them: their shards, and the form of iterators.

use dynoxide::TableMetadata;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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

/// A stream as AWS knows it, where the engine knows a table.
pub struct Stream {
    /// Its table's name, by which the engine names its only shard.
    table: String,
    arn: String,
    label: String,
    key_schema: String,
    view: Option<String>,
}

impl Stream {
    /// The stream of a table, if it has one. `view` is what its records show, where that was set.
    pub fn of(arn: String, table: TableMetadata, view: Option<String>) -> Option<Self> {
        let label = table.stream_label.filter(|_| table.stream_enabled)?;
        Some(Self { table: table.table_name, arn, label, key_schema: table.key_schema, view })
    }

    /// Its only shard, as AWS forms the ids of shards: at least 28 characters (API Reference, `GetShardIterator`: `ShardId`),
    /// of which the digits are a time.
    pub fn shard_id(&self) -> String {
        let digest = Sha256::digest(&self.arn);
        format!("shardId-{:020}-{}", self.began() / 1000, hex::encode(&digest[..4]))
    }

    /// The engine's name for that shard.
    pub fn engines_shard_id(&self) -> String {
        dynoxide::streams::shard_id(&self.table)
    }

    /// When it began, in microseconds: its label says so. The engine numbers records by microseconds, too.
    fn began(&self) -> u64 {
        self.label.parse::<f64>().map_or(0, |seconds| (seconds * 1e6) as u64)
    }

    /// The answer of a `DescribeStream` as AWS gives it. Shards after `start` are told of. One that is still written to has
    /// no end, and begins where the stream began (recorded:
    /// TestDynamoDB::test_transact_write_items_streaming_for_different_tables).
    pub fn describe(&self, answer: &mut Value, start: Option<&str>) {
        let Some(description) = answer.get_mut("StreamDescription") else { return };
        if let Ok(schema) = serde_json::from_str::<Value>(&self.key_schema) {
            description["KeySchema"] = schema;
        }
        if let Some(view) = &self.view {
            description["StreamViewType"] = view.as_str().into();
        }
        description["CreationRequestDateTime"] = (self.began() / 1_000_000).into();
        let shard = self.shard_id();
        let shards = if start.is_some_and(|start| shard.as_str() <= start) {
            json!([])
        } else {
            // As the engine's own numbers: fixed in width.
            let first = NUMBERS + u128::from(self.began());
            json!([{"ShardId": shard, "SequenceNumberRange": {"StartingSequenceNumber": first.to_string()}}])
        };
        description["Shards"] = shards;
    }

    /// The request of a `GetShardIterator` as the engine takes it; `None` when there is no such shard.
    pub fn iterator_for_engine(&self, request: &Value) -> Option<Value> {
        let given = request.get("ShardId")?.as_str()?;
        let mut inside = request.clone();
        inside["ShardId"] = self.engines_shard_id().into();
        (given == self.shard_id()).then_some(inside)
    }
}

/// What the engine adds to a record's number for its public form (`SEQUENCE_NUMBER_OFFSET` there).
const NUMBERS: u128 = 100_000_000_000_000_000_000;

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

    fn stream(label: &str) -> Stream {
        Stream {
            table: "t".to_owned(),
            arn: STREAM.to_owned(),
            label: label.to_owned(),
            key_schema: r#"[{"AttributeName": "id", "KeyType": "HASH"}]"#.to_owned(),
            view: Some("KEYS_ONLY".to_owned()),
        }
    }

    #[test]
    fn a_shard_is_described_as_recorded() {
        let stream = stream("1764431234.500000000");
        let id = stream.shard_id();
        assert!(id.starts_with("shardId-00000001764431234500-") && id.len() == 37, "{id}");
        let mut answer = json!({"StreamDescription": {"StreamViewType": "NEW_AND_OLD_IMAGES", "Shards": [{
            "ShardId": "shardId-00000001-t", "SequenceNumberRange": {"EndingSequenceNumber": "2"}}]}});
        stream.describe(&mut answer, None);
        let description = &answer["StreamDescription"];
        assert_eq!(description["StreamViewType"], "KEYS_ONLY");
        assert_eq!(
            description["Shards"],
            json!([{"ShardId": id, "SequenceNumberRange": {"StartingSequenceNumber": "100001764431234500000"}}])
        );
        stream.describe(&mut answer, Some(&id));
        assert_eq!(answer["StreamDescription"]["Shards"], json!([]));
    }

    #[test]
    fn another_shard_is_not_there() {
        let stream = stream("1764431234.500000000");
        let request = |shard: &str| json!({"ShardId": shard, "ShardIteratorType": "LATEST"});
        let inside = stream.iterator_for_engine(&request(&stream.shard_id())).unwrap();
        assert_eq!(inside, request("shardId-00000001-t"));
        assert_eq!(stream.iterator_for_engine(&request("shardId-00000001-t")), None);
    }
}
