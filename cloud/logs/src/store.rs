//! Streams and events in SQLite.
//!
//! Events lie in the order of FilterLogEvents (group, time, arrival); an index gives GetLogEvents its order (stream,
//! time, arrival). An event's id holds the time of its ingestion: milliseconds shifted left by [`COUNTER_BITS`].

use crate::model::position::{Direction, Position};
use rusqlite::{Connection, OptionalExtension};
use slam_cloud_core::{Store, StoreError};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS log_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, name TEXT NOT NULL,
        creation_time INTEGER NOT NULL, first_timestamp INTEGER, last_timestamp INTEGER, last_ingestion INTEGER,
        bytes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (log_group, name)
    );
    CREATE TABLE IF NOT EXISTS log_events (
        log_group INTEGER NOT NULL, timestamp INTEGER NOT NULL, id INTEGER NOT NULL, stream INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (log_group, timestamp, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (stream, timestamp, id);";

/// Bits of an event's id that count events of the same millisecond.
const COUNTER_BITS: u32 = 20;
/// Events deleted in one write, so that writers of other services get their turn.
const DELETED_AT_ONCE: usize = 5_000;
/// Events that make room for others in one write: not many more than need be.
const TRIMMED_AT_ONCE: usize = 500;

/// A row of `log_streams`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// What events refer to.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Milliseconds since 1970.
    pub creation_time: i64,
    /// The earliest event's timestamp.
    pub first_timestamp: Option<i64>,
    /// The latest event's timestamp.
    pub last_timestamp: Option<i64>,
    /// When an event arrived last.
    pub last_ingestion: Option<i64>,
}

/// An event as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where it stands.
    pub position: Position,
    /// The stream's id.
    pub stream: i64,
    /// Its text.
    pub message: String,
}

impl Event {
    /// When it arrived.
    pub fn ingestion_time(&self) -> i64 {
        self.position.id >> COUNTER_BITS
    }
}

/// Which events to look through.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// A whole group by its key, or one stream by its id.
    pub source: Source,
    /// Only events after this place.
    pub after: Position,
    /// Only events before this place.
    pub before: Position,
    /// From the earliest or from the latest.
    pub direction: Direction,
}

/// Where events are read from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// All streams of a group.
    Group(i64),
    /// One stream.
    Stream(i64),
}

/// How DescribeLogStreams orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name.
    Name,
    /// By the latest event; a stream without any by its creation.
    LastEventTime,
}

/// Streams and events.
pub struct EventStore {
    store: Arc<Store>,
    last_id: AtomicI64,
    /// The size of all events of all groups, about: what is appended is added at once, what is deleted when it is looked for.
    size: AtomicI64,
}

