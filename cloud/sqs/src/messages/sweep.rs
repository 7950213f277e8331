//! What is too old, and what is of queues that are gone.

use super::rows::{BY_AGE, stands, take_away};
use super::{Job, Messages, Place};
use rusqlite::{Connection, Result};
use slam_cloud_core::StoreError;
use std::collections::HashSet;

/// Messages that are deleted in one write, so that others get their turn.
const AT_ONCE: usize = 500;
/// The same of what needs no care for each row.
const ROWS_AT_ONCE: usize = 1_000;

/// Deletes messages of a queue that are older than it keeps them (milliseconds). Whether there may be more.
pub(super) fn expire(c: &Connection, job: &Job, queue: Place, retention: i64) -> Result<bool> {
    let old = stands(c, BY_AGE, (queue.key, job.now() - retention), AT_ONCE)?;
    for message in &old {
        take_away(c, job, queue, message)?;
    }
    if queue.fifo && !old.is_empty() {
        // What was behind them may be ready now.
        job.waiting.wake(queue.key, old.len());
    }
    Ok(old.len() == AT_ONCE)
}

impl Messages {
    /// Deletes messages that are older than their queue keeps them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self, queue: Place, retention: i64) -> std::result::Result<(), StoreError> {
        while self.free(move |c, job| expire(c, job, queue, retention)).await? {}
        Ok(())
    }

    /// Forgets what FIFO queues need not know again any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_duplicates(&self) -> std::result::Result<(), StoreError> {
        let forget = |c: &Connection, job: &Job| {
            let rows = c
                .prepare_cached(
                    "DELETE FROM sqs_deduplication WHERE (queue, scope, id) IN
                         (SELECT queue, scope, id FROM sqs_deduplication WHERE until <= ?1 LIMIT ?2)",
                )?
                .execute((job.now(), ROWS_AT_ONCE))?;
            Ok(rows == ROWS_AT_ONCE)
        };
        while self.free(forget).await? {}
        Ok(())
    }

    /// Deletes all messages of a key that is no queue's any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self, key: i64) -> std::result::Result<(), StoreError> {
        self.job.waiting.wake_all(key);
        let rows = move |c: &Connection| -> Result<bool> {
            let seqs: Vec<i64> = c
                .prepare_cached("SELECT seq FROM sqs_messages WHERE queue = ?1")?
                .query_map([key], |row| row.get(0))?
                .take(ROWS_AT_ONCE)
                .collect::<Result<_>>()?;
            for seq in &seqs {
                super::rows::remove(c, *seq)?;
            }
            Ok(seqs.len() == ROWS_AT_ONCE)
        };
        while self.free(move |c, _| rows(c)).await? {}
        self.free(move |c, _| {
            // A purged queue knows nothing again (asserted on AWS: `test_purge_queue_clears_fifo_deduplication_cache`).
            c.prepare_cached("DELETE FROM sqs_deduplication WHERE queue = ?1")?.execute([key])?;
            c.prepare_cached("DELETE FROM sqs_groups WHERE queue = ?1")?.execute([key])?;
            c.prepare_cached("DELETE FROM sqs_numbers WHERE queue = ?1")?.execute([key])
        })
        .await?;
        Ok(())
    }

    /// The keys that have messages, those of queues that are gone among them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keys(&self) -> std::result::Result<HashSet<i64>, StoreError> {
        let read = |c: &Connection| {
            let mut query = c.prepare_cached(
                "SELECT queue FROM sqs_numbers WHERE ready + delayed + in_flight <> 0 OR EXISTS
                     (SELECT 1 FROM sqs_messages WHERE sqs_messages.queue = sqs_numbers.queue)",
            )?;
            let keys = query.query_map([], |row| row.get(0))?;
            keys.collect::<Result<HashSet<i64>>>()
        };
        self.store.read(read).await
    }

    /// Deletes everything of all queues.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear_all(&self) -> std::result::Result<(), StoreError> {
        self.free(|c, _| {
            c.execute_batch(
                "DELETE FROM sqs_messages; DELETE FROM sqs_bodies; DELETE FROM sqs_groups; DELETE FROM sqs_numbers;
                 DELETE FROM sqs_deduplication;",
            )
        })
        .await
    }
}
