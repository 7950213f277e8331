//! Events.

use crate::EventsService;
use crate::error::invalid_pattern;
use crate::model::event::{Event, compact};
use crate::model::name::BusName;
use crate::taking::{Taken, take};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Principal, Timestamp, id};
use slam_cloud_kit::pattern;
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// The entries of a request must be smaller than this together, in bytes (API reference, PutEvents): 1 MB.
const LARGEST: usize = 1024 * 1024;

/// The size of an entry.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevents-entry-size>
fn size(entry: &wire::PutEventsRequestEntry) -> usize {
    let texts = [&entry.source, &entry.detail_type, &entry.detail];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let resources: usize = entry.resources.iter().flatten().map(String::len).sum();
    texts + resources + if entry.time.is_some() { 14 } else { 0 }
}

/// PutEvents.
pub async fn events(
    service: Arc<EventsService>,
    context: Context,
    input: wire::PutEvents,
) -> AwsResult<wire::PutEventsResponse> {
    // Recorded: `test_put_event_with_too_big_detail`.
    if input.entries.iter().map(size).sum::<usize>() >= LARGEST {
        return Err(AwsError::validation("Total size of the entries in the request is over the limit."));
    }
    let now = service.cloud.clock().now();
    let (mut entries, mut taken, mut failed) = (Vec::new(), Vec::new(), 0);
    for entry in input.entries {
        let size = size(&entry);
        let bus = BusName::of(&context, entry.event_bus_name.as_deref());
        let trace = entry.trace_header.clone().or_else(|| context.trace.as_deref().map(str::to_owned));
        match read(&context, entry, now) {
            Ok(event) => {
                let text = event.text().into();
                // What goes to a bus that is not there is lost (recorded: `test_put_events_nonexistent_event_bus`).
                taken.push(Taken { bus, event: text, trace, forwarded: false, time: event.time, size });
                entries.push(wire::PutEventsResultEntry { event_id: Some(event.id), ..Default::default() });
            }
            Err((code, message)) => {
                failed += 1;
                entries.push(wire::PutEventsResultEntry {
                    event_id: None,
                    error_code: Some(code.to_owned()),
                    error_message: Some(message),
                });
            }
        }
    }
    take(&service, taken).await?;
    Ok(wire::PutEventsResponse { failed_entry_count: Some(failed), entries: Some(entries) })
}

/// The event of an entry, or the code and the text of its refusal (recorded: `test_put_events_without_source`,
/// `test_put_event_without_detail`, `test_put_event_without_detail_type`, `test_put_event_malformed_detail`).
fn read(
    context: &Context,
    entry: wire::PutEventsRequestEntry,
    now: Timestamp,
) -> Result<Event, (&'static str, String)> {
    let given = |name: &str, value: Option<String>| {
        value.filter(|value| !value.is_empty()).ok_or_else(|| {
            let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            ("InvalidArgument", message)
        })
    };
    let source = given("Source", entry.source)?;
    let detail_type = given("DetailType", entry.detail_type)?;
    let detail = given("Detail", entry.detail)?;
    // What AWS's services tell is theirs to tell (API reference, PutEventsResultEntry).
    if source.starts_with("aws.") && !matches!(&*context.principal, Principal::Service { .. }) {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    }
    let detail = compact(&detail).ok_or_else(|| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
    Ok(Event {
        id: id::request_id(),
        detail_type,
        source,
        scope: Scope::regional(context),
        time: entry.time.unwrap_or(now),
        resources: entry.resources.unwrap_or_default(),
        detail,
    })
}

/// TestEventPattern.
pub async fn test(
    _: Arc<EventsService>,
    _: Context,
    input: wire::TestEventPattern,
) -> AwsResult<wire::TestEventPatternResponse> {
    let pattern = pattern::Pattern::parse(&input.event_pattern).map_err(invalid_pattern)?;
    let invalid = || AwsError::validation("Parameter Event is not valid.");
    let event: serde_json::Value = serde_json::from_str(&input.event).map_err(|_| invalid())?;
    // (API reference, TestEventPattern: what an event must have.)
    let fields = ["id", "account", "source", "time", "region", "resources", "detail-type"];
    if fields.iter().any(|field| event.get(field).is_none()) {
        return Err(invalid());
    }
    let event = pattern::Event::read(&input.event).map_err(|_| invalid())?;
    Ok(wire::TestEventPatternResponse { result: Some(pattern.matches(&event)) })
}
