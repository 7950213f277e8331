//! Records of streams as functions see them (AWS: "Using Lambda with Amazon DynamoDB").

use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use slam_cloud_wire::dynamodbstreams::{GetRecords, GetRecordsOutput};
use slam_cloud_wire::json as wire;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A record in an event.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard.
    pub sequence: String,
    /// When its change was made.
    pub created: Timestamp,
    /// Which changes must stay in order with it: those of the same item.
    pub lane: u64,
    /// As the function gets it.
    pub text: String,
}

/// What a function is given of records.
pub fn event(records: &[Record]) -> String {
    let texts: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
    format!(r#"{{"Records":[{}]}}"#, texts.join(","))
}

/// The records of an answer, of the stream with this ARN. They have their times as numbers with a fraction and the stream's ARN at
/// their end (recorded: `test_dynamodb_event_source_mapping`).
///
/// # Errors
/// When a record is not one.
pub fn read(answer: GetRecordsOutput, stream: &str) -> AwsResult<Vec<Record>> {
    let strange = || AwsError::internal("a stream has a record without a sequence number");
    let mut records = wire::output_to_json::<GetRecords>(answer);
    let records = records.get_mut("Records").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let records = records.into_iter().map(|mut record| {
        let change = record.get_mut("dynamodb").ok_or_else(strange)?;
        let sequence = change["SequenceNumber"].as_str().ok_or_else(strange)?.to_owned();
        let seconds = change["ApproximateCreationDateTime"].as_f64().ok_or_else(strange)?;
        change["ApproximateCreationDateTime"] = json!(seconds);
        let mut hasher = DefaultHasher::new();
        change["Keys"].to_string().hash(&mut hasher);
        if record.get("userIdentity").is_some_and(|identity| !identity.is_null()) {
            // Only expired items' have one.
            record["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
        }
        record["eventSourceARN"] = json!(stream);
        let created = Timestamp::from_millisecond((seconds * 1000.0) as i64).map_err(AwsError::internal)?;
        Ok(Record { sequence, created, lane: hasher.finish(), text: record.to_string() })
    });
    records.collect()
}
