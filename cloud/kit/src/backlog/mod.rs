//! Durable jobs of which millions may wait: in rows, of which memory holds those alone that are being attempted.
//!
//! A job is stored before it is acknowledged, possibly in the transaction of what it is about ([`Backlog::put`]), and removed when
//! it is done, so that a restart loses none. Each stands in a lane, and lanes do not wait for each other: a function that is slow
//! or not let run holds up none but its own events. Within a lane the first that is due goes first, and a lane whose jobs are not
//! let run is slowed down as a whole.
//!
//! - [`lane`]: how fast a lane may go. [`rows`]: the table.

mod lane;
mod rows;

pub use crate::work::NotAccepted;
pub use rusqlite::Connection;

use futures_util::future::BoxFuture;
use lane::Pace;
use rows::Rows;
use serde::{Serialize, de::DeserializeOwned};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Clock, Store, StoreError, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How much work is taken on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Jobs that may wait.
    pub waiting: i64,
    /// Jobs that are attempted at the same time.
    pub at_once: usize,
    /// Those of one lane.
    pub in_a_lane: usize,
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
    },
    /// It could not be attempted, and neither could others of its lane: the lane rests, longer each time.
    Later {
        /// What ends the rest sooner.
        early: Option<Arc<Notify>>,
    },
}

/// A lane: jobs that are attempted for the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Where it is.
    pub scope: Scope,
    /// What the jobs are for.
    pub name: String,
}

/// How long a job rests whose outcome could not be stored.
const UNWRITTEN: Duration = Duration::from_secs(1);

/// Attempts a job.
type Worker<T> = Box<dyn Fn(Scope, T) -> BoxFuture<'static, Attempt<T>> + Send + Sync>;

/// Jobs of one kind. Cheap to clone.
pub struct Backlog<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    store: Arc<Store>,
    rows: Arc<Rows>,
    clock: Clock,
    limits: Limits,
    worker: OnceLock<Worker<T>>,
    lanes: Mutex<HashMap<Lane, Pace>>,
    waiting: AtomicI64,
    /// Rings when a lane may go on.
    changed: Notify,
}

impl<T> Clone for Backlog<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Backlog<T> {
    /// The jobs of a table, which is made if it is not there. They rest until [`Backlog::start`].
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>, table: &'static str, limits: Limits, clock: Clock) -> Result<Self, StoreError> {
        let rows = Rows::open(store, table)?;
        let found = store.read_now(|connection| rows.lanes(connection))?;
        let waiting = found.iter().map(|(_, _, count)| count).sum();
        let lanes = found.into_iter().map(|(lane, due, _)| (lane, Pace::new(limits.in_a_lane, Some(due)))).collect();
        let inner = Inner {
            store: Arc::clone(store),
            rows: Arc::new(rows),
            clock,
            limits,
            worker: OnceLock::new(),
            lanes: Mutex::new(lanes),
            waiting: AtomicI64::new(waiting),
            changed: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Sets who attempts jobs, and takes up those that the last process left. A second call changes nothing.
    pub fn start(&self, worker: impl Fn(Scope, T) -> BoxFuture<'static, Attempt<T>> + Send + Sync + 'static) {
        if self.inner.worker.set(Box::new(worker)).is_ok() {
            tokio::spawn(Arc::clone(&self.inner).dispatch());
        }
    }

    /// Whether another job may wait.
    pub fn has_place(&self) -> bool {
        self.inner.waiting.load(Ordering::Relaxed) < self.inner.limits.waiting
    }

    /// Takes a job on. It is safe when this returns.
    ///
    /// # Errors
    /// When too many wait, or it cannot be stored.
    pub async fn accept(&self, lane: Lane, task: &T) -> Result<(), NotAccepted> {
        if !self.has_place() {
            return Err(NotAccepted::Full);
        }
        let put = self.put(lane, task)?;
        let store = Arc::clone(&self.inner.store);
        // Also when nobody waits for the answer any more: what is stored is to be attempted.
        let accepted = tokio::spawn(async move {
            let put = Arc::new(put);
            let written = Arc::clone(&put);
            store.write(move |connection| written.write(connection)).await?;
            put.committed();
            Ok::<_, StoreError>(())
        });
        accepted.await.map_err(|error| StoreError::Database(error.to_string()))??;
        Ok(())
    }

    /// How a job is taken on within a transaction: this writes it, and [`Put::committed`] is for the time after the commit.
    ///
    /// # Errors
    /// When a task is no JSON, which none is.
    pub fn put(&self, lane: Lane, task: &T) -> Result<Put<T>, StoreError> {
        let (due, task) = (self.inner.clock.now_ms(), rows::written(task)?);
        Ok(Put { backlog: self.clone(), lane, due, task })
    }

    fn stored(&self, lane: Lane, due: i64) {
        self.inner.waiting.fetch_add(1, Ordering::Relaxed);
        self.inner.pace(lane, |pace| pace.expect(due));
        self.inner.changed.notify_one();
    }

    /// Forgets every job. What is being attempted ends.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let rows = Arc::clone(&self.inner.rows);
        let gone = self.inner.store.free(move |connection| rows.clear(connection)).await?;
        self.inner.waiting.fetch_sub(gone, Ordering::Relaxed);
        Ok(())
    }
}

