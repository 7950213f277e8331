//! Queues on disk, and what is kept beside their messages.

use crate::error::no_such_queue;
use crate::messages::Place;
use crate::model::name::Reference;
use crate::model::queue::Queue;
use crate::model::task::Task;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use std::collections::HashMap;
use std::sync::Arc;

/// For how long the name of a deleted queue cannot be a new one's, and a purged queue cannot be purged again, in milliseconds (API
/// reference, DeleteQueue and PurgeQueue): 60 seconds.
pub const PAUSE: i64 = 60 * 1000;
/// The tasks of a queue that are kept (API reference, ListMessageMoveTasks).
const TASKS: usize = 10;

/// When a queue was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Grave {
    /// In milliseconds since 1970.
    deleted: i64,
}

/// The queues by account, region and name.
pub struct QueueStore {
    queues: Collection<Queue>,
    graves: Collection<Grave>,
    tasks: Collection<Task>,
}

impl QueueStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            queues: Collection::open(store, "sqs.queues")?,
            graves: Collection::open(store, "sqs.graves")?,
            tasks: Collection::open(store, "sqs.tasks")?,
        })
    }

    /// A queue, if it is there.
    pub fn find(&self, reference: &Reference) -> Option<Arc<Queue>> {
        self.queues.get(&reference.scope, &reference.name)
    }

    /// A queue, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn get(&self, reference: &Reference) -> AwsResult<Arc<Queue>> {
        self.find(reference).ok_or_else(no_such_queue)
    }

    /// The queue of an ARN, if it is there.
    pub fn of_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        self.find(&Reference::of_arn(arn)?)
    }

    /// All of an account and region, by name.
    pub fn list(&self, scope: &Scope) -> Vec<(String, Arc<Queue>)> {
        self.queues.list(scope)
    }

    /// The names of the queues whose dead letters go to the queue of that ARN.
    pub fn sources(&self, scope: &Scope, target: &str) -> Vec<String> {
        let is_source = |queue: &Queue| queue.settings.redrive.as_ref().is_some_and(|redrive| redrive.target == target);
        self.list(scope).into_iter().filter(|(_, queue)| is_source(queue)).map(|(name, _)| name).collect()
    }

    /// All queues by the keys of their messages.
    pub fn by_key(&self) -> HashMap<i64, (Place, i64)> {
        let all = self.queues.all().into_iter();
        all.map(|(_, _, queue)| (queue.key, (Place::from(&*queue), queue.settings.retention * 1000))).collect()
    }

    /// Creates a queue, or answers with the one that has its name.
    ///
    /// # Errors
    /// What `existing` says of it, when one of that name was just deleted, or a store's error.
    pub async fn create(
        &self,
        reference: &Reference,
        queue: Queue,
        now: i64,
        existing: impl FnOnce(&Queue) -> AwsResult<()>,
    ) -> AwsResult<()> {
        let grave = self.graves.get(&reference.scope, &reference.name);
        let is_fresh = grave.is_some_and(|grave| now - grave.deleted < PAUSE);
        let change = |current: Option<&Queue>| match current {
            Some(current) => existing(current).map(|()| Some(current.clone())),
            None if is_fresh => Err(AwsError::bad_request(
                "QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            )),
            None => Ok(Some(queue)),
        };
        self.queues.update(&reference.scope, &reference.name, change).await.map(drop)
    }

    /// Changes a queue, which must be there.
    ///
    /// # Errors
    /// When it is not, what `change` answers, or a store's error.
    pub async fn change(
        &self,
        reference: &Reference,
        change: impl FnOnce(&mut Queue) -> AwsResult<()>,
    ) -> AwsResult<Arc<Queue>> {
        let change = |current: Option<&Queue>| {
            let mut queue = current.ok_or_else(no_such_queue)?.clone();
            change(&mut queue)?;
            Ok(Some(queue))
        };
        let changed = self.queues.update::<AwsError>(&reference.scope, &reference.name, change).await?;
        changed.ok_or_else(no_such_queue)
    }

    /// Deletes a queue and notes when.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    pub async fn remove(&self, reference: &Reference, now: i64) -> AwsResult<Arc<Queue>> {
        self.get(reference)?;
        self.graves.put(&reference.scope, &reference.name, Grave { deleted: now }).await?;
        self.queues.remove(&reference.scope, &reference.name).await?.ok_or_else(no_such_queue)
    }

    /// Forgets when queues were deleted whose names are free again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_graves(&self, now: i64) -> Result<(), StoreError> {
        for (scope, name, grave) in self.graves.all() {
            if now - grave.deleted >= PAUSE {
                self.graves.remove(&scope, &name).await?;
            }
        }
        Ok(())
    }

    /// A task by its id.
    pub fn task(&self, scope: &Scope, id: &str) -> Option<Arc<Task>> {
        self.tasks.get(scope, id)
    }

    /// The tasks of the queue of an ARN, the last first.
    pub fn tasks(&self, scope: &Scope, source: &str) -> Vec<Arc<Task>> {
        let all = self.tasks.list(scope).into_iter().map(|(_, task)| task);
        let mut tasks: Vec<_> = all.filter(|task| task.source == source).collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.started));
        tasks
    }

    /// All tasks that have not ended.
    pub fn active_tasks(&self) -> Vec<(Scope, String)> {
        let all = self.tasks.all().into_iter();
        all.filter(|(_, _, task)| task.is_active()).map(|(scope, id, _)| (scope, id)).collect()
    }

    /// Keeps a new task, and of the others of its queue the last few.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add_task(&self, scope: &Scope, task: Task) -> Result<(), StoreError> {
        for old in self.tasks(scope, &task.source).into_iter().skip(TASKS - 1) {
            self.tasks.remove(scope, &old.id).await?;
        }
        let id = task.id.clone();
        self.tasks.put(scope, &id, task).await.map(drop)
    }

    /// Changes a task that has not ended, and tells how it is now; none where it has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_task(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(&mut Task),
    ) -> Result<Option<Arc<Task>>, StoreError> {
        let mut is_active = false;
        let changed = self
            .tasks
            .update::<StoreError>(scope, id, |current| {
                Ok(current.cloned().map(|mut task| {
                    is_active = task.is_active();
                    if is_active {
                        change(&mut task);
                    }
                    task
                }))
            })
            .await?;
        Ok(changed.filter(|_| is_active))
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.queues.clear().await?;
        self.graves.clear().await?;
        self.tasks.clear().await
    }
}
