//! Hands on what is due.

use crate::SchedulerService;
use crate::model::invocation::Invocation;
use crate::model::schedule::Schedule;
use jiff::SignedDuration;
use slam_cloud_core::{StoreError, Timestamp};
use slam_cloud_kit::agenda::Key;
use slam_cloud_kit::work::NotAccepted;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long is waited when nothing can be handed on.
const AGAIN: Duration = Duration::from_secs(1);
/// By so much of the machine's time may be looked too late for a time to count as seen. Machines sleep, too.
const LATE: i64 = 60;

/// Hands on for as long as the service lives, if there is a runtime to do it on.
pub fn start(service: &Arc<SchedulerService>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let started = service.cloud.clock().now();
    let service: Weak<SchedulerService> = Arc::downgrade(service);
    runtime.spawn(async move {
        while let Some(service) = service.upgrade() {
            let (_, key) = service.store.agenda.due(service.cloud.clock()).await;
            match hand_on(&service, &key, started).await {
                Ok(()) => {}
                Err(NotAccepted::Store(StoreError::Closed)) => return,
                Err(error) => {
                    tracing::warn!(%error, schedule = key.1, "what is due cannot be handed on; it is tried again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    });
}

/// Writes an invocation down and sets its schedule to its next time.
async fn hand_on(service: &SchedulerService, (scope, id): &Key, started: Timestamp) -> Result<(), NotAccepted> {
    let clock = service.cloud.clock();
    let now = clock.now();
    let schedule = service.store.find(scope, id);
    let due = schedule.as_ref().and_then(|schedule| schedule.next.clone()).filter(|due| due.at <= now);
    let (Some(schedule), Some(due)) = (schedule, due) else {
        // It is being changed: the agenda is as it was before.
        service.store.note((scope.clone(), id.clone()));
        return Ok(());
    };
    let late = SignedDuration::from_secs(LATE.saturating_mul(i64::from(clock.scale())));
    let seen = now.checked_sub(late).map_or(started, |seen| seen.max(started));
    let made_up = schedule.settings.made_up(due.clone(), schedule.created, seen, now);
    let next = if made_up.at <= now {
        let invocation = Invocation {
            group: schedule.group.clone(),
            name: schedule.name.clone(),
            created: schedule.created,
            due: made_up.clone(),
            target: schedule.settings.target.clone(),
            retries: 0,
            given_up: None,
        };
        service.deliveries.accept(scope.clone(), invocation).await?;
        schedule.after(made_up.time)
    } else {
        Some(made_up)
    };
    // Whoever changed the schedule meanwhile has set its time.
    let set = |there: Option<&Schedule>| {
        let is_same = |there: &Schedule| there.created == schedule.created && there.next.as_ref() == Some(&due);
        Ok(there
            .map(|there| Schedule { next: if is_same(there) { next } else { there.next.clone() }, ..there.clone() }))
    };
    service.store.change::<StoreError>(scope, id, set).await?;
    Ok(())
}