/// A job to be taken on within a transaction.
pub struct Put<T> {
    backlog: Backlog<T>,
    lane: Lane,
    due: i64,
    task: String,
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Put<T> {
    /// Writes the job in the store's writer.
    ///
    /// # Errors
    /// When the store fails.
    pub fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.backlog.inner.rows.put(connection, &self.lane, self.due, &self.task)
    }

    /// What was written is committed: the job may be attempted.
    pub fn committed(&self) {
        self.backlog.stored(self.lane.clone(), self.due);
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Inner<T> {
    fn lanes(&self) -> MutexGuard<'_, HashMap<Lane, Pace>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a lane's pace, and forgets lanes that have nothing to do.
    fn pace<R>(&self, lane: Lane, change: impl FnOnce(&mut Pace) -> R) -> R {
        let mut lanes = self.lanes();
        let pace = lanes.entry(lane.clone()).or_insert_with(|| Pace::new(self.limits.in_a_lane, None));
        let result = change(pace);
        if pace.is_idle() {
            lanes.remove(&lane);
        }
        result
    }

    /// Hands out what is due, for ever.
    async fn dispatch(self: Arc<Self>) {
        loop {
            let changed = self.changed.notified();
            let (ready, alarm) = self.ready();
            if ready.is_empty() {
                tokio::select! {
                    () = changed => {}
                    () = until(self.clock, alarm) => {}
                }
            }
            for (lane, places) in ready {
                if let Err(error) = self.take(&lane, places).await {
                    if matches!(error, StoreError::Closed) {
                        return;
                    }
                    tracing::warn!(%error, lane = lane.name, "waiting jobs cannot be read; it is tried again");
                    tokio::time::sleep(UNWRITTEN).await;
                }
            }
        }
    }

    /// The lanes that may go on now, with their places, and when the next one may.
    fn ready(&self) -> (Vec<(Lane, usize)>, i64) {
        let now = self.clock.now_ms();
        let lanes = self.lanes();
        let running: usize = lanes.values().map(Pace::running).sum();
        let free = self.limits.at_once.saturating_sub(running);
        let ready: Vec<_> = lanes.iter().filter(|(_, pace)| pace.is_ready(now)).collect();
        if free == 0 {
            // Whatever ends rings.
            return (Vec::new(), i64::MAX);
        }
        // Each has its share, so that none takes all places; what is left over goes round in the next turn.
        let share = (free / ready.len().max(1)).max(1);
        let ready = ready.into_iter().take(free);
        let ready: Vec<_> = ready.map(|(lane, pace)| (lane.clone(), pace.places().min(share))).collect();
        (ready, lanes.values().filter_map(Pace::alarm).min().unwrap_or(i64::MAX))
    }

    /// Begins to attempt jobs of a lane.
    async fn take(self: &Arc<Self>, lane: &Lane, places: usize) -> Result<(), StoreError> {
        let now = self.clock.now_ms();
        let running = self.pace(lane.clone(), |pace| pace.look());
        let (rows, looked) = (Arc::clone(&self.rows), lane.clone());
        let taken = self.store.read(move |c| rows.first(c, &looked, now, places, &running)).await;
        let (jobs, next) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                self.pace(lane.clone(), |pace| pace.expect(now));
                return Err(error);
            }
        };
        self.pace(lane.clone(), |pace| {
            jobs.iter().for_each(|job| pace.begin(job.seq));
            next.into_iter().for_each(|next| pace.expect(next));
        });
        for job in jobs {
            let (inner, lane) = (Arc::clone(self), lane.clone());
            tokio::spawn(async move { inner.attempt(lane, job).await });
        }
        Ok(())
    }

