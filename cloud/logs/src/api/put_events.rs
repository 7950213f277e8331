//! PutLogEvents: one call, one write.

use super::streams::sequence_token;
use crate::error::{invalid_parameter, no_such_stream};
use crate::model::group::{DAY, Group};
use crate::store::EVENT_OVERHEAD;
use crate::{LogsService, bounds, now};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::logs;
use std::sync::Arc;

/// A batch's size with the overhead of its events, and an event's own.
const MAX_BYTES: i64 = 1_048_576;
/// How old an event may be.
const MAX_AGE: i64 = 14 * DAY;
/// How far in the future an event may be.
const MAX_FUTURE: i64 = DAY / 12;

/// PutLogEvents.
pub async fn put(
    service: Arc<LogsService>,
    context: Context,
    input: logs::PutLogEvents,
) -> AwsResult<logs::PutLogEventsResponse> {
    check_batch(&input.log_events)?;
    let group = service.group(&context, &input.log_group_name)?;
    let now = now();
    let (accepted, rejected) = judge(&group, &input.log_events, now);
    let events = input.log_events.into_iter().skip(accepted.start).take(accepted.len());
    let events = events.map(|event| (event.timestamp, event.message)).collect();
    bounds::trim(&service).await?;
    let last = service.events.append(group.key, input.log_stream_name, events, now).await?;
    Ok(logs::PutLogEventsResponse {
        next_sequence_token: Some(sequence_token(last.ok_or_else(no_such_stream)?)),
        rejected_log_events_info: rejected,
        rejected_entity_info: None,
    })
}

/// What refuses a batch as a whole.
fn check_batch(events: &[logs::InputLogEvent]) -> AwsResult<()> {
    let mut bytes = 0;
    for event in events {
        let size = event.message.len() as i64;
        if size > MAX_BYTES {
            return Err(invalid_parameter(format!("Log event too large: {size} bytes exceeds limit of {MAX_BYTES}")));
        }
        bytes += size + EVENT_OVERHEAD;
    }
    if bytes > MAX_BYTES {
        return Err(invalid_parameter(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(invalid_parameter("Log events in a single PutLogEvents request must be in chronological order."));
    }
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.timestamp - first.timestamp > DAY
    {
        return Err(invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// Which of the events, in chronological order, are taken; the others are told in the answer.
fn judge(
    group: &Group,
    events: &[logs::InputLogEvent],
    now: i64,
) -> (std::ops::Range<usize>, Option<logs::RejectedLogEventsInfo>) {
    let before = |moment: i64| events.partition_point(|event| event.timestamp < moment);
    let too_old = before(now - MAX_AGE);
    let expired = before(group.expired_before(now));
    let too_new = before(now + MAX_FUTURE + 1);
    let accepted = too_old.max(expired).min(too_new)..too_new;
    let index = |index: usize, rejects: bool| rejects.then_some(index as i64);
    let rejected = logs::RejectedLogEventsInfo {
        too_new_log_event_start_index: index(too_new, too_new < events.len()),
        too_old_log_event_end_index: index(too_old, too_old > 0),
        expired_log_event_end_index: index(expired, expired > 0),
    };
    (accepted, (rejected != logs::RejectedLogEventsInfo::default()).then_some(rejected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(timestamps: &[i64]) -> Vec<logs::InputLogEvent> {
        timestamps.iter().map(|timestamp| logs::InputLogEvent { timestamp: *timestamp, message: "m".into() }).collect()
    }

    #[test]
    fn a_batch_is_refused_as_a_whole() {
        let check = |batch: Vec<logs::InputLogEvent>, expected: &str| {
            let error = check_batch(&batch).unwrap_err();
            assert_eq!((&*error.code, error.message.as_str()), ("InvalidParameterException", expected));
        };
        check(events(&[2, 1]), "Log events in a single PutLogEvents request must be in chronological order.");
        check(
            events(&[0, DAY + 1]),
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        );
        let large = logs::InputLogEvent { timestamp: 0, message: "x".repeat(MAX_BYTES as usize - 25) };
        check(vec![large], "Upload too large: 1048577 bytes exceeds limit of 1048576");
    }

    #[test]
    fn events_too_old_or_too_new_are_left_out_and_told() {
        let now = 100 * DAY;
        let check =
            |days: Option<i64>, timestamps: &[i64], accepted: std::ops::Range<usize>, told: [Option<i64>; 3]| {
                let group = Group {
                    key: 1,
                    name: "g".into(),
                    creation_time: 0,
                    retention_in_days: days,
                    tags: Default::default(),
                    policy: None,
                };
                let (range, rejected) = judge(&group, &events(timestamps), now);
                let info = rejected.unwrap_or_default();
                let found = [
                    info.too_new_log_event_start_index,
                    info.too_old_log_event_end_index,
                    info.expired_log_event_end_index,
                ];
                assert_eq!((range, found), (accepted, told), "{days:?} {timestamps:?}");
            };
        check(None, &[now], 0..1, [None, None, None]);
        check(None, &[now - 15 * DAY, now], 1..2, [None, Some(1), None]);
        check(None, &[now, now + MAX_FUTURE + 1], 0..1, [Some(1), None, None]);
        check(Some(1), &[now - 2 * DAY, now], 1..2, [None, None, Some(1)]);
        check(None, &[now + DAY], 0..0, [Some(0), None, None]);
    }
}
