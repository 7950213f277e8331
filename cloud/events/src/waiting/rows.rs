//! What is stored of deliveries: an event once, and a row for each target.

use super::turn::Seen;
use crate::model::delivery::Delivery;
use rusqlite::{Connection, OptionalExtension as _, Result};
use slam_cloud_core::StoreError;
use std::sync::Arc;

pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS events_accepted (id INTEGER PRIMARY KEY, event TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS events_deliveries (
        id INTEGER PRIMARY KEY, event INTEGER NOT NULL, due INTEGER NOT NULL, task TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due, id);
    CREATE INDEX IF NOT EXISTS events_deliveries_by_event ON events_deliveries (event);";

/// Rows that are read at once: as large as events may be, no more than this is in memory beside what is under way.
const BATCH: usize = 16;

/// A delivery as it is stored.
pub struct Row {
    /// Its number.
    pub number: i64,
    /// The number of its event.
    pub event: i64,
    /// What it is.
    pub delivery: Delivery,
    /// The event.
    pub text: Arc<str>,
}

/// The last number of all.
pub(super) fn last(c: &Connection) -> Result<i64> {
    let query = "SELECT max(coalesce((SELECT max(id) FROM events_accepted), 0),
                            coalesce((SELECT max(id) FROM events_deliveries), 0))";
    c.query_row(query, [], |row| row.get(0))
}

/// A delivery as its row has it.
pub(super) fn written(delivery: &Delivery) -> std::result::Result<String, StoreError> {
    serde_json::to_string(delivery).map_err(|error| StoreError::Database(error.to_string()))
}

pub(super) fn insert(c: &Connection, id: i64, event: &str, tasks: &[(i64, String)], due: i64) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    c.prepare_cached("INSERT INTO events_accepted VALUES (?1, ?2)")?.execute((id, event))?;
    let mut insert = c.prepare_cached("INSERT INTO events_deliveries VALUES (?1, ?2, ?3, ?4)")?;
    for (number, task) in tasks {
        insert.execute((number, id, due, task))?;
    }
    Ok(())
}

pub(super) fn remove(c: &Connection, number: i64, event: i64) -> Result<()> {
    c.prepare_cached("DELETE FROM events_deliveries WHERE id = ?1")?.execute([number])?;
    c.prepare_cached(
        "DELETE FROM events_accepted WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events_deliveries WHERE event = ?1)",
    )?
    .execute([event])
    .map(drop)
}

pub(super) fn postpone(c: &Connection, number: i64, task: &str, due: i64) -> Result<()> {
    c.prepare_cached("UPDATE events_deliveries SET task = ?2, due = ?3 WHERE id = ?1")?
        .execute((number, task, due))
        .map(drop)
}

/// The first rows that are due and not under way; where there is none, when the next one is due.
pub(super) fn due(c: &Connection, now: i64, seen: &Seen) -> Result<(Vec<Row>, Option<i64>)> {
    let mut query = c.prepare_cached(
        "SELECT id, event, task, (SELECT event FROM events_accepted WHERE id = events_deliveries.event)
         FROM events_deliveries WHERE due <= ?1 ORDER BY due, id",
    )?;
    let mut found = query.query([now])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let number = row.get(0)?;
        if !seen.may_take(number) {
            continue;
        }
        let task: String = row.get(2)?;
        let text: Option<String> = row.get(3)?;
        match (serde_json::from_str(&task), text) {
            (Ok(delivery), Some(text)) => {
                rows.push(Row { number, event: row.get(1)?, delivery, text: text.into() });
            }
            (read, _) => {
                let error = read.err().map(|error| error.to_string());
                tracing::warn!(number, error, "a stored delivery cannot be read, and rests");
            }
        }
        if rows.len() == BATCH {
            break;
        }
    }
    let next = match rows.is_empty() {
        true => c
            .prepare_cached("SELECT due FROM events_deliveries WHERE due > ?1 ORDER BY due")?
            .query_row([now], |row| row.get(0))
            .optional()?,
        false => None,
    };
    Ok((rows, next))
}

/// Those that come after a moment: what waits for its turn is due then, so that no other row is looked at.
pub(super) fn turns(c: &Connection, after: i64) -> Result<Vec<(String, i64)>> {
    let query = "SELECT json_extract(task, '$.target.arn'), max(json_extract(task, '$.turn')) FROM events_deliveries
                 WHERE due > ?1 AND json_extract(task, '$.turn') IS NOT NULL GROUP BY 1";
    c.prepare(query)?.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn ask_again(c: &Connection, arn: &str, now: i64) -> Result<()> {
    c.prepare_cached(
        "UPDATE events_deliveries SET due = ?2 WHERE due > ?2 AND json_extract(task, '$.turn') IS NOT NULL
         AND json_extract(task, '$.target.arn') = ?1",
    )?
    .execute((arn, now))
    .map(drop)
}

pub(super) fn clear(c: &Connection) -> Result<()> {
    c.execute_batch("DELETE FROM events_deliveries; DELETE FROM events_accepted;")
}