    async fn attempt(self: Arc<Self>, lane: Lane, job: rows::Job) {
        let Some(worker) = self.worker.get() else { return };
        let outcome = match serde_json::from_str::<T>(&job.task) {
            Ok(task) => worker(lane.scope.clone(), task).await,
            Err(error) => {
                // It was checked when the data was opened by a later version; nobody can attempt it.
                tracing::warn!(%error, lane = lane.name, "a waiting job cannot be read, and is given up");
                Attempt::Done
            }
        };
        let (rows, seq) = (Arc::clone(&self.rows), job.seq);
        match outcome {
            Attempt::Done => {
                if let Some(gone) = self.written(move || rows.remove(seq)).await {
                    self.waiting.fetch_sub(gone, Ordering::Relaxed);
                    self.pace(lane, |pace| pace.end(seq));
                }
            }
            Attempt::Again { task, pause } => {
                let now = self.clock.now();
                let due = now.checked_add(pause).unwrap_or(now).as_millisecond();
                let Ok(task) = rows::written(&task) else { return };
                let task = Arc::<str>::from(task);
                if self.written(move || rows.change(seq, due, Arc::clone(&task))).await.is_some() {
                    self.pace(lane, |pace| {
                        pace.end(seq);
                        pace.expect(due);
                    });
                }
            }
            Attempt::Later { early } => {
                let now = self.clock.now_ms();
                let rests = self.pace(lane.clone(), |pace| {
                    pace.expect(job.due);
                    pace.slow_down(seq, now)
                });
                if let (true, Some(early)) = (rests, early) {
                    self.listen(lane, early);
                }
            }
        }
        self.changed.notify_one();
    }

    /// Ends a lane's rest when that rings.
    fn listen(self: &Arc<Self>, lane: Lane, early: Arc<Notify>) {
        let inner = Arc::clone(self);
        let Some(until_then) = self.lanes().get(&lane).and_then(Pace::rests_until) else { return };
        tokio::spawn(async move {
            tokio::select! {
                () = early.notified() => inner.pace(lane, Pace::wake),
                () = until(inner.clock, until_then) => {}
            }
            inner.changed.notify_one();
        });
    }

    /// Writes an outcome; on a full disk, when there is room.
    async fn written<W>(&self, write: impl Fn() -> W) -> Option<i64>
    where
        W: FnOnce(&Connection) -> rusqlite::Result<i64> + Send + 'static,
    {
        loop {
            match self.store.free(write()).await {
                Ok(count) => return Some(count),
                Err(StoreError::Closed) => return None,
                Err(error) => tracing::warn!(%error, "a job cannot be stored; it is tried again"),
            }
            tokio::time::sleep(UNWRITTEN).await;
        }
    }
}

async fn until(clock: Clock, milliseconds: i64) {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(moment) => clock.sleep_until(moment).await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
