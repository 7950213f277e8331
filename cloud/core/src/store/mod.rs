//! Durable state: one SQLite file in WAL mode, one writer with group commit.
//!
//! A write is acknowledged after its transaction is committed, so it survives `kill -9` at any moment. With
//! [`Durability::Fsync`] it survives power loss too. The writer thread takes all the jobs that wait, runs each in a
//! savepoint of its own and commits them together: a job that fails takes nothing else with it.
//!
//! [`pages`] gives free pages back to the disk, and [`room`] keeps room for deletions on a full disk. [`salvage`] tells whether a file is whole and saves what can be read of one that is not.

mod pages;
mod room;
pub mod salvage;

use crate::durability::Durability;
use room::Room;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// The format of what is stored, which SQLite's `user_version` keeps. A version of slam opens every format up to its own:
/// - 1: the number was not kept yet (0 in the file), and services named their collections each in its own way.
/// - 2: collections are named `service.things`.
const FORMAT: u32 = 2;

/// Why the store could not do its work.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the store failed: {0}")]
    Database(String),
    /// The file is no whole database.
    #[error(
        "the store is damaged ({0}); stop the cloud, and `slam cloud check` tells what is affected, \
         `slam cloud check --repair` saves what can be read"
    )]
    Damaged(String),
    /// There is no room to write.
    #[error("the disk is full: nothing of this write was kept; free some space, and do it again")]
    Full,
    /// A later version of slam has written it.
    #[error(
        "{file} has the format {format}, and this version of slam reads formats up to {FORMAT}: \
         use the version that wrote it, or a later one"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its format.
        format: u32,
    },
    /// The writer has ended.
    #[error("the store is closed")]
    Closed,
    /// A stored document does not have the form this version expects.
    #[error("{id} in {collection} cannot be read ({reason}); `slam cloud check` says what can be done")]
    Document {
        /// The collection.
        collection: String,
        /// The document's id.
        id: String,
        /// Why.
        reason: String,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Database(error.to_string()),
        }
    }
}

/// What waits for the writer.
struct Job {
    /// Whether it frees room on the disk, so that it is done on a full one, too.
    frees: bool,
    run: Run,
}

/// Whether there is no database in a file: SQLite makes a new one of a file that is missing or empty.
pub fn is_absent(file: &Path) -> bool {
    std::fs::metadata(file).map_or(true, |file| file.len() == 0)
}

/// Runs in the writer's transaction, unless that is refused; answers what to tell the waiting caller once the commit is known.
type Run = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Acknowledge + Send>;
type Acknowledge = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Jobs that may wait for the writer before callers wait for a place.
const QUEUE: usize = 1024;
/// Jobs in one transaction, so that the first of them does not wait for ever.
const GROUP: usize = 256;
/// Statements that a connection keeps prepared: more than all services have.
const STATEMENTS: usize = 256;
/// Idle connections for readers that are kept open.
const READERS: usize = 8;

/// The handle of a store. Cheap to share in an `Arc`.
pub struct Store {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Mutex<Vec<Connection>>>,
    path: std::path::PathBuf,
    durability: Durability,
    id: String,
}

