//! States of messages and groups, and the numbers that tell of them.

use super::{Job, Place};
use crate::model::attributes::Numbers;
use rusqlite::{Connection, OptionalExtension as _, Params, Result, Row};
use std::collections::BTreeSet;

/// It can be received.
pub(super) const READY: i64 = 0;
/// It waits for its first time.
pub(super) const DELAYED: i64 = 1;
/// Somebody has received it.
pub(super) const IN_FLIGHT: i64 = 2;

/// Messages that are made ready at once.
const PROMOTED: usize = 500;

/// Where a message stands in its group. In a FIFO queue all stand in one lane, whatever their state, so that one in flight holds those
/// behind it; in a standard queue the ready ones have a lane of their own.
pub(super) fn lane(fifo: bool, state: i64) -> i64 {
    i64::from(!fifo && state != READY)
}

/// A message where it stands.
#[derive(Clone, Debug)]
pub(super) struct Stand {
    pub seq: i64,
    pub queue: i64,
    pub group: String,
    pub state: i64,
    pub due: i64,
    pub sent: i64,
    pub receives: i64,
    pub first: Option<i64>,
    pub received: Option<i64>,
    pub receipt: i64,
    pub attempt: Option<String>,
    pub source: Option<String>,
}

impl Stand {
    pub(super) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            queue: row.get(1)?,
            group: row.get(2)?,
            state: row.get(3)?,
            due: row.get(4)?,
            sent: row.get(5)?,
            receives: row.get(6)?,
            first: row.get(7)?,
            received: row.get(8)?,
            receipt: row.get(9)?,
            attempt: row.get(10)?,
            source: row.get(11)?,
        })
    }

    /// A message by its number.
    pub(super) fn of(c: &Connection, seq: i64) -> Result<Option<Self>> {
        let mut query = c.prepare_cached(BY_NUMBER)?;
        query.query_row([seq], Self::read).optional()
    }
}

/// A query for messages where they stand.
macro_rules! stands {
    ($($rest:literal),*) => {
        concat!(
            "SELECT seq, queue, grp, state, due, sent, receives, first, received, receipt, attempt, source \
             FROM sqs_messages WHERE ",
            $($rest),*
        )
    };
}

const BY_NUMBER: &str = stands!("seq = ?1");
/// The first of a group.
pub(super) const IN_ORDER: &str = stands!("queue = ?1 AND grp = ?2 AND lane = 0 ORDER BY place");
/// Those that an attempt received.
pub(super) const BY_ATTEMPT: &str = stands!("queue = ?1 AND attempt = ?2 ORDER BY place");
/// Those that were sent until a moment.
pub(super) const BY_AGE: &str = stands!("queue = ?1 AND sent <= ?2 ORDER BY sent");

/// The same after a moment and a number, in order.
pub(super) const SENT_AFTER: &str = stands!("queue = ?1 AND (sent, seq) > (?2, ?3) ORDER BY sent, seq");

/// The first rows of one of these queries. They have no `LIMIT`: SQLite prepares a statement anew whenever a parameter of that is bound
/// (since 3.47, as the number may change its plan), and rows that nobody asks for cost nothing, as indexes have them in order.
pub(super) fn stands(c: &Connection, query: &str, parameters: impl Params, most: usize) -> Result<Vec<Stand>> {
    c.prepare_cached(query)?.query_map(parameters, Stand::read)?.take(most).collect()
}

/// Counts what changes in a queue, and writes it once.
#[derive(Debug, Default)]
pub(super) struct Changes {
    ready: i64,
    delayed: i64,
    in_flight: i64,
}

impl Changes {
    /// A message more in a state, or less.
    pub(super) fn add(&mut self, state: i64, count: i64) {
        match state {
            READY => self.ready += count,
            DELAYED => self.delayed += count,
            _ => self.in_flight += count,
        }
    }

    /// Writes them down.
    pub(super) fn write(&self, c: &Connection, queue: i64) -> Result<()> {
        let Self { ready, delayed, in_flight } = *self;
        if (ready, delayed, in_flight) == (0, 0, 0) {
            return Ok(());
        }
        c.prepare_cached(
            "INSERT INTO sqs_numbers VALUES (?1, ?2, ?3, ?4) ON CONFLICT (queue) DO UPDATE SET
                 ready = ready + ?2, delayed = delayed + ?3, in_flight = in_flight + ?4",
        )?
        .execute((queue, ready, delayed, in_flight))
        .map(drop)
    }
}

/// The numbers of a queue as they are written down.
pub(super) fn numbers(c: &Connection, queue: i64) -> Result<Numbers> {
    let read = |row: &Row<'_>| Ok(Numbers { ready: row.get(0)?, delayed: row.get(1)?, in_flight: row.get(2)? });
    let mut query = c.prepare_cached("SELECT ready, delayed, in_flight FROM sqs_numbers WHERE queue = ?1")?;
    Ok(query.query_row([queue], read).optional()?.unwrap_or_default())
}

