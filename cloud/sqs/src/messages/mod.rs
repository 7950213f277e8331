//! The messages: tables of their own, as they grow without bound.
//!
//! Everything happens in the store's writer, one job at a time, so that each job sees what is so at its moment, and is answered
//! when it is committed. Nothing of a message is kept in memory. A message is in one state:
//!
//! - ready: it can be received. It stands in its group at its `place`; a standard queue has a group for what has none.
//! - delayed or in flight: until it is `due`. Whoever asks a queue first makes ready what is due ([`rows::promote`]).
//!
//! What is counted is counted when it changes (`sqs_numbers`), and which groups have something for a receiver is kept
//! (`sqs_groups`), so that a job costs the same for one message as for a million.
//!
//! - [`rows`]: states and groups. [`send`]: messages come. [`receive`]: they are received. [`settle`]: deleted, and made visible sooner
//!   or later. [`sweep`]: what is too old, or of queues that are gone. [`moves`]: from queue to queue.
//! - [`waiting`]: receivers that wait.

mod moves;
mod receive;
mod rows;
mod send;
mod settle;
mod sweep;
pub mod waiting;

pub use moves::Destination;
pub use receive::{Pick, Received, Redrive, Taken};
pub use send::{Accepted, Deduplication, New};
pub use settle::{Deleted, Revealed};

use crate::model::attributes::Numbers;
use rusqlite::Connection;
use slam_cloud_core::{Clock, Store, StoreError};
use slam_cloud_kit::sequence::Sequence;
use std::sync::Arc;
use waiting::Waiting;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS sqs_numbers (
        queue INTEGER PRIMARY KEY, ready INTEGER NOT NULL, delayed INTEGER NOT NULL, in_flight INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS sqs_messages (
        seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, grp TEXT NOT NULL, lane INTEGER NOT NULL, place INTEGER NOT NULL,
        state INTEGER NOT NULL, due INTEGER NOT NULL, sent INTEGER NOT NULL, receives INTEGER NOT NULL, first INTEGER,
        received INTEGER, receipt INTEGER NOT NULL, attempt TEXT, source TEXT
    );
    CREATE INDEX IF NOT EXISTS sqs_messages_in_order ON sqs_messages (queue, grp, lane, place);
    CREATE INDEX IF NOT EXISTS sqs_messages_due ON sqs_messages (queue, due) WHERE state > 0;
    CREATE INDEX IF NOT EXISTS sqs_messages_by_age ON sqs_messages (queue, sent);
    CREATE INDEX IF NOT EXISTS sqs_messages_by_attempt ON sqs_messages (queue, attempt) WHERE attempt IS NOT NULL;
    CREATE TABLE IF NOT EXISTS sqs_bodies (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL, content TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS sqs_groups (
        queue INTEGER NOT NULL, grp TEXT NOT NULL, load INTEGER NOT NULL, ready INTEGER,
        PRIMARY KEY (queue, grp)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sqs_groups_ready ON sqs_groups (queue, load, ready) WHERE ready IS NOT NULL;
    CREATE TABLE IF NOT EXISTS sqs_deduplication (
        queue INTEGER NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, seq INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (queue, scope, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sqs_deduplication_until ON sqs_deduplication (until);";

/// A queue as its messages know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// [`crate::model::queue::Queue::id`]
    pub id: i64,
    /// [`crate::model::queue::Queue::key`]
    pub key: i64,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
}

impl From<&crate::model::queue::Queue> for Place {
    fn from(queue: &crate::model::queue::Queue) -> Self {
        Self { id: queue.id, key: queue.key, fifo: queue.is_fifo() }
    }
}

/// What a job knows beside the connection.
#[derive(Clone)]
struct Job {
    clock: Clock,
    sequence: Arc<Sequence>,
    waiting: Arc<Waiting>,
}

impl Job {
    /// The time, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A number that is greater than all before, and than those of earlier moments.
    fn next(&self) -> i64 {
        self.sequence.next(self.now())
    }
}

/// The messages of all queues.
pub struct Messages {
    store: Arc<Store>,
    job: Job,
}

impl Messages {
    /// Opens or creates the tables.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>, clock: Clock) -> Result<Self, StoreError> {
        store.migrate(TABLES)?;
        let last = store.read_now(|c| {
            c.query_row("SELECT coalesce(max(seq), 0) FROM sqs_messages", [], |row| row.get::<_, i64>(0))
        })?;
        let job = Job { clock, sequence: Arc::new(Sequence::after(last)), waiting: Arc::default() };
        Ok(Self { store: Arc::clone(store), job })
    }

    /// A number for a new queue, that nothing else has.
    pub fn number(&self) -> i64 {
        self.job.next()
    }

    /// Receivers that wait.
    pub fn waiting(&self) -> &Arc<Waiting> {
        &self.job.waiting
    }

    /// Runs a job in the writer.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Job) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let job = self.job.clone();
        self.store.write(move |connection| work(connection, &job)).await
    }

    /// The same for what frees room.
    async fn free<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Job) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let job = self.job.clone();
        self.store.free(move |connection| work(connection, &job)).await
    }

    /// How many messages a queue has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn numbers(&self, queue: Place, retention: i64) -> Result<Numbers, StoreError> {
        loop {
            let counted = self.free(move |c, job| {
                // What is due or too old is not counted as what it was; others get their turn in between.
                let more = rows::promote(c, job, queue)? | sweep::expire(c, job, queue, retention)?;
                Ok((more, rows::numbers(c, queue.key)?))
            });
            if let (false, numbers) = counted.await? {
                return Ok(numbers);
            }
        }
    }
}
