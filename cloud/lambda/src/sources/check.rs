//! Whether the role of a function may read a source. It is asked at the source itself, as that role, so that policies of both sides
//! count.

use super::target::Target;
use crate::error::invalid_parameter;
use crate::model::checkpoint::Position;
use slam_cloud_core::{Access, Arn, AwsError, AwsResult};
use slam_cloud_kit::delivery::queue_url;
use slam_cloud_wire::{dynamodbstreams as streams, s3, sns, sqs};
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

/// Who is told of records that were given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A queue.
    Queue { url: String },
    /// A topic.
    Topic { arn: String },
    /// A bucket.
    Bucket { name: String },
}

impl Destination {
    /// The one with this ARN, which is of one of the three services.
    pub fn of(arn: &str) -> Self {
        let service = Arn::parse(arn).map(|arn| (arn.service, arn.resource));
        match service.as_ref().map(|(service, resource)| (service.as_str(), resource)) {
            Some(("sns", _)) => Self::Topic { arn: arn.to_owned() },
            Some(("s3", name)) => Self::Bucket { name: name.clone() },
            _ => Self::Queue { url: queue_url(arn) },
        }
    }
}

/// Whether who is to be told of records that were given up may be, tried with a message that is none; of a bucket it is asked.
///
/// # Errors
/// What is missing.
pub async fn destination(target: &Target, arn: &str) -> AwsResult<()> {
    match Destination::of(arn) {
        Destination::Topic { arn } => {
            let nothing = sns::Publish { topic_arn: Some(arn), ..sns::Publish::default() };
            match target.call(nothing).await {
                Err(error) if error.is_access_denied() => Err(not_permitted("Publish on SNS")),
                Err(error) if error.status == 404 || !error.is_client_fault() => Err(invalid_parameter(error.message)),
                _ => Ok(()),
            }
        }
        Destination::Queue { url } => {
            let nothing = sqs::SendMessage { queue_url: url, ..sqs::SendMessage::default() };
            permitted(target.call(nothing).await, "SendMessage")
        }
        Destination::Bucket { name } => bucket(target, arn, name).await,
    }
}

/// Lambda needs both permissions (AWS: "Configuring destinations for failed invocations"), and tells no more of what is missing
/// than it does of destinations of asynchronous invocations.
async fn bucket(target: &Target, arn: &str, bucket: String) -> AwsResult<()> {
    let put = target.authorize(&Access::new("s3:PutObject", format!("{arn}/aws/lambda/*"))).await;
    let head = target.call(s3::HeadBucket { bucket, ..s3::HeadBucket::default() }).await;
    match put.and(head.map(drop)) {
        Err(error) if error.is_access_denied() || error.status == 403 => {
            Err(not_permitted("PutObject and ListBucket on S3"))
        }
        Err(error) if error.status == 404 => Err(invalid_parameter(format!("The destination ARN {arn} is invalid."))),
        answer => answer,
    }
}

fn not_permitted(calls: &str) -> AwsError {
    invalid_parameter(format!("The provided execution role does not have permissions to call {calls}"))
}

fn permitted<T>(answer: AwsResult<T>, action: &str) -> AwsResult<()> {
    let Err(error) = answer else { return Ok(()) };
    if error.is_access_denied() {
        return Err(not_permitted(&format!("{action} on SQS")));
    }
    if error.code.contains("QueueDoesNotExist") || error.code.contains("NonExistentQueue") {
        return Err(invalid_parameter(format!(
            "Error occurred while {action}. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: {}",
            error.message
        )));
    }
    if error.is_client_fault() { Ok(()) } else { Err(error) }
}