/// Brings the row of a group up to date after its messages changed: whether it has something for a receiver, since when, and in a
/// standard queue how many of its messages are in flight (recorded: `test_fifo_empty_message_groups_added_back_to_queue`).
pub(super) fn regroup(c: &Connection, job: &Job, queue: Place, group: &str, more_in_flight: i64) -> Result<()> {
    if queue.fifo {
        let head: Option<i64> = c
            .prepare_cached(
                "SELECT state FROM sqs_messages WHERE queue = ?1 AND grp = ?2 AND lane = 0 ORDER BY place LIMIT 1",
            )?
            .query_row((queue.key, group), |row| row.get(0))
            .optional()?;
        return match head {
            None => forget(c, queue, group),
            Some(state) => c
                .prepare_cached(
                    "INSERT INTO sqs_groups VALUES (?1, ?2, 0, ?3)
                     ON CONFLICT DO UPDATE SET ready = iif(?3 IS NULL, NULL, coalesce(ready, ?3))",
                )?
                .execute((queue.key, group, (state == READY).then(|| job.next())))
                .map(drop),
        };
    }
    if group.is_empty() {
        return Ok(());
    }
    let ready: Option<i64> = c
        .prepare_cached(
            "SELECT place FROM sqs_messages WHERE queue = ?1 AND grp = ?2 AND lane = 0 ORDER BY place LIMIT 1",
        )?
        .query_row((queue.key, group), |row| row.get(0))
        .optional()?;
    let load: i64 = c
        .prepare_cached(
            "INSERT INTO sqs_groups VALUES (?1, ?2, max(?3, 0), ?4)
             ON CONFLICT DO UPDATE SET load = max(load + ?3, 0), ready = ?4 RETURNING load",
        )?
        .query_row((queue.key, group, more_in_flight, ready), |row| row.get(0))?;
    if load == 0 && ready.is_none() { forget(c, queue, group) } else { Ok(()) }
}

fn forget(c: &Connection, queue: Place, group: &str) -> Result<()> {
    c.prepare_cached("DELETE FROM sqs_groups WHERE queue = ?1 AND grp = ?2")?.execute((queue.key, group)).map(drop)
}

/// Makes ready what is due, as far as can be done at once. Whether there may be more.
pub(super) fn promote(c: &Connection, job: &Job, queue: Place) -> Result<bool> {
    let mut query = c.prepare_cached(
        "SELECT seq, grp, state, attempt FROM sqs_messages
         WHERE queue = ?1 AND state > 0 AND due <= ?2 ORDER BY due",
    )?;
    let due: Vec<(i64, String, i64, Option<String>)> = query
        .query_map((queue.key, job.now()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .take(PROMOTED)
        .collect::<Result<_>>()?;
    if due.is_empty() {
        return Ok(false);
    }
    let mut changes = Changes::default();
    let mut groups = BTreeSet::new();
    for (seq, group, state, attempt) in &due {
        reveal(c, *seq)?;
        changes.add(*state, -1);
        changes.add(READY, 1);
        if let Some(attempt) = attempt {
            end_attempt(c, queue.key, attempt)?;
        }
        match (queue.fifo, *state) {
            (false, IN_FLIGHT) => regroup(c, job, queue, group, -1)?,
            _ => drop(groups.insert(group)),
        }
    }
    for group in groups {
        regroup(c, job, queue, group, 0)?;
    }
    changes.write(c, queue.key)?;
    job.waiting.wake(queue.key, due.len());
    Ok(due.len() == PROMOTED)
}

/// Makes a message ready, at the place that it had (asserted on AWS: `test_inflight_message_requeue`).
pub(super) fn reveal(c: &Connection, seq: i64) -> Result<()> {
    c.prepare_cached("UPDATE sqs_messages SET state = 0, lane = 0, attempt = NULL WHERE seq = ?1")?
        .execute([seq])
        .map(drop)
}

/// An attempt whose messages changed cannot be repeated any more.
pub(super) fn end_attempt(c: &Connection, queue: i64, attempt: &str) -> Result<()> {
    c.prepare_cached("UPDATE sqs_messages SET attempt = NULL WHERE queue = ?1 AND attempt = ?2")?
        .execute((queue, attempt))
        .map(drop)
}

/// When the next message of a queue is due.
pub(super) fn next_due(c: &Connection, queue: i64) -> Result<Option<i64>> {
    c.prepare_cached("SELECT min(due) FROM sqs_messages WHERE queue = ?1 AND state > 0")?
        .query_row([queue], |row| row.get(0))
}

/// Takes a message out of the tables; its queue's numbers and its group are the caller's.
pub(super) fn remove(c: &Connection, seq: i64) -> Result<()> {
    c.prepare_cached("DELETE FROM sqs_messages WHERE seq = ?1")?.execute([seq])?;
    c.prepare_cached("DELETE FROM sqs_bodies WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

/// Takes a message away from its queue, with all that is told of it there.
pub(super) fn take_away(c: &Connection, job: &Job, queue: Place, message: &Stand) -> Result<()> {
    remove(c, message.seq)?;
    let mut changes = Changes::default();
    changes.add(message.state, -1);
    changes.write(c, queue.key)?;
    if let Some(attempt) = &message.attempt {
        end_attempt(c, queue.key, attempt)?;
    }
    regroup(c, job, queue, &message.group, -i64::from(message.state == IN_FLIGHT))
}
