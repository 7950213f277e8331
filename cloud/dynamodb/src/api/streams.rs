//! What streams need beside the engine's own doing.

use crate::DynamoDb;
use crate::model::records;
use crate::model::streams::{self, Stream};
use crate::names::{stream_arn, table_name};
use dynoxide::actions::get_shard_iterator::decode_shard_iterator;
use dynoxide::streams::stream_arn as engines_arn;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// Whether an operation reads streams.
pub(super) fn concerns(operation: &str) -> bool {
    matches!(operation, "DescribeStream" | "GetRecords" | "GetShardIterator" | "ListStreams")
}

impl DynamoDb {
    /// A request as the engine takes it, where that is another one.
    pub(super) async fn before_stream(
        &self,
        context: &Context,
        operation: &str,
        request: &Value,
    ) -> AwsResult<Option<Value>> {
        match operation {
            "DescribeStream" => self.stream(context, request).await.map(|_| None),
            "GetRecords" => Ok(streams::for_engine(request)),
            // The engine goes on after a stream that it knows by its own ARN.
            "ListStreams" => {
                let Some(start) = text(request, "ExclusiveStartStreamArn") else { return Ok(None) };
                let name = table_name(context, start)?;
                let label = self.engines.table(context, name).await?.and_then(|table| table.stream_label);
                let mut inside = request.clone();
                inside["ExclusiveStartStreamArn"] = engines_arn(name, &label.unwrap_or_default()).into();
                Ok(Some(inside))
            }
            "GetShardIterator" => {
                let Some(stream) = self.stream(context, request).await? else { return Ok(None) };
                let inside = stream.iterator_for_engine(request);
                // Clients that follow a shard end by these words, once it is gone.
                let missing = || not_found("Requested resource not found: Shard does not exist");
                inside.map(Some).ok_or_else(missing)
            }
            _ => Ok(None),
        }
    }

    /// A stream's answer in AWS's form.
    pub(super) async fn after_stream(
        &self,
        context: &Context,
        operation: &str,
        request: &Value,
        answer: String,
    ) -> AwsResult<String> {
        let mut answer = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        match operation {
            "DescribeStream" => {
                if let Some(stream) = self.stream(context, request).await? {
                    stream.describe(&mut answer, text(request, "ExclusiveStartShardId"));
                }
            }
            "GetRecords" => {
                let iterator = text(request, "ShardIterator").unwrap_or_default();
                let iterator = streams::inner(iterator).map_or(iterator, |(_, iterator)| iterator);
                let table = decode_shard_iterator(iterator).map(|(table, ..)| table).unwrap_or_default();
                let settings = self.tables.get(context, &table);
                records::complete(&mut answer, &context.region, settings.stream_view.as_deref());
                streams::complete(request, &mut answer);
            }
            _ => streams::complete(request, &mut answer),
        }
        Ok(answer.to_string())
    }

    /// The stream that a request names; `None` where it names none.
    async fn stream(&self, context: &Context, request: &Value) -> AwsResult<Option<Stream>> {
        let Some(arn) = text(request, "StreamArn") else { return Ok(None) };
        let name = table_name(context, arn)?;
        // The engine looks at the table's name alone.
        let table = self.engines.table(context, name).await?.filter(|table| {
            let current = table.stream_label.as_deref().filter(|_| table.stream_enabled);
            // Stacks that were made by slams before may still name it by the engine's label.
            current.is_some_and(|label| stream_arn(context, name, label) == arn || arn.ends_with(&format!("/{label}")))
        });
        // In AWS's words (github.com/SeanRoy/lambda-maven-plugin, issue 121).
        let missing = || not_found(format!("Requested resource not found: Stream: {arn} not found"));
        let table = table.ok_or_else(missing)?;
        let view = self.tables.get(context, name).stream_view.clone();
        Ok(Stream::of(arn.to_owned(), table, view))
    }
}

fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", message)
}

fn text<'a>(request: &'a Value, member: &str) -> Option<&'a str> {
    request.get(member).and_then(Value::as_str)
}
