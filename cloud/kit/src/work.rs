//! Durable work with due times.
//!
//! A job is stored before it is acknowledged and removed when it is done, so that a restart loses none; a job that is
//! not done is tried again at the time that its last attempt asked for.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{Clock, StoreError, Timestamp};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// How much work is taken on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Jobs that may wait.
    pub waiting: usize,
    /// Jobs that are attempted at the same time.
    pub at_once: usize,
}

/// A job, and when it is to be attempted next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job<T> {
    /// What is to be done: a structure, beside whose members the due time is stored.
    #[serde(flatten)]
    pub task: T,
    /// When it is to be attempted next.
    pub due: Timestamp,
}

/// What an attempt came to.
#[derive(Clone, Debug)]
pub enum Attempt<T> {
    /// The job is done, or given up.
    Done,
    /// It is to be attempted again after a pause.
    Again {
        /// The job as it goes on.
        task: T,
        /// How long to wait.
        pause: Duration,
        /// What ends the pause before that, for one job at a time: what the attempt lacked may be there sooner.
        early: Option<Arc<Notify>>,
    },
}

/// Why a job was not taken on.
#[derive(Debug, thiserror::Error)]
pub enum NotAccepted {
    /// As many wait as may.
    #[error("too many jobs wait")]
    Full,
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long a job rests whose outcome could not be stored.
const UNWRITTEN: Duration = Duration::from_secs(1);

/// Attempts a job.
type Worker<T> = Box<dyn Fn(Scope, T) -> BoxFuture<'static, Attempt<T>> + Send + Sync>;

/// Jobs of one kind. Cheap to clone.
pub struct Work<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    jobs: Collection<Job<T>>,
    worker: OnceLock<Worker<T>>,
    waiting: Arc<Semaphore>,
    at_once: Semaphore,
    clock: Clock,
}

impl<T> Clone for Work<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Work<T> {
    /// The jobs of a collection, by the machine's clock. They rest until [`Work::start`].
    pub fn new(jobs: Collection<Job<T>>, limits: Limits) -> Self {
        Self::timed(jobs, limits, Clock::default())
    }

    /// The same by a clock that may be faster.
    pub fn timed(jobs: Collection<Job<T>>, limits: Limits, clock: Clock) -> Self {
        let inner = Inner {
            jobs,
            worker: OnceLock::new(),
            waiting: Arc::new(Semaphore::new(limits.waiting)),
            at_once: Semaphore::new(limits.at_once),
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Sets who attempts jobs, and takes up those that the last process left. A second call changes nothing.
    pub fn start(&self, worker: impl Fn(Scope, T) -> BoxFuture<'static, Attempt<T>> + Send + Sync + 'static) {
        if self.inner.worker.set(Box::new(worker)).is_ok() {
            self.inner.jobs.all().into_iter().for_each(|(scope, id, _)| self.drive(scope, id));
        }
    }

    /// Whether another job may wait.
    pub fn has_place(&self) -> bool {
        self.inner.waiting.available_permits() > 0
    }

    /// Takes a job on. It is safe when this returns.
    ///
    /// # Errors
    /// When too many wait, or it cannot be stored.
    pub async fn accept(&self, scope: Scope, task: T) -> Result<(), NotAccepted> {
        if !self.has_place() {
            return Err(NotAccepted::Full);
        }
        let id = slam_cloud_core::id::request_id();
        self.inner.jobs.put(&scope, &id, Job { task, due: self.inner.clock.now() }).await?;
        self.drive(scope, id);
        Ok(())
    }

    /// Forgets every job. What is being attempted ends.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.inner.jobs.clear().await
    }

    /// Attempts a job until it is done.
    fn drive(&self, scope: Scope, id: String) {
        let work = self.clone();
        tokio::spawn(async move {
            let inner = &*work.inner;
            let Some(worker) = inner.worker.get() else { return };
            let _place = Arc::clone(&inner.waiting).acquire_owned().await;
            let mut early = None;
            while let Some(job) = inner.jobs.get(&scope, &id) {
                rest(inner.clock, job.due, early.as_deref()).await;
                let Ok(turn) = inner.at_once.acquire().await else { return };
                let next = match worker(scope.clone(), job.task.clone()).await {
                    Attempt::Done => None,
                    Attempt::Again { task, pause, early: sooner } => {
                        early = sooner;
                        Some(Job { task, due: after(inner.clock, pause) })
                    }
                };
                drop(turn);
                // Whoever cleared the jobs meanwhile does not want it back. On a full disk it is written when there is room.
                let written = || inner.jobs.update::<StoreError>(&scope, &id, |job| Ok(job.and(next.clone())));
                while let Err(error) = written().await {
                    if matches!(error, StoreError::Closed) {
                        return;
                    }
                    tracing::warn!(%error, "a job cannot be stored; it is tried again");
                    tokio::time::sleep(UNWRITTEN).await;
                }
            }
        });
    }
}

async fn rest(clock: Clock, until: Timestamp, early: Option<&Notify>) {
    let Some(early) = early else { return clock.sleep_until(until).await };
    tokio::select! {
        () = clock.sleep_until(until) => {}
        () = early.notified() => {}
    }
}

fn after(clock: Clock, pause: Duration) -> Timestamp {
    let now = clock.now();
    now.checked_add(pause).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Store;
    use slam_cloud_testing::TestCloud;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// What was attempted before.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Task {
        attempts: u32,
    }

