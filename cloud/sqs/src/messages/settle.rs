//! Messages are deleted, or made visible sooner or later.

use super::rows::{
    Changes, DELAYED, IN_FLIGHT, READY, SENT_AFTER, Stand, end_attempt, lane, regroup, reveal, stands, take_away,
};
use super::{Job, Messages, Place};
use crate::model::handle::Handle;
use rusqlite::{Connection, Result};
use slam_cloud_core::StoreError;
use std::collections::BTreeSet;

/// For how long a message can be in flight after it was received (Developer Guide, "Amazon SQS visibility timeout"): 12 hours.
const LONGEST: i64 = 12 * 60 * 60 * 1000;
/// The longest delay: 15 minutes.
const LONGEST_DELAY: i64 = 15 * 60 * 1000;
/// Messages that are delayed anew in one write.
const AT_ONCE: usize = 500;

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// The message is not there any more.
    Done,
    /// The handle's time is over, which a FIFO queue minds.
    Expired,
}

/// What became of a change of visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// It is as asked.
    Done,
    /// There is no such message any more.
    Absent,
    /// The handle's time is over, which a FIFO queue minds.
    Expired,
    /// It would be in flight for longer than it may.
    TooLong,
}

impl Messages {
    /// Deletes messages, each by its handle.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, queue: Place, handles: Vec<Handle>) -> std::result::Result<Vec<Deleted>, StoreError> {
        self.free(move |c, job| {
            let deleted = handles.iter().map(|handle| delete(c, job, queue, *handle)).collect::<Result<_>>()?;
            Ok(deleted)
        })
        .await
    }

    /// Lets messages be in flight for so many milliseconds from now, each by its handle.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reveal(
        &self,
        queue: Place,
        changes: Vec<(Handle, i64)>,
    ) -> std::result::Result<Vec<Revealed>, StoreError> {
        self.run(move |c, job| {
            changes.iter().map(|(handle, timeout)| change(c, job, queue, *handle, *timeout)).collect()
        })
        .await
    }
}

impl Messages {
    /// Delays the messages of a FIFO queue anew that were sent in the last minutes and never received: a change of its delay holds for
    /// them, too.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delay_again(&self, queue: Place, delay: i64) -> std::result::Result<(), StoreError> {
        let mut after = (i64::MIN, 0);
        while let Some(last) = self.run(move |c, job| delay_some_again(c, job, queue, delay, after)).await? {
            after = last;
        }
        Ok(())
    }
}

/// The next few of these; the last one's time and number.
fn delay_some_again(
    c: &Connection,
    job: &Job,
    queue: Place,
    delay: i64,
    after: (i64, i64),
) -> Result<Option<(i64, i64)>> {
    let now = job.now();
    let some = stands(c, SENT_AFTER, (queue.key, after.0.max(now - LONGEST_DELAY), after.1), AT_ONCE)?;
    let (mut changes, mut groups) = (Changes::default(), BTreeSet::new());
    for message in some.iter().filter(|message| message.receives == 0) {
        let due = message.sent + delay;
        let state = if due > now { DELAYED } else { READY };
        c.prepare_cached("UPDATE sqs_messages SET state = ?2, due = ?3 WHERE seq = ?1")?.execute((
            message.seq,
            state,
            due,
        ))?;
        changes.add(message.state, -1);
        changes.add(state, 1);
        groups.insert(&message.group);
    }
    for group in groups {
        regroup(c, job, queue, group, 0)?;
    }
    changes.write(c, queue.key)?;
    job.waiting.wake_all(queue.key);
    Ok(some.last().map(|message| (message.sent, message.seq)))
}

/// The message of a handle, if it is in its queue.
fn find(c: &Connection, queue: Place, handle: Handle) -> Result<Option<Stand>> {
    Ok(Stand::of(c, handle.message)?.filter(|message| message.queue == queue.key))
}

/// Whether a handle counts: in a standard queue every one of the message (asserted on AWS:
/// `test_terminate_visibility_timeout_after_receive`), in a FIFO queue the last, for as long as the message is in flight.
fn is_current(job: &Job, queue: Place, message: &Stand, handle: Handle) -> bool {
    let is_held = message.state == IN_FLIGHT && message.due > job.now();
    !queue.fifo || (is_held && message.receipt == handle.receipt)
}

fn delete(c: &Connection, job: &Job, queue: Place, handle: Handle) -> Result<Deleted> {
    let Some(message) = find(c, queue, handle)? else { return Ok(Deleted::Done) };
    if is_current(job, queue, &message, handle) {
        take_away(c, job, queue, &message)?;
        if queue.fifo {
            // What was behind it may be ready now.
            job.waiting.wake(queue.key, 1);
        }
        return Ok(Deleted::Done);
    }
    Ok(Deleted::Expired)
}

fn change(c: &Connection, job: &Job, queue: Place, handle: Handle, timeout: i64) -> Result<Revealed> {
    let Some(message) = find(c, queue, handle)? else { return Ok(Revealed::Absent) };
    if !is_current(job, queue, &message, handle) {
        return Ok(Revealed::Expired);
    }
    let now = job.now();
    if now + timeout > message.received.unwrap_or(now) + LONGEST {
        return Ok(Revealed::TooLong);
    }
    let mut changes = Changes::default();
    changes.add(message.state, -1);
    let was_in_flight = i64::from(message.state == IN_FLIGHT);
    let is_in_flight = i64::from(timeout > 0);
    if timeout > 0 {
        // One that is visible again, but was not received again, is hidden again (recorded:
        // `test_change_message_visibility_after_visibility_timeout_expiration`).
        changes.add(IN_FLIGHT, 1);
        c.prepare_cached("UPDATE sqs_messages SET state = ?2, lane = ?3, due = ?4 WHERE seq = ?1")?.execute((
            message.seq,
            IN_FLIGHT,
            lane(queue.fifo, IN_FLIGHT),
            now + timeout,
        ))?;
        job.waiting.wake_at(queue.key, now + timeout);
    } else {
        changes.add(READY, 1);
        reveal(c, message.seq)?;
        job.waiting.wake(queue.key, 1);
    }
    if let Some(attempt) = &message.attempt {
        end_attempt(c, queue.key, attempt)?;
    }
    changes.write(c, queue.key)?;
    regroup(c, job, queue, &message.group, is_in_flight - was_in_flight)?;
    Ok(Revealed::Done)
}
