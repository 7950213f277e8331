//! GetLogEvents: one stream, page by page in either direction.

use super::{PAGE_BYTES, PAGE_EVENTS};
use crate::error::{invalid_token, no_such_stream};
use crate::model::identifier::group_name;
use crate::model::position::{Direction, Position};
use crate::store::{Event, Range, Source};
use crate::{LogsService, now};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::logs;
use std::ops::ControlFlow;
use std::sync::Arc;

/// GetLogEvents.
pub async fn get(
    service: Arc<LogsService>,
    context: Context,
    input: logs::GetLogEvents,
) -> AwsResult<logs::GetLogEventsResponse> {
    let name = group_name(&context, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let group = service.group(&context, &name)?;
    let token = input.next_token.map(|token| Position::of_token(&token).ok_or_else(invalid_token)).transpose()?;
    let stream = service.events.stream(group.key, input.log_stream_name).await?.ok_or_else(no_such_stream)?;

    let start = input.start_time.unwrap_or(0).max(group.expired_before(now()));
    let mut after = Position::before(start);
    let mut before = input.end_time.map_or(Position::END, Position::before);
    let direction = match token {
        Some((direction, _)) => direction,
        None if input.start_from_head == Some(true) => Direction::Forward,
        None => Direction::Backward,
    };
    match token {
        Some((Direction::Forward, place)) => after = after.max(place),
        Some((Direction::Backward, place)) => before = before.min(place),
        None => {}
    }
    let limit = input.limit.unwrap_or(PAGE_EVENTS) as usize;
    let range = Range { source: Source::Stream(stream), after, before, direction };
    let (mut events, _) = service
        .events
        .scan(range, (Vec::<Event>::new(), 0), move |(events, bytes), _, event| {
            *bytes += event.message.len();
            if events.len() == limit || (*bytes > PAGE_BYTES && !events.is_empty()) {
                return Ok(ControlFlow::Break(()));
            }
            events.push(event);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
    if direction == Direction::Backward {
        events.reverse();
    }
    // At the end of the stream the same tokens come again (API reference), and what arrives later is found by them.
    let here = token.map_or(Position::START, |(_, place)| place);
    let first = events.first().map_or(here, |event| event.position);
    let last = events.last().map_or(here, |event| event.position);
    Ok(logs::GetLogEventsResponse {
        next_forward_token: Some(last.token(Direction::Forward)),
        next_backward_token: Some(first.token(Direction::Backward)),
        events: Some(
            events
                .into_iter()
                .map(|event| logs::OutputLogEvent {
                    timestamp: Some(event.position.timestamp),
                    ingestion_time: Some(event.ingestion_time()),
                    message: Some(event.message),
                })
                .collect(),
        ),
    })
}
