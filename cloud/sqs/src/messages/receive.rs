//! Messages are received.

use super::moves::relocate;
use super::rows::{
    BY_ATTEMPT, Changes, IN_FLIGHT, IN_ORDER, READY, Stand, lane, next_due, numbers, promote, regroup, stands,
    take_away,
};
use super::send::DEDUPLICATION;
use super::waiting::Presence;
use super::{Job, Messages, Place};
use rusqlite::{Connection, OptionalExtension as _, Result};
use slam_cloud_core::StoreError;

/// How many messages are moved to the dead-letter queue or deleted for their age in one write, so that others get their turn.
const SET_ASIDE: usize = 200;

/// What a receiver asks for.
#[derive(Clone, Debug)]
pub struct Pick {
    /// The queue.
    pub queue: Place,
    /// How many messages at the most.
    pub count: usize,
    /// For how long they are in flight, in milliseconds.
    pub visibility: i64,
    /// For how long the queue keeps messages, in milliseconds.
    pub retention: i64,
    /// How many may be in flight.
    pub most_in_flight: i64,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// The attempt that may be repeated, in a FIFO queue.
    pub attempt: Option<String>,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug)]
pub struct Redrive {
    /// The dead-letter queue.
    pub target: Place,
    /// After how many receipts.
    pub receipts: i64,
    /// The ARN of the queue that they come from.
    pub source: String,
}

/// What a receiver gets.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The messages.
    pub messages: Vec<Taken>,
    /// When there is none: at which moment one may be ready by itself.
    pub next: Option<i64>,
    /// Whether there is none because too many are in flight.
    pub over_limit: bool,
}

/// A message that was received.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its number among all messages.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Its text.
    pub body: String,
    /// What is kept beside that: a [`crate::model::content::Content`] in JSON.
    pub content: String,
    /// Its group; empty for none.
    pub group: String,
    /// When it was sent.
    pub sent: i64,
    /// How often it was received.
    pub receives: i64,
    /// When it was first received.
    pub first: i64,
    /// Which receipt this is.
    pub receipt: i64,
    /// The ARN of the queue that it was a dead letter of.
    pub source: Option<String>,
}

impl Messages {
    /// Receives messages, if there are any.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn receive(&self, pick: Pick, presence: Presence) -> std::result::Result<Received, StoreError> {
        loop {
            let (pick, presence) = (pick.clone(), presence.clone());
            let receive = move |c: &Connection, job: &Job| {
                if presence.is_gone() { Ok(Some(Received::default())) } else { receive(c, job, &pick) }
            };
            if let Some(received) = self.run(receive).await? {
                return Ok(received);
            }
        }
    }
}

/// Receives messages; `None` where so many others had to be set aside first that the rest is for another turn.
fn receive(c: &Connection, job: &Job, pick: &Pick) -> Result<Option<Received>> {
    promote(c, job, pick.queue)?;
    let mut picked = repeated(c, job, pick)?;
    let (mut over_limit, mut is_done) = (false, true);
    if picked.is_empty() {
        let room = pick.most_in_flight - numbers(c, pick.queue.key)?.in_flight;
        over_limit = room <= 0;
        let count = pick.count.min(usize::try_from(room).unwrap_or(0));
        (picked, is_done) = taken(c, job, pick, count)?;
    }
    if picked.is_empty() {
        let next = next_due(c, pick.queue.key)?;
        return Ok(is_done.then_some(Received { messages: Vec::new(), next, over_limit }));
    }
    if pick.visibility == 0 {
        // They are ready again at once, but were not so while the others were chosen.
        promote(c, job, pick.queue)?;
    }
    let mut query = c.prepare_cached("SELECT id, body, content FROM sqs_bodies WHERE seq = ?1")?;
    let messages = picked.into_iter().map(|stand| {
        query.query_row([stand.seq], |row| {
            Ok(Taken {
                seq: stand.seq,
                id: row.get(0)?,
                body: row.get(1)?,
                content: row.get(2)?,
                group: stand.group,
                sent: stand.sent,
                receives: stand.receives,
                first: stand.first.unwrap_or_default(),
                receipt: stand.receipt,
                source: stand.source,
            })
        })
    });
    Ok(Some(Received { messages: messages.collect::<Result<_>>()?, next: None, over_limit: false }))
}

