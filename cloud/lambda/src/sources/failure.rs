//! Who is told of records of a stream that were given up (AWS: "Retaining discarded records for a DynamoDB event source in Lambda").
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

use super::check::Destination;
use super::stream_record::{self, Record};
use super::target::Target;
use serde_json::{Value, json};
use slam_cloud_core::{AwsResult, Timestamp};
use slam_cloud_wire::timestamp::{iso8601, iso8601_seconds};
use slam_cloud_wire::{s3, sns, sqs};

/// Why records were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// As often as may be.
    RetryAttemptsExhausted,
    /// They were older than may be.
    RecordAgeExceeded,
}

/// The last attempt at records.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its request id.
    pub id: String,
    /// The version that ran.
    pub version: String,
    /// Whether the function failed, and did not only say that records did.
    pub failed: bool,
}

/// Records that were given up.
#[derive(Debug)]
pub struct GivenUp<'r> {
    /// The UUID of the mapping that reads the shard.
    pub mapping: &'r str,
    /// The shard.
    pub shard: &'r str,
    /// The stream's ARN.
    pub stream: &'r str,
    /// The records, of which there is one.
    pub records: &'r [Record],
    /// Why.
    pub condition: Condition,
    /// How often the function was invoked with them.
    pub invoked: i64,
    /// The last time.
    pub last: Option<&'r Attempt>,
}

impl GivenUp<'_> {
    /// Sends the record of the failure to a queue or a topic, or keeps it in a bucket, together with what the function was given.
    ///
    /// # Errors
    /// What SQS, SNS or S3 answers.
    pub async fn tell(&self, target: &Target, destination: &str) -> AwsResult<()> {
        let now = target.clock().now();
        let mut record = self.record(&target.function_arn(), now);
        match Destination::of(destination) {
            Destination::Topic { arn } => {
                let message = record.to_string();
                let input = sns::Publish { topic_arn: Some(arn), message, ..sns::Publish::default() };
                target.call(input).await.map(drop)
            }
            Destination::Queue { url } => {
                let message_body = record.to_string();
                let input = sqs::SendMessage { queue_url: url, message_body, ..sqs::SendMessage::default() };
                target.call(input).await.map(drop)
            }
            Destination::Bucket { name } => {
                // JSON in a text, as AWS documents it.
                record["payload"] = json!(stream_record::event(self.records));
                let body = Some(record.to_string().into_bytes().into());
                let input = s3::PutObject { bucket: name, key: self.key(now), body, ..s3::PutObject::default() };
                target.call(input).await.map(drop)
            }
        }
    }

    /// `aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>`
    fn key(&self, now: Timestamp) -> String {
        let moment = now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
        format!("aws/lambda/{}/{}/{moment}-{}", self.mapping, self.shard, uuid::Uuid::new_v4())
    }

    /// Recorded: `test_dynamodb_event_source_mapping_with_on_failure_destination_config`,
    /// `test_dynamodb_event_source_mapping_with_sns_on_failure_destination_config`,
    /// `test_dynamodb_event_source_mapping_with_s3_on_failure_destination`,
    /// `test_dynamodb_report_batch_item_failure_scenarios`.
    fn record(&self, function: &str, now: Timestamp) -> Value {
        let seconds = |record: Option<&Record>| record.map(|record| iso8601_seconds(record.created));
        let sequence = |record: Option<&Record>| record.map(|record| record.sequence.clone());
        let (first, last) = (self.records.first(), self.records.last());
        let id = self.last.map_or_else(slam_cloud_core::id::request_id, |last| last.id.clone());
        let mut record = json!({
            "requestContext": {
                "requestId": id,
                "functionArn": function,
                "condition": format!("{:?}", self.condition),
                "approximateInvokeCount": self.invoked,
            },
        });
        if let Some(last) = self.last {
            record["responseContext"] = json!({
                "statusCode": 200,
                "executedVersion": last.version,
                "functionError": last.failed.then_some("Unhandled"),
            });
        }
        record["version"] = json!("1.0");
        record["timestamp"] = json!(iso8601(now));
        record["DDBStreamBatchInfo"] = json!({
            "shardId": self.shard,
            "startSequenceNumber": sequence(first),
            "endSequenceNumber": sequence(last),
            "approximateArrivalOfFirstRecord": seconds(first),
            "approximateArrivalOfLastRecord": seconds(last),
            "batchSize": self.records.len(),
            "streamArn": self.stream,
        });
        record
    }
}
