//! Deletes what is too old, and what a crash amid a deletion left behind.

use crate::SqsService;
use slam_cloud_core::StoreError;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The shortest time for which queues keep messages. Nobody receives one that is older, nor is it counted.
const PERIOD: Duration = Duration::from_secs(60);

/// Sweeps now and then for as long as the service lives, if there is a runtime to do it on.
pub fn start(service: &Arc<SqsService>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let clock = service.cloud.clock();
        let service: Weak<SqsService> = Arc::downgrade(service);
        runtime.spawn(async move {
            while let Some(service) = service.upgrade() {
                // What fails now is tried again in the next round.
                let _ = sweep(&service).await;
                drop(service);
                clock.sleep(PERIOD).await;
            }
        });
    }
}

/// One round.
async fn sweep(service: &SqsService) -> Result<(), StoreError> {
    // Keys first, queues second: a queue created in between is in the second list and thus no orphan.
    let keys = service.messages.keys().await?;
    let queues = service.queues.by_key();
    for key in keys {
        match queues.get(&key) {
            Some((place, retention)) => service.messages.expire(*place, *retention).await?,
            None => service.messages.clear(key).await?,
        }
    }
    service.messages.forget_duplicates().await?;
    service.queues.forget_graves(service.now()).await
}
