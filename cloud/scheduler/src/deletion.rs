//! Groups that are being deleted: their schedules go first.
//! <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteScheduleGroup.html>

use crate::SchedulerService;
use slam_cloud_core::StoreError;
use slam_cloud_core::collection::Scope;
use std::sync::Arc;
use std::time::Duration;

/// How long is waited when the store fails.
const AGAIN: Duration = Duration::from_secs(1);

/// Goes on with what the last process left.
pub fn resume(service: &Arc<SchedulerService>) {
    service.store.deleting().into_iter().for_each(|(scope, name)| begin(service, scope, name));
}

/// Deletes a group in the background, if there is a runtime to do it on.
pub fn begin(service: &Arc<SchedulerService>, scope: Scope, name: String) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let service = Arc::downgrade(service);
    runtime.spawn(async move {
        while let Some(service) = service.upgrade() {
            match service.store.remove_group(&scope, &name).await {
                Ok(()) | Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, group = name, "a schedule group cannot be deleted; it is tried again")
                }
            }
            drop(service);
            tokio::time::sleep(AGAIN).await;
        }
    });
}
