//! Replays: the events of an archive go to the rules of their bus again, in the order of their times.

use crate::EventsService;
use crate::archived::rows::{self, Archived, Place};
use crate::model::archive::{Replay, State};
use crate::model::name::BusName;
use crate::taking::{accept, deliveries};
use crate::waiting::New;
use jiff::SignedDuration;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use slam_cloud_kit::pattern::Event;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Events that are replayed at once.
const BATCH: usize = 50;
/// How long a replay is being started: whoever wants to cancel it can.
const STARTING: SignedDuration = SignedDuration::from_millis(300);
/// How long is waited when the store fails.
const AGAIN: Duration = Duration::from_secs(1);

/// Goes on with the replays that have not ended.
pub fn resume(service: &Arc<EventsService>) {
    for (scope, name) in service.archives.unfinished() {
        begin(service, scope, name);
    }
}

/// Begins a replay.
pub fn begin(service: &Arc<EventsService>, scope: Scope, name: String) {
    let weak = Arc::downgrade(service);
    tokio::spawn(async move {
        let clock = match weak.upgrade() {
            Some(service) => service.cloud.clock(),
            None => return,
        };
        clock.sleep_until(clock.now() + STARTING).await;
        while let Some(service) = Weak::upgrade(&weak) {
            match step(&service, &scope, &name).await {
                Ok(true) => {}
                Ok(false) => return,
                // It is not there any more.
                Err(error) if error.status == 400 => return,
                Err(error) => {
                    tracing::warn!(%error, replay = name, "a replay cannot go on; it is tried again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    });
}

/// Replays the next events. Whether there may be more.
async fn step(service: &Arc<EventsService>, scope: &Scope, name: &str) -> AwsResult<bool> {
    let archives = &service.archives;
    let replay = archives.replay(scope, name)?;
    match replay.state {
        State::Cancelling => {
            archives.end_replay(scope, name, (State::Cancelled, None)).await?;
            return Ok(false);
        }
        State::Starting => {
            let run = |replay: &mut Replay| {
                if replay.state == State::Starting {
                    replay.state = State::Running;
                }
                Ok(())
            };
            archives.change_replay(scope, name, run).await?;
            return Ok(true);
        }
        State::Running => {}
        _ => return Ok(false),
    }
    let Some(archive) = archives.find(scope, &replay.archive) else {
        let reason = format!("Archive {} does not exist.", replay.archive);
        archives.end_replay(scope, name, (State::Failed, Some(reason))).await?;
        return Ok(false);
    };
    let (key, from, until) =
        (rows::replay_key(scope, name), replay.from.as_millisecond(), replay.until.as_millisecond());
    let (asked, archive) = (key.clone(), archive.key);
    let events = archives
        .read(move |c| {
            let place = rows::place(c, &asked)?.unwrap_or(Place { time: from, id: -1 });
            rows::after(c, archive, place, until, BATCH)
        })
        .await?;
    let Some(last) = events.last().map(|archived| archived.place) else {
        archives.end_replay(scope, name, (State::Completed, None)).await?;
        return Ok(false);
    };
    let new = again(service, scope, name, &replay, events)?;
    accept(service, new, Some(Box::new(move |c| rows::note_place(c, &key, last)))).await?;
    let note = |replay: &mut Replay| {
        replay.last = Timestamp::from_millisecond(last.time).ok();
        Ok(())
    };
    archives.change_replay(scope, name, note).await?;
    Ok(true)
}

/// The deliveries of events that come again. They tell of which replay they are (recorded:
/// `test_start_list_describe_canceled_replay`).
fn again(
    service: &EventsService,
    scope: &Scope,
    name: &str,
    replay: &Replay,
    events: Vec<Archived>,
) -> AwsResult<Vec<New>> {
    let bus = BusName { scope: scope.clone(), name: replay.bus.clone() };
    let active = service.store.active(&bus);
    let is_asked =
        |rule: &str| replay.rules.as_ref().is_none_or(|rules| rules.iter().any(|arn| *arn == bus.rule_arn(rule)));
    let now = service.cloud.clock().now();
    let mut new = Vec::new();
    for Archived { event, .. } in events {
        // What stands before are texts, in which no quotes are without a backslash.
        let event = event.replacen(r#","resources":["#, &format!(r#","replay-name":"{name}","resources":["#), 1);
        let read = Event::read(&event).map_err(AwsError::internal)?;
        let met = active.iter().filter(|active| is_asked(&active.rule.name) && active.pattern.matches(&read));
        let deliveries: Vec<_> = met.flat_map(|active| deliveries(&bus, &active.rule, (now, false, None))).collect();
        if !deliveries.is_empty() {
            new.push(New { event: event.into(), deliveries });
        }
    }
    Ok(new)
}
