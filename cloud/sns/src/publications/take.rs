//! Messages come, and are known again.

use super::{Job, Publications};
use crate::model::publication::Publication;
use rusqlite::{Connection, OptionalExtension as _, Result};
use slam_cloud_core::StoreError;

/// For how long a FIFO topic knows a message again (Developer Guide, "Message deduplication for FIFO topics"): 5 minutes.
const DEDUPLICATION: i64 = 5 * 60 * 1000;

/// A message that is new to its topic.
pub struct New {
    /// It; a FIFO topic numbers it.
    pub publication: Publication,
    /// The ids of the subscriptions that it is for, and whether it stands in a line there.
    pub subscriptions: Vec<(String, bool)>,
    /// The id of the FIFO topic that numbers it, and within what it is known again there: a group, or nothing for the whole topic.
    pub fifo: Option<(String, String)>,
}

/// A message that was taken, or that one was before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The id of the message.
    pub id: String,
    /// Its number, in a FIFO topic.
    pub number: Option<i64>,
}

impl Publications {
    /// Takes messages, all or none. Those that a FIFO topic has had already are answered as they were then (recorded:
    /// `test_publish_batch_messages_from_fifo_topic_to_fifo_queue`).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take(&self, messages: Vec<New>) -> std::result::Result<Vec<Taken>, StoreError> {
        self.run(move |c, job| messages.into_iter().map(|message| take(c, job, message)).collect()).await
    }

    /// Forgets what FIFO topics need not know again any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_duplicates(&self) -> std::result::Result<(), StoreError> {
        const AT_ONCE: usize = 1_000;
        let forget = |c: &Connection, job: &Job| {
            let rows = c
                .prepare_cached(
                    "DELETE FROM sns_deduplication WHERE (topic, scope, id) IN
                         (SELECT topic, scope, id FROM sns_deduplication WHERE until <= ?1 LIMIT ?2)",
                )?
                .execute((job.now(), AT_ONCE))?;
            Ok(rows == AT_ONCE)
        };
        while self.free(forget).await? {}
        Ok(())
    }
}

fn take(c: &Connection, job: &Job, message: New) -> Result<Taken> {
    let New { mut publication, subscriptions, fifo } = message;
    let now = job.now();
    let seq = job.next();
    if let Some((topic, scope)) = &fifo {
        let by = publication.deduplication.clone().unwrap_or_default();
        if let Some(known) = known(c, topic, scope, &by, now)? {
            return Ok(known);
        }
        publication.number = Some(seq);
        c.prepare_cached("INSERT OR REPLACE INTO sns_deduplication VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute((
            topic,
            scope,
            &by,
            now + DEDUPLICATION,
            seq,
            &publication.id,
        ))?;
    }
    let taken = Taken { id: publication.id.clone(), number: publication.number };
    if subscriptions.is_empty() {
        return Ok(taken);
    }
    let content = serde_json::to_string(&publication)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    c.prepare_cached("INSERT INTO sns_publications VALUES (?1, ?2)")?.execute((seq, content))?;
    let group = publication.group.as_deref().unwrap_or_default();
    for (subscription, in_line) in subscriptions {
        let group = if in_line { group } else { "" };
        let head = group.is_empty() || !is_waiting(c, &subscription, group)?;
        c.prepare_cached("INSERT INTO sns_deliveries VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)")?.execute((
            job.next(),
            seq,
            &subscription,
            group,
            head,
            now,
        ))?;
    }
    Ok(taken)
}

fn known(c: &Connection, topic: &str, scope: &str, id: &str, now: i64) -> Result<Option<Taken>> {
    c.prepare_cached(
        "SELECT message, number FROM sns_deduplication WHERE topic = ?1 AND scope = ?2 AND id = ?3 AND until > ?4",
    )?
    .query_row((topic, scope, id, now), |row| Ok(Taken { id: row.get(0)?, number: Some(row.get(1)?) }))
    .optional()
}

/// Whether somebody of a group stands in the line.
fn is_waiting(c: &Connection, subscription: &str, group: &str) -> Result<bool> {
    c.prepare_cached("SELECT EXISTS (SELECT 1 FROM sns_deliveries WHERE subscription = ?1 AND grp = ?2 AND grp <> '')")?
        .query_row((subscription, group), |row| row.get(0))
}
