//! Deletes what is over: subscriptions that nobody confirmed, or whose topic is gone, and what FIFO topics need not know again.

use crate::SnsService;
use slam_cloud_core::StoreError;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often.
const PERIOD: Duration = Duration::from_secs(60);
/// How long a subscription waits for its confirmation, in milliseconds (API reference, ConfirmSubscription: "Confirmation tokens are
/// valid for two days"; the Developer Guide has three).
const WAITING: i64 = 3 * 24 * 60 * 60 * 1000;

/// Sweeps now and then for as long as the service lives, if there is a runtime to do it on.
pub fn start(service: &Arc<SnsService>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let clock = service.cloud.clock();
    let service: Weak<SnsService> = Arc::downgrade(service);
    runtime.spawn(async move {
        while let Some(service) = service.upgrade() {
            // What fails now is tried again in the next round.
            let _ = sweep(&service).await;
            drop(service);
            clock.sleep(PERIOD).await;
        }
    });
}

/// One round.
async fn sweep(service: &SnsService) -> Result<(), StoreError> {
    service.publications.forget_duplicates().await?;
    service.topics.sweep(service.now() - WAITING).await
}