impl Store {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// When SQLite cannot open it or it is not a database.
    pub fn open(path: &Path, durability: Durability) -> Result<Arc<Self>, StoreError> {
        let connection = connect(path, durability)?;
        let format = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if format > FORMAT {
            return Err(StoreError::Newer { file: path.display().to_string(), format });
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS documents (
                 collection TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
                 body TEXT NOT NULL,
                 PRIMARY KEY (collection, account, region, id)
             ) WITHOUT ROWID;",
        )?;
        // Earlier formats are taken over where they are read: see `Collection::renamed`.
        connection.pragma_update(None, "user_version", FORMAT)?;
        let id = identify(&connection)?;
        // Where that cannot be done, on a full disk, the next start does it.
        let _ = pages::track(&connection);
        let (jobs, queue) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn({
                let room = Room::of(path);
                move || write_until_closed(connection, queue, room)
            })
            .map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Arc::new(Self { jobs, readers: Arc::default(), path: path.to_owned(), durability, id }))
    }

    /// Its id, which it was given when it was made: no other has it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What an acknowledged write survives: the same for what a service keeps beside the store.
    pub fn durability(&self) -> Durability {
        self.durability
    }

    /// Runs `job` in a transaction and returns when it is committed.
    ///
    /// # Errors
    /// What the job or the commit failed with; nothing of the job remains then.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.write_as(false, job).await
    }

    /// The same for what frees room: it is done on a full disk, too.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn free<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.write_as(true, job).await
    }

    async fn write_as<T, F>(&self, frees: bool, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        let run: Run = Box::new(move |connection| {
            let result = connection.and_then(|connection| in_savepoint(connection, job));
            Box::new(move |committed: Result<(), StoreError>| {
                // The caller may have gone; the write stands all the same.
                let _ = answer.send(committed.and(result));
            })
        });
        self.jobs.send(Job { frees, run }).await.map_err(|_| StoreError::Closed)?;
        waiting.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs a query on a blocking thread.
    ///
    /// # Errors
    /// What the query failed with.
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = idle.map_or_else(|| connect(&path, Durability::Process), Ok)?;
            let result = query(&connection)?;
            let mut idle = readers.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < READERS {
                idle.push(connection);
            }
            Ok(result)
        })
        .await
        .map_err(|error| StoreError::Database(error.to_string()))?
    }

    /// Runs a query at once, on this thread: for start-up, before any request is served.
    ///
    /// # Errors
    /// What the query failed with.
    pub fn read_now<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        Ok(query(&connect(&self.path, Durability::Process)?)?)
    }

    /// Writes SQLite's log back into the file, so that the file alone is everything: for the end of the process.
    ///
    /// # Errors
    /// When the file cannot be written; the log has everything then.
    pub fn settle(&self) -> Result<(), StoreError> {
        let connection = connect(&self.path, self.durability)?;
        Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Creates a service's own tables at start-up: `CREATE TABLE IF NOT EXISTS …`.
    ///
    /// # Errors
    /// When a statement is refused.
    pub fn migrate(&self, statements: &str) -> Result<(), StoreError> {
        Ok(connect(&self.path, Durability::Process)?.execute_batch(statements)?)
    }
}

fn connect(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Process => "NORMAL",
        Durability::Fsync => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// The store's id, which a new store is given. It survives power loss, whatever else does: others note it down.
fn identify(connection: &Connection) -> Result<String, StoreError> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL)")?;
    let read = || connection.query_row("SELECT id FROM identity", [], |row| row.get(0)).optional();
    if let Some(id) = read()? {
        return Ok(id);
    }
    let id = crate::id::request_id();
    connection.execute("INSERT INTO identity VALUES (?1)", [&id])?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(id)
}

fn in_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(connection)));
    match result {
        Ok(Ok(value)) => {
            connection.prepare_cached("RELEASE job")?.execute([])?;
            Ok(value)
        }
        failed => {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            match failed {
                Ok(Err(error)) => Err(error.into()),
                _ => Err(StoreError::Database("a write panicked".into())),
            }
        }
    }
}

