//! What is published and not delivered yet: rows, as it grows without bound.
//!
//! Everything happens in the store's writer. A message and what is to be delivered of it are one transaction, and whoever published is
//! answered when it is committed; a delivery is deleted when it was made, and the message with its last one. A crash in between
//! repeats a delivery and loses none.
//!
//! In a FIFO topic, the deliveries of a group to a subscriber are a line, of which only the first (`head`) is made.
//!
//! - [`take`]: messages come, and are known again. [`settle`]: deliveries are found, made, put off.

mod settle;
mod take;

pub use settle::{Delivery, Outcome};
pub use take::{New, Taken};

use rusqlite::Connection;
use slam_cloud_core::{Clock, Store, StoreError};
use slam_cloud_kit::sequence::Sequence;
use std::sync::Arc;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS sns_publications (seq INTEGER PRIMARY KEY, content TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS sns_deliveries (
        seq INTEGER PRIMARY KEY, publication INTEGER NOT NULL, subscription TEXT NOT NULL, grp TEXT NOT NULL,
        head INTEGER NOT NULL, due INTEGER NOT NULL, retries INTEGER NOT NULL, given_up INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS sns_deliveries_due ON sns_deliveries (subscription, due, seq) WHERE head = 1;
    CREATE INDEX IF NOT EXISTS sns_deliveries_in_order ON sns_deliveries (subscription, grp, seq) WHERE grp <> '';
    CREATE INDEX IF NOT EXISTS sns_deliveries_of ON sns_deliveries (publication);
    CREATE TABLE IF NOT EXISTS sns_deduplication (
        topic TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, number INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (topic, scope, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sns_deduplication_until ON sns_deduplication (until);";

/// What a job knows beside the connection.
#[derive(Clone)]
struct Job {
    clock: Clock,
    sequence: Arc<Sequence>,
}

impl Job {
    /// The time, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A number that is greater than all before.
    fn next(&self) -> i64 {
        self.sequence.next(self.now())
    }
}

/// What is to be delivered.
pub struct Publications {
    store: Arc<Store>,
    job: Job,
}

impl Publications {
    /// Opens or creates the tables.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>, clock: Clock) -> Result<Self, StoreError> {
        store.migrate(TABLES)?;
        let last = store.read_now(|c| {
            c.query_row(
                "SELECT max((SELECT coalesce(max(seq), 0) FROM sns_publications),
                            (SELECT coalesce(max(seq), 0) FROM sns_deliveries),
                            (SELECT coalesce(max(number), 0) FROM sns_deduplication))",
                [],
                |row| row.get::<_, i64>(0),
            )
        })?;
        Ok(Self { store: Arc::clone(store), job: Job { clock, sequence: Arc::new(Sequence::after(last)) } })
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
}
