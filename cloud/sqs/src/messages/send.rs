//! Messages come.

use super::rows::{Changes, DELAYED, READY, lane, regroup};
use super::{Job, Messages, Place};
use rusqlite::{Connection, OptionalExtension as _, Result};
use slam_cloud_core::StoreError;
use std::collections::BTreeSet;

/// For how long a FIFO queue knows a message again (Developer Guide, "Exactly-once processing"): 5 minutes.
pub(super) const DEDUPLICATION: i64 = 5 * 60 * 1000;

/// A message that is new to its queue.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// Its text.
    pub body: String,
    /// What is kept beside that: a [`crate::model::content::Content`] in JSON.
    pub content: String,
    /// Its group; empty for none.
    pub group: String,
    /// For how long it is delayed, in milliseconds.
    pub delay: i64,
    /// By what it is known again, in a FIFO queue.
    pub deduplication: Option<Deduplication>,
}

/// By what a message is known again.
#[derive(Clone, Debug)]
pub struct Deduplication {
    /// Its id.
    pub id: String,
    /// Whether only within its group.
    pub by_group: bool,
}

/// A message that was taken, or that one was before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The id of the message.
    pub id: String,
    /// Its number among all messages.
    pub seq: i64,
}

impl Messages {
    /// Takes messages for a queue, all or none. Those that a FIFO queue has had already are answered as they were then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send(&self, queue: Place, messages: Vec<New>) -> std::result::Result<Vec<Accepted>, StoreError> {
        self.run(move |c, job| {
            let (mut changes, mut groups, mut ready) = (Changes::default(), BTreeSet::new(), 0);
            let mut accepted = Vec::with_capacity(messages.len());
            for message in messages {
                let (answer, state) = take(c, job, queue, &message)?;
                if let Some(state) = state {
                    changes.add(state, 1);
                    ready += usize::from(state == READY);
                    groups.insert(message.group);
                }
                accepted.push(answer);
            }
            for group in &groups {
                regroup(c, job, queue, group, 0)?;
            }
            changes.write(c, queue.key)?;
            // In the writer, so that nobody is forgotten whose client hangs up; the woken find the messages in this very
            // transaction, or later.
            job.waiting.wake(queue.key, ready);
            Ok(accepted)
        })
        .await
    }
}

/// Takes a message, and tells its state; none of one that was there before.
fn take(c: &Connection, job: &Job, queue: Place, message: &New) -> Result<(Accepted, Option<i64>)> {
    let now = job.now();
    if let Some(deduplication) = &message.deduplication
        && let Some(known) = known(c, queue, &message.group, deduplication, now)?
    {
        return Ok((known, None));
    }
    let seq = job.next();
    let state = if message.delay > 0 { DELAYED } else { READY };
    if state == DELAYED {
        job.waiting.wake_at(queue.key, now + message.delay);
    }
    c.prepare_cached(
        "INSERT INTO sqs_messages (seq, queue, grp, lane, place, state, due, sent, receives, receipt)
         VALUES (?1, ?2, ?3, ?4, ?1, ?5, ?6, ?7, 0, 0)",
    )?
    .execute((seq, queue.key, &message.group, lane(queue.fifo, state), state, now + message.delay, now))?;
    c.prepare_cached("INSERT INTO sqs_bodies VALUES (?1, ?2, ?3, ?4)")?.execute((
        seq,
        &message.id,
        &message.body,
        &message.content,
    ))?;
    if let Some(Deduplication { id, by_group }) = &message.deduplication {
        let scope = if *by_group { message.group.as_str() } else { "" };
        c.prepare_cached("INSERT OR REPLACE INTO sqs_deduplication VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute((
            queue.key,
            scope,
            id,
            now + DEDUPLICATION,
            seq,
            &message.id,
        ))?;
    }
    Ok((Accepted { id: message.id.clone(), seq }, Some(state)))
}

/// The message that one repeats (recorded: `test_fifo_deduplication_arrives_once_after_delete`,
/// `test_fifo_deduplication_not_on_message_group_id`, `test_sqs_fifo_same_dedup_id_different_message_groups`,
/// `test_sqs_fifo_message_group_scope_no_throughput_setting`, `test_fifo_high_throughput_ordering`). One that was sent when the
/// whole queue was the scope is known in that of groups, too.
fn known(c: &Connection, queue: Place, group: &str, by: &Deduplication, now: i64) -> Result<Option<Accepted>> {
    let mut query = c.prepare_cached(
        "SELECT message, seq FROM sqs_deduplication WHERE queue = ?1 AND scope = ?2 AND id = ?3 AND until > ?4",
    )?;
    let scopes = [Some(""), by.by_group.then_some(group)];
    for scope in scopes.into_iter().flatten() {
        let found = query
            .query_row((queue.key, scope, &by.id, now), |row| Ok(Accepted { id: row.get(0)?, seq: row.get(1)? }))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