/// The messages of an attempt that is repeated, in flight for as long again (API reference, ReceiveMessage:
/// `ReceiveRequestAttemptId`).
fn repeated(c: &Connection, job: &Job, pick: &Pick) -> Result<Vec<Stand>> {
    let Some(attempt) = &pick.attempt else { return Ok(Vec::new()) };
    let now = job.now();
    let messages = stands(c, BY_ATTEMPT, (pick.queue.key, attempt), usize::MAX)?;
    let is_recent = |message: &Stand| message.received.is_some_and(|received| received + DEDUPLICATION > now);
    if !messages.iter().all(is_recent) {
        return Ok(Vec::new());
    }
    for message in &messages {
        c.prepare_cached("UPDATE sqs_messages SET due = ?2 WHERE seq = ?1")?
            .execute((message.seq, now + pick.visibility))?;
    }
    Ok(messages)
}

/// Takes messages: those that can be received, in the order of their queue. And whether it has looked at all.
fn taken(c: &Connection, job: &Job, pick: &Pick, count: usize) -> Result<(Vec<Stand>, bool)> {
    let (mut taken, mut set_aside) = (Vec::new(), 0);
    let mut changes = Changes::default();
    while taken.len() < count && set_aside < SET_ASIDE {
        let (group, candidates) = candidates(c, pick.queue, count - taken.len())?;
        if candidates.is_empty() {
            break;
        }
        let before = taken.len();
        for mut message in candidates {
            if message.sent + pick.retention <= job.now() {
                take_away(c, job, pick.queue, &message)?;
                set_aside += 1;
            } else if let Some(redrive) = pick.redrive.as_ref().filter(|redrive| message.receives >= redrive.receipts) {
                relocate(c, job, &message, pick.queue, redrive.target, Some(&redrive.source))?;
                set_aside += 1;
            } else {
                receive_one(c, job, pick, &mut message)?;
                changes.add(READY, -1);
                changes.add(IN_FLIGHT, 1);
                taken.push(message);
            }
        }
        let more = i64::try_from(taken.len() - before).unwrap_or_default();
        regroup(c, job, pick.queue, &group, more)?;
    }
    changes.write(c, pick.queue.key)?;
    if !taken.is_empty() {
        job.waiting.wake_at(pick.queue.key, job.now() + pick.visibility);
    }
    Ok((taken, set_aside < SET_ASIDE))
}

