//! Log streams.

use super::PAGE_DESCRIPTIONS;
use crate::error::{invalid_parameter, invalid_token, no_such_stream};
use crate::model::identifier::group_name;
use crate::model::position::Position;
use crate::store::Order;
use crate::{LogsService, now};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::logs;
use std::sync::Arc;

/// CreateLogStream.
pub async fn create(
    service: Arc<LogsService>,
    context: Context,
    input: logs::CreateLogStream,
) -> AwsResult<logs::CreateLogStreamOutput> {
    let group = service.group(&context, &input.log_group_name)?;
    if !service.events.create_stream(group.key, input.log_stream_name, now()).await? {
        return Err(AwsError::bad_request("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    Ok(logs::CreateLogStreamOutput {})
}

/// DeleteLogStream.
pub async fn delete(
    service: Arc<LogsService>,
    context: Context,
    input: logs::DeleteLogStream,
) -> AwsResult<logs::DeleteLogStreamOutput> {
    let group = service.group(&context, &input.log_group_name)?;
    if !service.events.delete_stream(group.key, input.log_stream_name).await? {
        return Err(no_such_stream());
    }
    Ok(logs::DeleteLogStreamOutput {})
}

/// DescribeLogStreams.
pub async fn describe(
    service: Arc<LogsService>,
    context: Context,
    input: logs::DescribeLogStreams,
) -> AwsResult<logs::DescribeLogStreamsResponse> {
    let name = group_name(&context, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let group = service.group(&context, &name)?;
    let order = match input.order_by.as_deref() {
        Some("LastEventTime") => Order::LastEventTime,
        _ => Order::Name,
    };
    if order == Order::LastEventTime && input.log_stream_name_prefix.is_some() {
        return Err(invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let after = input.next_token.as_deref().map(read_token).transpose()?;
    let limit = input.limit.unwrap_or(PAGE_DESCRIPTIONS).clamp(1, PAGE_DESCRIPTIONS);
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    let descending = input.descending.unwrap_or(false);
    let mut page = service.events.streams(group.key, prefix, order, descending, after, limit + 1).await?;
    let mut next_token = None;
    if page.len() as i64 > limit {
        page.pop();
        next_token = page.last().map(|last| {
            let key = match order {
                Order::Name => 0,
                Order::LastEventTime => last.last_timestamp.unwrap_or(last.creation_time),
            };
            BASE64.encode(format!("{key}:{}", last.name))
        });
    }
    let describe = |stream: crate::store::Stream| logs::LogStream {
        arn: Some(context.arn("logs", format!("log-group:{name}:log-stream:{}", stream.name))),
        upload_sequence_token: stream.last_ingestion.map(|time| sequence_token(Position::before(time))),
        log_stream_name: Some(stream.name),
        creation_time: Some(stream.creation_time),
        first_event_timestamp: stream.first_timestamp,
        last_event_timestamp: stream.last_timestamp,
        last_ingestion_time: stream.last_ingestion,
        // Always 0 since June 2019 (API reference, LogStream).
        stored_bytes: Some(0),
    };
    Ok(logs::DescribeLogStreamsResponse { log_streams: Some(page.into_iter().map(describe).collect()), next_token })
}

fn read_token(token: &str) -> AwsResult<(i64, String)> {
    let read = || {
        let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
        let (key, name) = text.split_once(':')?;
        Some((key.parse().ok()?, name.to_owned()))
    };
    read().ok_or_else(invalid_token)
}

/// AWS still answers sequence tokens and ignores those it is given (API reference, PutLogEvents).
pub fn sequence_token(position: Position) -> String {
    format!("4{}", &position.digits()[1..])
}