impl EventStore {
    /// Opens or creates the tables.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        store.migrate(TABLES)?;
        let size =
            store.read_now(|c| c.query_row("SELECT coalesce(sum(bytes), 0) FROM log_streams", [], |row| row.get(0)))?;
        Ok(Self { store: Arc::clone(store), last_id: AtomicI64::new(0), size: AtomicI64::new(size) })
    }

    /// Creates a stream; `false` when it exists.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_stream(&self, group: i64, name: String, now: i64) -> Result<bool, StoreError> {
        let statement = "INSERT OR IGNORE INTO log_streams (log_group, name, creation_time) VALUES (?1, ?2, ?3)";
        self.store.write(move |c| Ok(c.prepare_cached(statement)?.execute((group, name, now))? == 1)).await
    }

    /// Deletes a stream and its events; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_stream(&self, group: i64, name: String) -> Result<bool, StoreError> {
        self.store
            .free(move |c| {
                let Some(stream) = stream_id(c, group, &name)? else { return Ok(false) };
                c.execute("DELETE FROM log_events WHERE stream = ?1", [stream])?;
                c.execute("DELETE FROM log_streams WHERE id = ?1", [stream])?;
                Ok(true)
            })
            .await
    }

    /// Deletes all of a group, streams first, so that nobody can add to what is being deleted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_group(&self, group: i64) -> Result<(), StoreError> {
        self.store.free(move |c| c.execute("DELETE FROM log_streams WHERE log_group = ?1", [group])).await?;
        self.delete_events_before(group, i64::MAX).await
    }

    /// Deletes a group's events before a moment, in small steps.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_events_before(&self, group: i64, moment: i64) -> Result<(), StoreError> {
        while self.delete_step(group, moment, DELETED_AT_ONCE).await? == DELETED_AT_ONCE {}
        Ok(())
    }

    /// Deletes a group's oldest events before a moment, at most so many. Gives how many there were.
    async fn delete_step(&self, group: i64, moment: i64, most: usize) -> Result<usize, StoreError> {
        self.store
            .free(move |c| {
                let doomed = "SELECT stream, timestamp, id, length(CAST(message AS BLOB)) FROM log_events
                              WHERE log_group = ?1 AND timestamp < ?2 LIMIT ?3";
                let rows = c
                    .prepare_cached(doomed)?
                    .query_map((group, moment, most), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
                    .collect::<rusqlite::Result<Vec<(i64, i64, i64, i64)>>>()?;
                let mut event =
                    c.prepare_cached("DELETE FROM log_events WHERE log_group = ?1 AND timestamp = ?2 AND id = ?3")?;
                let mut size = c.prepare_cached("UPDATE log_streams SET bytes = max(bytes - ?2, 0) WHERE id = ?1")?;
                for (stream, timestamp, id, bytes) in &rows {
                    event.execute((group, timestamp, id))?;
                    size.execute((stream, bytes + EVENT_OVERHEAD))?;
                }
                Ok(rows.len())
            })
            .await
    }

    /// The size of all events, about: an upper bound.
    pub fn size(&self) -> i64 {
        self.size.load(Ordering::Relaxed)
    }

    /// Sums up the size of each group's events, the largest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sizes(&self) -> Result<Vec<(i64, i64)>, StoreError> {
        let query = "SELECT log_group, sum(bytes) FROM log_streams GROUP BY log_group ORDER BY 2 DESC";
        let read = |c: &Connection| {
            let mut query = c.prepare_cached(query)?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        };
        let sizes = self.store.read(read).await?;
        self.size.store(sizes.iter().map(|(_, size)| size).sum(), Ordering::Relaxed);
        Ok(sizes)
    }

    /// Deletes the oldest events of a group, in one small step.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_oldest(&self, group: i64) -> Result<(), StoreError> {
        self.delete_step(group, i64::MAX, TRIMMED_AT_ONCE).await.map(drop)
    }

    /// The keys of all groups that have streams or events: what a crash amid a deletion left behind is among them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn group_keys(&self) -> Result<Vec<i64>, StoreError> {
        self.store
            .read(|c| {
                let next_of = "SELECT min(key) FROM (
                    SELECT min(log_group) AS key FROM log_events WHERE log_group > ?1
                    UNION ALL SELECT min(log_group) FROM log_streams WHERE log_group > ?1)";
                let mut query = c.prepare_cached(next_of)?;
                let mut keys = Vec::new();
                let mut last = i64::MIN;
                while let Some(key) = query.query_row([last], |row| row.get::<_, Option<i64>>(0))? {
                    keys.push(key);
                    last = key;
                }
                Ok(keys)
            })
            .await
    }

    /// Appends events to a stream in one write; `None` when there is no such stream, else the last event's place.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn append(
        &self,
        group: i64,
        stream: String,
        events: Vec<(i64, String)>,
        now: i64,
    ) -> Result<Option<Position>, StoreError> {
        let first_id = self.ids(events.len(), now);
        let added: i64 = events.iter().map(|(_, message)| message.len() as i64 + EVENT_OVERHEAD).sum();
        self.size.fetch_add(added, Ordering::Relaxed);
        self.store
            .write(move |c| {
                let Some(stream) = stream_id(c, group, &stream)? else { return Ok(None) };
                let mut insert = c.prepare_cached(
                    "INSERT INTO log_events (log_group, timestamp, id, stream, message) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?;
                let (mut bytes, mut last) = (0, Position { timestamp: now, id: first_id });
                for ((timestamp, message), id) in events.iter().zip(first_id..) {
                    insert.execute((group, timestamp, id, stream, message))?;
                    bytes += message.len() as i64 + EVENT_OVERHEAD;
                    last = Position { timestamp: *timestamp, id };
                }
                if let (Some((first, _)), Some((latest, _))) = (events.first(), events.last()) {
                    c.prepare_cached(
                        "UPDATE log_streams SET bytes = bytes + ?2, last_ingestion = ?3,
                             first_timestamp = min(coalesce(first_timestamp, ?4), ?4),
                             last_timestamp = max(coalesce(last_timestamp, ?5), ?5)
                         WHERE id = ?1",
                    )?
                    .execute((stream, bytes, now, first, latest))?;
                }
                Ok(Some(last))
            })
            .await
    }

    /// The ids for so many events: the first of consecutive ones.
    fn ids(&self, count: usize, now: i64) -> i64 {
        let count = count as i64;
        let next = |last: i64| (last + 1).max(now << COUNTER_BITS);
        let taken = |last: i64| Some(next(last) + count.max(1) - 1);
        match self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken) {
            Ok(last) | Err(last) => next(last),
        }
    }

    /// A stream by its name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stream(&self, group: i64, name: String) -> Result<Option<i64>, StoreError> {
        self.store.read(move |c| stream_id(c, group, &name)).await
    }

    /// A group's size: text and overhead of all its events.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stored_bytes(&self, groups: Vec<i64>) -> Result<Vec<i64>, StoreError> {
        self.store
            .read(move |c| {
                let mut query =
                    c.prepare_cached("SELECT coalesce(sum(bytes), 0) FROM log_streams WHERE log_group = ?1")?;
                groups.iter().map(|group| query.query_row([group], |row| row.get(0))).collect()
            })
            .await
    }

    /// A page of streams: those after `after` (a sort key and a name) in the given order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn streams(
        &self,
        group: i64,
        prefix: String,
        order: Order,
        descending: bool,
        after: Option<(i64, String)>,
        limit: i64,
    ) -> Result<Vec<Stream>, StoreError> {
        let (way, beyond) = if descending { ("DESC", "<") } else { ("ASC", ">") };
        let (cursor, sorted) = match order {
            Order::Name => (format!("name {beyond} ?4"), format!("name {way}")),
            Order::LastEventTime => {
                let key = "coalesce(last_timestamp, creation_time)";
                (format!("({key}, name) {beyond} (?3, ?4)"), format!("{key} {way}, name {way}"))
            }
        };
        let statement = format!(
            "SELECT id, name, creation_time, first_timestamp, last_timestamp, last_ingestion FROM log_streams
             WHERE log_group = ?1 AND substr(name, 1, length(?2)) = ?2 AND (?3 IS NULL OR {cursor})
             ORDER BY {sorted} LIMIT ?5"
        );
        let (after_key, after_name) = after.unzip();
        self.store
            .read(move |c| {
                c.prepare_cached(&statement)?
                    .query_map((group, prefix, after_key, after_name, limit), |row| {
                        Ok(Stream {
                            id: row.get(0)?,
                            name: row.get(1)?,
                            creation_time: row.get(2)?,
                            first_timestamp: row.get(3)?,
                            last_timestamp: row.get(4)?,
                            last_ingestion: row.get(5)?,
                        })
                    })?
                    .collect()
            })
            .await
    }

    /// Shows events of a range to `look` on a blocking thread until it breaks; answers what `look` has gathered.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn scan<T: Send + 'static>(
        &self,
        range: Range,
        mut gathered: T,
        mut look: impl FnMut(&mut T, &StreamNames<'_>, Event) -> rusqlite::Result<ControlFlow<()>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store
            .read(move |c| {
                let (column, key) = match range.source {
                    Source::Group(key) => ("log_group", key),
                    Source::Stream(key) => ("stream", key),
                };
                let way = match range.direction {
                    Direction::Forward => "ASC",
                    Direction::Backward => "DESC",
                };
                let mut query = c.prepare_cached(&format!(
                    "SELECT timestamp, id, stream, message FROM log_events
                     WHERE {column} = ?1 AND (timestamp, id) > (?2, ?3) AND (timestamp, id) < (?4, ?5)
                     ORDER BY timestamp {way}, id {way}"
                ))?;
                let (after, before) = (range.after, range.before);
                let mut rows = query.query((key, after.timestamp, after.id, before.timestamp, before.id))?;
                let names = StreamNames { connection: c };
                while let Some(row) = rows.next()? {
                    let event = Event {
                        position: Position { timestamp: row.get(0)?, id: row.get(1)? },
                        stream: row.get(2)?,
                        message: row.get(3)?,
                    };
                    if look(&mut gathered, &names, event)?.is_break() {
                        break;
                    }
                }
                drop(rows);
                Ok(gathered)
            })
            .await
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.store.free(|c| c.execute_batch("DELETE FROM log_events; DELETE FROM log_streams")).await
    }
}

/// What AWS adds to every event's text when it counts bytes (API reference, PutLogEvents).
pub const EVENT_OVERHEAD: i64 = 26;

/// Names of streams while events are looked through.
pub struct StreamNames<'c> {
    connection: &'c Connection,
}

impl StreamNames<'_> {
    /// The name of a stream.
    ///
    /// # Errors
    /// When the store fails.
    pub fn name(&self, stream: i64) -> rusqlite::Result<String> {
        let mut query = self.connection.prepare_cached("SELECT name FROM log_streams WHERE id = ?1")?;
        Ok(query.query_row([stream], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}

fn stream_id(connection: &Connection, group: i64, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM log_streams WHERE log_group = ?1 AND name = ?2")?
        .query_row((group, name), |row| row.get(0))
        .optional()
}