fn write_until_closed(connection: Connection, mut queue: mpsc::Receiver<Job>, mut room: Room) {
    // Whether pages may be free that were not given back yet.
    let mut owes = false;
    while let Some(first) = queue.blocking_recv() {
        let is_short = room.is_short();
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
        let mut acknowledgements = Vec::new();
        let mut next = Some(first);
        while let Some(Job { frees, run }) = next.take() {
            owes |= frees;
            let allowed = if is_short && !frees { Err(StoreError::Full) } else { begun.clone().map(|()| &connection) };
            acknowledgements.push(run(allowed));
            if acknowledgements.len() < GROUP {
                next = queue.try_recv().ok();
            }
        }
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT").map_err(StoreError::from));
        if committed.is_err() && !connection.is_autocommit() {
            // Nothing of this group may reach the next one.
            let _ = connection.execute_batch("ROLLBACK");
        }
        if matches!(committed, Err(StoreError::Full)) {
            room.give_up();
        }
        for acknowledge in acknowledgements {
            acknowledge(committed.clone());
        }
        // Nobody waits for that, so it is done while nobody waits.
        while owes && queue.is_empty() {
            owes = pages::give_back(&connection).unwrap_or(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store, and the folder that it is in, which lasts as long as this.
    fn store() -> (Arc<Store>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap(), folder)
    }

    #[tokio::test]
    async fn a_write_is_read_back_by_another_connection() {
        let (store, _folder) = store();
        store.migrate("CREATE TABLE t (a INTEGER)").unwrap();
        store.write(|c| c.execute("INSERT INTO t VALUES (7)", [])).await.unwrap();
        let read = store.read(|c| c.query_row("SELECT a FROM t", [], |row| row.get::<_, i64>(0))).await.unwrap();
        assert_eq!(read, 7);
    }

    #[tokio::test]
    async fn what_is_deleted_is_given_back() {
        let (store, folder) = store();
        let path = folder.path().join("slam.db");
        store.migrate("CREATE TABLE t (a BLOB)").unwrap();
        let size = || std::fs::metadata(&path).unwrap().len();
        for _ in 0..8 {
            store.write(|c| c.execute("INSERT INTO t VALUES (zeroblob(4000000))", [])).await.unwrap();
        }
        store.settle().unwrap();
        assert!(size() > 32_000_000);
        store.free(|c| c.execute("DELETE FROM t", [])).await.unwrap();
        // It is given back after the deletion is acknowledged, a step at a time.
        for _ in 0..1000 {
            let _ = store.settle();
            if size() < 6_000_000 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(size() < 6_000_000, "{}", size());
    }

    #[tokio::test]
    async fn a_settled_store_is_one_file() {
        let (store, folder) = store();
        let path = folder.path().join("slam.db");
        store.migrate("CREATE TABLE t (a INTEGER)").unwrap();
        store.write(|c| c.execute("INSERT INTO t VALUES (7)", [])).await.unwrap();
        store.settle().unwrap();
        let copy = path.with_extension("copy");
        std::fs::copy(&path, &copy).unwrap();
        let copied = Store::open(&copy, Durability::Process).unwrap();
        let read = copied.read(|c| c.query_row("SELECT a FROM t", [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(read.unwrap(), 7);
        std::fs::remove_file(copy).unwrap();
    }

    #[test]
    fn a_store_keeps_its_id() {
        let (store, folder) = store();
        let path = folder.path().join("slam.db");
        let (other, _other_folder) = self::store();
        assert_ne!(store.id(), other.id());
        assert_eq!(Store::open(&path, Durability::Fsync).unwrap().id(), store.id());
    }

    #[test]
    fn what_a_later_version_wrote_is_left_alone() {
        let (store, folder) = store();
        let path = folder.path().join("slam.db");
        store.migrate("PRAGMA user_version = 99").unwrap();
        drop(store);
        assert!(matches!(Store::open(&path, Durability::Process), Err(StoreError::Newer { format: 99, .. })));
    }

    #[tokio::test]
    async fn a_failing_job_leaves_nothing_and_harms_no_other() {
        let (store, _folder) = store();
        store.migrate("CREATE TABLE t (a INTEGER)").unwrap();
        let good = store.write(|c| c.execute("INSERT INTO t VALUES (1)", []));
        let bad = store.write(|c| {
            c.execute("INSERT INTO t VALUES (2)", [])?;
            c.execute("INSERT INTO nowhere VALUES (3)", [])
        });
        let panics = store.write(|_| -> rusqlite::Result<()> { panic!("a bug") });
        let (good, bad, panics) = tokio::join!(good, bad, panics);
        assert!(good.is_ok() && bad.is_err() && panics.is_err());
        let count = store.read(|c| c.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(count.unwrap(), 1);
    }
}
