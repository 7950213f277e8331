//! Tasks that move messages out of dead-letter queues, one step after another. They go on after a restart.

use crate::SqsService;
use crate::messages::{Destination, Place};
use crate::model::name::Reference;
use crate::model::task::{Status, Task};
use slam_cloud_core::StoreError;
use slam_cloud_core::collection::Scope;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Messages that are moved at once where no rate is asked for.
const AT_ONCE: i64 = 100;
/// How long a task rests whose step could not be stored.
const UNWRITTEN: Duration = Duration::from_secs(1);
/// Why a task fails whose destination is gone (recorded: `test_move_task_delete_destination_queue_while_running`).
const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";
/// Why a task fails that does not know where a message came from.
const NO_SOURCE: &str = "CouldNotDetermineMessageSource";

/// Goes on with the tasks that the last process left.
pub fn resume(service: &Arc<SqsService>) {
    for (scope, id) in service.queues.active_tasks() {
        drive(service, scope, id);
    }
}

/// Runs a task to its end, if there is a runtime to do it on.
pub fn drive(service: &Arc<SqsService>, scope: Scope, id: String) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let clock = service.cloud.clock();
    let service: Weak<SqsService> = Arc::downgrade(service);
    runtime.spawn(async move {
        while let Some(alive) = service.upgrade() {
            let Some(task) = alive.queues.task(&scope, &id).filter(|task| task.is_active()) else { return };
            let pause = match step(&alive, &scope, &task).await {
                Ok(pause) => pause,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "a step of a message move task cannot be stored; it is tried again");
                    Some(UNWRITTEN)
                }
            };
            drop(alive);
            if let Some(pause) = pause {
                clock.sleep(pause).await;
            }
        }
    });
}

/// Moves a few messages, and tells how long to wait before the next.
async fn step(service: &SqsService, scope: &Scope, task: &Task) -> Result<Option<Duration>, StoreError> {
    let source = service.queues.of_arn(&task.source);
    let (count, pause) = match task.rate {
        // About ten steps in a second, each of at least a message.
        Some(rate) => {
            let count = (rate / 10).max(1);
            (count, Some(Duration::from_secs_f64(count as f64 / rate.max(1) as f64)))
        }
        None => (AT_ONCE, None),
    };
    let (moved, failure) = match source {
        Some(source) => {
            let count = count.min((task.to_move - task.moved).max(1));
            let moved = service.messages.move_on(Place::from(&*source), count, destination(service, task)).await?;
            (moved.count, moved.failure)
        }
        None => (0, Some(NO_QUEUE.to_owned())),
    };
    let change = |task: &mut Task| {
        task.moved += moved;
        task.status = match &failure {
            Some(_) => Status::Failed,
            None if moved == 0 || task.moved >= task.to_move => Status::Completed,
            None => task.status,
        };
        task.failure = failure;
    };
    service.queues.change_task(scope, &task.id, change).await?;
    Ok(pause)
}

/// Where the messages of a task go (recorded: `test_move_task_workflow_with_default_destination`).
fn destination(service: &SqsService, task: &Task) -> Destination {
    let (queues, to) = (Arc::clone(&service.queues), task.destination.clone());
    Box::new(move |source| {
        let arn = to.as_deref().or(source).ok_or(NO_SOURCE)?;
        let queue = Reference::of_arn(arn).and_then(|reference| queues.find(&reference)).ok_or(NO_QUEUE)?;
        Ok(Place::from(&*queue))
    })
}