    const LIMITS: Limits = Limits { waiting: 2, at_once: 1 };

    fn open(store: &Arc<Store>) -> Work<Task> {
        Work::new(Collection::open(store, "test.jobs").unwrap(), LIMITS)
    }

    async fn until(mut reached: impl FnMut() -> bool) {
        while !reached() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    #[tokio::test]
    async fn a_job_is_attempted_until_it_is_done_and_survives_the_process() {
        let (test, work) = TestCloud::new(|_, store, _| Ok(open(store)));
        // Nobody attempts it in this process.
        work.accept(Scope::regional(&test.root()), Task { attempts: 0 }).await.unwrap();
        let (_test, work) = test.again(|_, store, _| Ok(open(store)));
        let attempts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&attempts);
        work.start(move |_, task| {
            let attempts = Arc::clone(&counted);
            Box::pin(async move {
                attempts.fetch_add(1, Ordering::SeqCst);
                match task.attempts {
                    2 => Attempt::Done,
                    before => Attempt::Again {
                        task: Task { attempts: before + 1 },
                        pause: Duration::from_millis(1),
                        early: None,
                    },
                }
            })
        });
        until(|| attempts.load(Ordering::SeqCst) == 3).await;
        until(|| work.inner.jobs.all().is_empty()).await;
    }

    #[tokio::test]
    async fn a_pause_ends_early_for_one_job_at_a_time() {
        let (test, work) = TestCloud::new(|_, store, _| Ok(open(store)));
        let (attempts, early) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let (counted, sooner) = (Arc::clone(&attempts), Arc::clone(&early));
        work.start(move |_, task| {
            counted.fetch_add(1, Ordering::SeqCst);
            let early = Some(Arc::clone(&sooner));
            Box::pin(async move {
                match task.attempts {
                    0 => Attempt::Again { task: Task { attempts: 1 }, pause: Duration::from_secs(3600), early },
                    _ => Attempt::Done,
                }
            })
        });
        for _ in 0..2 {
            work.accept(Scope::regional(&test.root()), Task { attempts: 0 }).await.unwrap();
        }
        until(|| attempts.load(Ordering::SeqCst) == 2).await;
        early.notify_one();
        until(|| work.inner.jobs.all().len() == 1).await;
        assert_eq!(attempts.load(Ordering::SeqCst), 3);
        early.notify_one();
        until(|| work.inner.jobs.all().is_empty()).await;
    }

    #[tokio::test]
    async fn no_more_is_taken_on_than_may_wait() {
        let (test, work) = TestCloud::new(|_, store, _| Ok(open(store)));
        work.start(|_, _| Box::pin(std::future::pending()));
        let scope = Scope::regional(&test.root());
        for attempts in 0..2 {
            work.accept(scope.clone(), Task { attempts }).await.unwrap();
        }
        until(|| !work.has_place()).await;
        assert!(matches!(work.accept(scope, Task { attempts: 2 }).await, Err(NotAccepted::Full)));
    }
}
