//! Deletes what retention has ended, and what a crash amid a deletion left behind.

use crate::{LogsService, bounds, now};
use slam_cloud_core::StoreError;
use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// AWS deletes expired events within days; readers do not see them any more from the moment they expire.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Sweeps now and then for as long as the service lives, if there is a runtime to do it on.
pub fn start(service: &Arc<LogsService>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let service: Weak<LogsService> = Arc::downgrade(service);
        runtime.spawn(async move {
            while let Some(service) = service.upgrade() {
                // What fails now is tried again in the next round.
                let _ = sweep(&service, now()).await;
                drop(service);
                tokio::time::sleep(PERIOD).await;
            }
        });
    }
}

/// One round.
pub async fn sweep(service: &LogsService, now: i64) -> Result<(), StoreError> {
    // Keys first, groups second: a group created in between is in the second list and thus no orphan.
    let keys = service.events.group_keys().await?;
    let groups = service.groups.all();
    let known: HashSet<i64> = groups.iter().map(|(_, _, group)| group.key).collect();
    for orphan in keys.into_iter().filter(|key| !known.contains(key)) {
        service.events.delete_group(orphan).await?;
    }
    for (_, _, group) in groups {
        let moment = match group.retention_in_days {
            Some(_) => group.expired_before(now),
            None => now.saturating_sub(service.bounds.age),
        };
        service.events.delete_events_before(group.key, moment).await?;
    }
    bounds::trim(service).await
}
