//! The events of archives, how much there is of them, and how far replays are.

use crate::model::archive::Amount;
use rusqlite::{Connection, OptionalExtension as _, Result};
use slam_cloud_core::collection::Scope;
use std::collections::HashMap;

pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS events_archived (
        id INTEGER PRIMARY KEY, archive INTEGER NOT NULL, time INTEGER NOT NULL, taken INTEGER NOT NULL,
        bytes INTEGER NOT NULL, event TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS events_archived_by_time ON events_archived (archive, time, id);
    CREATE INDEX IF NOT EXISTS events_archived_by_age ON events_archived (archive, taken);
    CREATE TABLE IF NOT EXISTS events_archive_amounts (
        archive INTEGER PRIMARY KEY, events INTEGER NOT NULL, bytes INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS events_replaying (
        replay TEXT PRIMARY KEY, time INTEGER NOT NULL, id INTEGER NOT NULL
    ) WITHOUT ROWID;";

/// Events that are removed at once.
const REMOVED: usize = 500;

/// An event that is to be kept.
pub struct Kept {
    /// The archive's number.
    pub archive: i64,
    /// When it happened, in milliseconds.
    pub time: i64,
    /// When it was taken.
    pub taken: i64,
    /// How large its entry was.
    pub bytes: i64,
    /// The event.
    pub event: std::sync::Arc<str>,
}

/// An event that was kept.
pub struct Archived {
    /// Where it stands.
    pub place: Place,
    /// The event.
    pub event: String,
}

/// Where an event stands among those of its archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened, in milliseconds.
    pub time: i64,
    /// Its number.
    pub id: i64,
}

/// The last number that an archive's events have.
pub fn last_archive(c: &Connection) -> Result<i64> {
    c.query_row("SELECT coalesce(max(archive), 0) FROM events_archive_amounts", [], |row| row.get(0))
}

fn count(c: &Connection, archive: i64, events: i64, bytes: i64) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO events_archive_amounts VALUES (?1, ?2, ?3) ON CONFLICT (archive) DO UPDATE SET
             events = events + ?2, bytes = bytes + ?3",
    )?
    .execute((archive, events, bytes))
    .map(drop)
}

/// Keeps events.
pub fn keep(c: &Connection, kept: &[Kept]) -> Result<()> {
    let mut insert = c.prepare_cached(
        "INSERT INTO events_archived (archive, time, taken, bytes, event) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for Kept { archive, time, taken, bytes, event } in kept {
        insert.execute((archive, time, taken, bytes, &**event))?;
        count(c, *archive, 1, *bytes)?;
    }
    Ok(())
}

/// How much each archive has.
pub fn amounts(c: &Connection) -> Result<HashMap<i64, Amount>> {
    let mut query = c.prepare_cached("SELECT archive, events, bytes FROM events_archive_amounts")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, Amount { events: row.get(1)?, bytes: row.get(2)? }));
    query.query_map([], read)?.collect()
}

/// Removes events that were taken before a moment, as far as can be done at once. Whether there may be more.
pub fn remove_some(c: &Connection, archive: i64, before: i64) -> Result<bool> {
    let mut query =
        c.prepare_cached("SELECT id, bytes FROM events_archived WHERE archive = ?1 AND taken < ?2 ORDER BY taken")?;
    let old: Vec<(i64, i64)> = query
        .query_map((archive, before), |row| Ok((row.get(0)?, row.get(1)?)))?
        .take(REMOVED)
        .collect::<Result<_>>()?;
    let mut delete = c.prepare_cached("DELETE FROM events_archived WHERE id = ?1")?;
    for (id, bytes) in &old {
        delete.execute([id])?;
        count(c, archive, -1, -bytes)?;
    }
    Ok(old.len() == REMOVED)
}

/// The next events of an archive after a place, to before a moment.
pub fn after(c: &Connection, archive: i64, place: Place, until: i64, most: usize) -> Result<Vec<Archived>> {
    let mut query = c.prepare_cached(
        "SELECT time, id, event FROM events_archived
         WHERE archive = ?1 AND (time, id) > (?2, ?3) AND time < ?4 ORDER BY time, id",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Archived { place: Place { time: row.get(0)?, id: row.get(1)? }, event: row.get(2)? })
    };
    query.query_map((archive, place.time, place.id, until), read)?.take(most).collect()
}

/// By what the place of a replay is kept.
pub fn replay_key(scope: &Scope, name: &str) -> String {
    format!("{}/{}/{name}", scope.account, scope.region)
}

/// How far a replay is.
pub fn place(c: &Connection, replay: &str) -> Result<Option<Place>> {
    c.prepare_cached("SELECT time, id FROM events_replaying WHERE replay = ?1")?
        .query_row([replay], |row| Ok(Place { time: row.get(0)?, id: row.get(1)? }))
        .optional()
}

/// Notes how far a replay is.
pub fn note_place(c: &Connection, replay: &str, place: Place) -> Result<()> {
    c.prepare_cached("INSERT OR REPLACE INTO events_replaying VALUES (?1, ?2, ?3)")?
        .execute((replay, place.time, place.id))
        .map(drop)
}

/// Forgets how far a replay was.
pub fn forget_place(c: &Connection, replay: &str) -> Result<()> {
    c.prepare_cached("DELETE FROM events_replaying WHERE replay = ?1")?.execute([replay]).map(drop)
}

/// Forgets all.
pub fn clear(c: &Connection) -> Result<()> {
    c.execute_batch("DELETE FROM events_archived; DELETE FROM events_archive_amounts; DELETE FROM events_replaying;")
}