/// The messages that come next, all of one group, and the group.
///
/// A FIFO queue gives as many of a group as it can, in their order, up to one that is not ready; of the groups first the one that has
/// been ready for longest. A standard queue gives the message that has been ready for longest, but those of groups with more messages
/// in flight after those of others (fair queues).
fn candidates(c: &Connection, queue: Place, count: usize) -> Result<(String, Vec<Stand>)> {
    let first: Option<(String, i64, i64)> = c
        .prepare_cached(
            "SELECT grp, load, ready FROM sqs_groups WHERE queue = ?1 AND ready IS NOT NULL ORDER BY load, ready LIMIT 1",
        )?
        .query_row([queue.key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if queue.fifo {
        let Some((group, ..)) = first else { return Ok(Default::default()) };
        let mut messages = stands(c, IN_ORDER, (queue.key, &group), count)?;
        let ready = messages.iter().take_while(|message| message.state == READY).count();
        messages.truncate(ready);
        return Ok((group, messages));
    }
    let Some((group, load, ready)) = first else {
        return Ok((String::new(), stands(c, IN_ORDER, (queue.key, ""), count)?));
    };
    // A message without a group is nobody's neighbour: it comes before groups that have some in flight.
    let alone: Option<i64> = c
        .prepare_cached(
            "SELECT place FROM sqs_messages WHERE queue = ?1 AND grp = '' AND lane = 0 ORDER BY place LIMIT 1",
        )?
        .query_row([queue.key], |row| row.get(0))
        .optional()?;
    let group = if alone.is_some_and(|place| load > 0 || place < ready) { String::new() } else { group };
    let messages = stands(c, IN_ORDER, (queue.key, &group), 1)?;
    Ok((group, messages))
}

fn receive_one(c: &Connection, job: &Job, pick: &Pick, message: &mut Stand) -> Result<()> {
    let now = job.now();
    // Which receipts there were cannot be guessed from one.
    message.receipt = getrandom::u64().map_or_else(|_| job.next(), |random| (random >> 1) as i64);
    message.receives += 1;
    message.first = message.first.or(Some(now));
    message.state = IN_FLIGHT;
    c.prepare_cached(
        "UPDATE sqs_messages SET state = ?2, lane = ?3, due = ?4, receives = ?5, first = ?6, received = ?7, receipt = ?8,
             attempt = ?9
         WHERE seq = ?1",
    )?
    .execute((
        message.seq,
        IN_FLIGHT,
        lane(pick.queue.fifo, IN_FLIGHT),
        now + pick.visibility,
        message.receives,
        message.first,
        now,
        message.receipt,
        &pick.attempt,
    ))
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::waiting::Present;
    use super::super::{Accepted, New};
    use super::*;
    use slam_cloud_core::Clock;
    use slam_cloud_testing::TestCloud;

    const QUEUE: Place = Place { id: 1, key: 1, fifo: false };
    const DEAD: Place = Place { id: 2, key: 2, fifo: false };

    fn pick() -> Pick {
        let (visibility, retention) = (30_000, 60_000);
        Pick { queue: QUEUE, count: 10, visibility, retention, most_in_flight: 15, redrive: None, attempt: None }
    }

    async fn send(messages: &Messages, count: usize) -> Vec<Accepted> {
        let new = |number: usize| New {
            id: number.to_string(),
            body: "m".into(),
            content: "{}".into(),
            group: String::new(),
            delay: 0,
            deduplication: None,
        };
        messages.send(QUEUE, (0..count).map(new).collect()).await.unwrap()
    }

    #[tokio::test]
    async fn no_more_are_in_flight_than_may_be() {
        let (_cloud, messages) = TestCloud::new(|_, store, _| Messages::open(store, Clock::default()));
        send(&messages, 20).await;
        let present = Present::default();
        for (expected, over_limit) in [(10, false), (5, false), (0, true)] {
            let received = messages.receive(pick(), present.presence()).await.unwrap();
            assert_eq!((received.messages.len(), received.over_limit), (expected, over_limit));
        }
    }

    #[tokio::test]
    async fn what_is_set_aside_hides_nothing_behind_it() {
        let (_cloud, messages) = TestCloud::new(|_, store, _| Messages::open(store, Clock::default()));
        let present = Present::default();
        send(&messages, SET_ASIDE * 2 + 10).await;
        let shown = Pick { visibility: 0, count: SET_ASIDE * 2 + 10, most_in_flight: i64::MAX, ..pick() };
        messages.receive(shown, present.presence()).await.unwrap();
        send(&messages, 3).await;
        let redrive = Some(Redrive { target: DEAD, receipts: 1, source: "arn".into() });
        let received = messages.receive(Pick { redrive, ..pick() }, present.presence()).await.unwrap();
        assert_eq!(received.messages.len(), 3);
        assert_eq!(messages.numbers(DEAD, 60_000).await.unwrap().ready, (SET_ASIDE * 2 + 10) as i64);
    }

    #[tokio::test]
    async fn nobody_takes_what_nobody_waits_for() {
        let (_cloud, messages) = TestCloud::new(|_, store, _| Messages::open(store, Clock::default()));
        send(&messages, 1).await;
        let presence = Present::default().presence();
        assert!(messages.receive(pick(), presence).await.unwrap().messages.is_empty());
        assert_eq!(messages.numbers(QUEUE, 60_000).await.unwrap().ready, 1);
    }
}
