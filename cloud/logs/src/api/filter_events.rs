//! FilterLogEvents: the events of a group that match a pattern, interleaved over its streams.

use super::{PAGE_BYTES, PAGE_EVENTS};
use crate::error::{invalid_parameter, invalid_token, no_such_stream};
use crate::model::identifier::group_name;
use crate::model::position::{Direction, Position};
use crate::pattern::Pattern;
use crate::store::{Event, Range, Source};
use crate::{LogsService, now};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::logs;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Events looked at for one page; AWS too answers partial and even empty pages with a token.
const LOOKED_AT: usize = 100_000;

/// What a page has gathered.
#[derive(Default)]
struct Page {
    events: Vec<logs::FilteredLogEvent>,
    bytes: usize,
    looked_at: usize,
    last: Option<Position>,
    more: bool,
    /// The streams' names met so far; `None` for a stream that was not asked for.
    names: HashMap<i64, Option<String>>,
}

/// FilterLogEvents.
pub async fn filter(
    service: Arc<LogsService>,
    context: Context,
    input: logs::FilterLogEvents,
) -> AwsResult<logs::FilterLogEventsResponse> {
    let name = group_name(&context, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
        return Err(invalid_parameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
    }
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let token = input.next_token.map(|token| Position::of_token(&token).ok_or_else(invalid_token)).transpose()?;
    let group = service.group(&context, &name)?;

    let mut page = Page::default();
    let mut source = Source::Group(group.key);
    let only_named = input.log_stream_names.is_some();
    for stream_name in input.log_stream_names.unwrap_or_default() {
        let stream = service.events.stream(group.key, stream_name.clone()).await?.ok_or_else(no_such_stream)?;
        source = Source::Stream(stream);
        page.names.insert(stream, Some(stream_name));
    }
    if page.names.len() > 1 {
        source = Source::Group(group.key);
    }

    let start = input.start_time.unwrap_or(0).max(group.expired_before(now()));
    let mut after = Position::before(start);
    // Unlike GetLogEvents, the end is part of the range (API reference, FilterLogEvents).
    let mut before = input.end_time.map_or(Position::END, |end| Position::before(end.saturating_add(1)));
    let direction = match token {
        Some((direction, _)) => direction,
        None if input.start_from_head == Some(false) => Direction::Backward,
        None => Direction::Forward,
    };
    match token {
        Some((Direction::Forward, place)) => after = after.max(place),
        Some((Direction::Backward, place)) => before = before.min(place),
        None => {}
    }
    let limit = input.limit.unwrap_or(PAGE_EVENTS) as usize;
    let prefix = input.log_stream_name_prefix;
    let page = service
        .events
        .scan(Range { source, after, before, direction }, page, move |page, names, event| {
            if page.looked_at == LOOKED_AT {
                page.more = true;
                return Ok(ControlFlow::Break(()));
            }
            let stream = match page.names.get(&event.stream) {
                Some(known) => known.clone(),
                None => {
                    let name = names.name(event.stream)?;
                    let wanted = !only_named && prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str()));
                    page.names.entry(event.stream).or_insert(wanted.then_some(name)).clone()
                }
            };
            let place = event.position;
            if let Some(stream) = stream
                && pattern.matches(&event.message)
            {
                let bytes = page.bytes + event.message.len();
                if page.events.len() == limit || (bytes > PAGE_BYTES && !page.events.is_empty()) {
                    page.more = true;
                    return Ok(ControlFlow::Break(()));
                }
                page.bytes = bytes;
                page.events.push(answer(event, stream));
            }
            page.looked_at += 1;
            page.last = Some(place);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
    Ok(logs::FilterLogEventsResponse {
        next_token: page.last.filter(|_| page.more).map(|place| place.token(direction)),
        events: Some(page.events),
        // Empty since the response stopped telling streams searched (API reference).
        searched_log_streams: Some(Vec::new()),
    })
}

fn answer(event: Event, stream: String) -> logs::FilteredLogEvent {
    logs::FilteredLogEvent {
        log_stream_name: Some(stream),
        timestamp: Some(event.position.timestamp),
        ingestion_time: Some(event.ingestion_time()),
        event_id: Some(event.position.digits()),
        message: Some(event.message),
    }
}
