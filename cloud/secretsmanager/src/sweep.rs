//! Deletes what is scheduled for deletion when its time has come.

use crate::SecretsManagerService;
use slam_cloud_core::{StoreError, Timestamp};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Nobody sees a secret any more from the moment its recovery window ends; AWS promises no time of the deletion either.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Sweeps now and then for as long as the service lives, if there is a runtime to do it on.
pub fn start(service: &Arc<SecretsManagerService>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let service: Weak<SecretsManagerService> = Arc::downgrade(service);
        runtime.spawn(async move {
            while let Some(service) = service.upgrade() {
                // What fails now is tried again in the next round.
                let _ = sweep(&service, Timestamp::now()).await;
                drop(service);
                tokio::time::sleep(PERIOD).await;
            }
        });
    }
}

/// One round.
async fn sweep(service: &SecretsManagerService, now: Timestamp) -> Result<(), StoreError> {
    for (scope, secret) in service.secrets.ended(now) {
        service.secrets.remove(&scope, &secret).await?;
    }
    Ok(())
}
