//! Whether the role of a function may read a source. It is asked at the source itself, as that role, so that policies of both sides
//! count.

use super::target::Target;
use crate::error::invalid_parameter;
use crate::model::checkpoint::Position;
use slam_cloud_core::{Arn, AwsResult};
use slam_cloud_kit::delivery::queue_url;
use slam_cloud_wire::{dynamodbstreams as streams, sns, sqs};
use std::collections::BTreeMap;

/// A queue's visibility timeout in seconds.
///
/// # Errors
/// What SQS answers.
pub async fn visibility(target: &Target, url: &str) -> AwsResult<i64> {
    let input = sqs::GetQueueAttributes {
        queue_url: url.to_owned(),
        attribute_names: Some(vec!["VisibilityTimeout".to_owned()]),
    };
    let attributes = target.call(input).await?.attributes.unwrap_or_default();
    Ok(attributes.get("VisibilityTimeout").and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Whether a queue may be read for a function that may take so many seconds. Lambda needs three permissions (AWS: "Configuring
/// execution role permissions"); two are tried with requests that do nothing.
///
/// # Errors
/// What is missing, in AWS's words as its users quote them.
pub async fn queue(target: &Target, source: &str, timeout: i64) -> AwsResult<()> {
    let url = queue_url(source);
    let nothing = sqs::ReceiveMessage {
        queue_url: url.clone(),
        max_number_of_messages: Some(0),
        ..sqs::ReceiveMessage::default()
    };
    permitted(target.call(nothing).await, "ReceiveMessage")?;
    let nothing = sqs::DeleteMessageBatch { queue_url: url.clone(), entries: Vec::new() };
    permitted(target.call(nothing).await, "DeleteMessage")?;
    let visibility = visibility(target, &url).await;
    permitted(visibility.as_ref().map_err(Clone::clone), "GetQueueAttributes")?;
    let visibility = visibility?;
    if visibility < timeout {
        return Err(invalid_parameter(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )));
    }
    Ok(())
}

/// Where a stream is read from, if it may be: the places in its shards where a mapping begins.
///
/// # Errors
/// What is missing, in AWS's words as its users quote them.
pub async fn stream(target: &Target, arn: &str, start: &str) -> AwsResult<BTreeMap<String, Position>> {
    let mut places = BTreeMap::new();
    let describe = streams::DescribeStream { stream_arn: arn.to_owned(), ..streams::DescribeStream::default() };
    let described = readable(target.call(describe).await, arn)?;
    let shards = described.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
    for shard in shards.into_iter().filter_map(|shard| shard.shard_id) {
        let iterator = streams::GetShardIterator {
            stream_arn: arn.to_owned(),
            shard_id: shard.clone(),
            shard_iterator_type: start.to_owned(),
            ..streams::GetShardIterator::default()
        };
        let iterator = readable(target.call(iterator).await, arn)?.shard_iterator.unwrap_or_default();
        let records = streams::GetRecords { shard_iterator: iterator.clone(), limit: Some(1) };
        readable(target.call(records).await, arn)?;
        places.insert(shard, Position::Iterator(iterator));
    }
    readable(target.call(streams::ListStreams { limit: Some(1), ..streams::ListStreams::default() }).await, arn)?;
    Ok(places)
}

fn readable<T>(answer: AwsResult<T>, arn: &str) -> AwsResult<T> {
    answer.map_err(|error| {
        if error.is_access_denied() {
            invalid_parameter(format!(
                "Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
                 DescribeStream, and ListStreams Actions on your stream in IAM."
            ))
        } else if error.code == "ResourceNotFoundException" {
            invalid_parameter(format!("Stream not found: {arn}"))
        } else {
            error
        }
    })
}

/// Whether that is a topic's ARN.
pub fn is_topic(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "sns")
}

/// Whether a queue or a topic may be told of records that were given up, tried with a message that is none.
///
/// # Errors
/// What is missing.
pub async fn destination(target: &Target, arn: &str) -> AwsResult<()> {
    if is_topic(arn) {
        let nothing = sns::Publish { topic_arn: Some(arn.to_owned()), ..sns::Publish::default() };
        return match target.call(nothing).await {
            Err(error) if error.is_access_denied() => {
                Err(invalid_parameter("The provided execution role does not have permissions to call Publish on SNS"))
            }
            Err(error) if error.status == 404 || !error.is_client_fault() => Err(invalid_parameter(error.message)),
            _ => Ok(()),
        };
    }
    let nothing = sqs::SendMessage { queue_url: queue_url(arn), ..sqs::SendMessage::default() };
    permitted(target.call(nothing).await, "SendMessage")
}

fn permitted<T>(answer: AwsResult<T>, action: &str) -> AwsResult<()> {
    let Err(error) = answer else { return Ok(()) };
    if error.is_access_denied() {
        return Err(invalid_parameter(format!(
            "The provided execution role does not have permissions to call {action} on SQS"
        )));
    }
    if error.code.contains("QueueDoesNotExist") || error.code.contains("NonExistentQueue") {
        return Err(invalid_parameter(format!(
            "Error occurred while {action}. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: {}",
            error.message
        )));
    }
    if error.is_client_fault() { Ok(()) } else { Err(error) }
}
