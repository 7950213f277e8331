//! Messages go from queue to queue: to a dead-letter queue, and out of one.

use super::rows::{Changes, IN_FLIGHT, READY, Stand, end_attempt, promote, regroup};
use super::{Job, Messages, Place};
use rusqlite::{Connection, Result};
use slam_cloud_core::StoreError;

/// Where a task's messages go, by the ARN of the queue that each came from.
pub type Destination = Box<dyn Fn(Option<&str>) -> std::result::Result<Place, String> + Send>;

/// What a step of a task did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many messages went.
    pub count: i64,
    /// Why the next one cannot go.
    pub failure: Option<String>,
}

impl Messages {
    /// Moves messages that are ready, at most so many, as new ones: with a new id and age (Developer Guide, "Configure a
    /// dead-letter queue redrive").
    ///
    /// # Errors
    /// When the store fails.
    pub async fn move_on(
        &self,
        from: Place,
        count: i64,
        destination: Destination,
    ) -> std::result::Result<Moved, StoreError> {
        self.run(move |c, job| {
            promote(c, job, from)?;
            let mut moved = Moved::default();
            let seqs: Vec<i64> = c
                .prepare_cached("SELECT seq FROM sqs_messages WHERE queue = ?1 AND state = 0 ORDER BY sent")?
                .query_map([from.key], |row| row.get(0))?
                .take(usize::try_from(count).unwrap_or(0))
                .collect::<Result<_>>()?;
            for seq in seqs {
                let Some(message) = Stand::of(c, seq)? else { continue };
                match destination(message.source.as_deref()) {
                    Ok(to) => move_as_new(c, job, &message, from, to)?,
                    Err(failure) => {
                        moved.failure = Some(failure);
                        break;
                    }
                }
                moved.count += 1;
            }
            Ok(moved)
        })
        .await
    }
}

fn move_as_new(c: &Connection, job: &Job, message: &Stand, from: Place, to: Place) -> Result<()> {
    c.prepare_cached("UPDATE sqs_bodies SET id = ?2 WHERE seq = ?1")?
        .execute((message.seq, uuid::Uuid::new_v4().to_string()))?;
    let fresh = Stand { sent: job.now(), receives: 0, first: None, ..message.clone() };
    put(c, job, &fresh, from, to, None)
}

/// Moves a message to a dead-letter queue. It keeps its id and how often it was received; in a standard queue its age, too
/// (Developer Guide, "Understanding message retention periods for dead-letter queues"; recorded:
/// `test_dead_letter_queue_message_attributes`).
pub(super) fn relocate(
    c: &Connection,
    job: &Job,
    message: &Stand,
    from: Place,
    to: Place,
    source: Option<&str>,
) -> Result<()> {
    let sent = if to.fifo { job.now() } else { message.sent };
    put(c, job, &Stand { sent, ..message.clone() }, from, to, source)
}

fn put(c: &Connection, job: &Job, message: &Stand, from: Place, to: Place, source: Option<&str>) -> Result<()> {
    c.prepare_cached(
        "UPDATE sqs_messages SET queue = ?2, lane = 0, place = ?3, state = 0, due = ?4, sent = ?4, receives = ?5, first = ?6,
             received = NULL, receipt = 0, attempt = NULL, source = ?7
         WHERE seq = ?1",
    )?
    .execute((message.seq, to.key, job.next(), message.sent, message.receives, message.first, source))?;
    let (mut less, mut more) = (Changes::default(), Changes::default());
    less.add(message.state, -1);
    more.add(READY, 1);
    less.write(c, from.key)?;
    more.write(c, to.key)?;
    if let Some(attempt) = &message.attempt {
        end_attempt(c, from.key, attempt)?;
    }
    regroup(c, job, from, &message.group, -i64::from(message.state == IN_FLIGHT))?;
    regroup(c, job, to, &message.group, 0)?;
    job.waiting.wake(to.key, 1);
    Ok(())
}
