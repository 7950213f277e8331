//! Forgets what archives need not keep any longer.

use crate::EventsService;
use jiff::SignedDuration;
use std::sync::{Arc, Weak};

/// How often it is looked. AWS says that it takes some time.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Looks for as long as the service lives.
pub fn start(service: &Arc<EventsService>) {
    let service: Weak<EventsService> = Arc::downgrade(service);
    tokio::spawn(async move {
        loop {
            let Some(there) = service.upgrade() else { return };
            let clock = there.cloud.clock();
            for (archive, days) in there.archives.limited() {
                if let Err(error) = there.archives.expire(archive, clock.now_ms() - days * DAY).await {
                    tracing::warn!(%error, "old events of an archive cannot be removed; it is tried again");
                }
            }
            drop(there);
            clock.sleep_until(clock.now() + PAUSE).await;
        }
    });
}
