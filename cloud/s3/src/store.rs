//! Versions of objects, uploads and their parts in SQLite.

mod listing;
mod named;
mod uploads;
mod versions;

pub use listing::{Entry, Listing, Start};
pub use named::Named;
pub use versions::{Deleted, Inserted, NewVersion};

use slam_cloud_core::{Store, StoreError};
use std::sync::Arc;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS s3_versions (
        bucket INTEGER NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL, version TEXT NOT NULL,
        latest INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
        modified INTEGER NOT NULL, body TEXT NOT NULL, details TEXT NOT NULL,
        PRIMARY KEY (bucket, key, sequence DESC)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_by_id ON s3_versions (bucket, key, version);
    CREATE UNIQUE INDEX IF NOT EXISTS s3_latest_versions ON s3_versions (bucket, key) WHERE latest = 1;
    CREATE INDEX IF NOT EXISTS s3_bodies ON s3_versions (body) WHERE marker = 0;
    CREATE TABLE IF NOT EXISTS s3_uploads (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, bucket INTEGER NOT NULL, key TEXT NOT NULL,
        initiated INTEGER NOT NULL, initiator TEXT NOT NULL, details TEXT NOT NULL, checksum TEXT
    );
    CREATE INDEX IF NOT EXISTS s3_uploads_by_key ON s3_uploads (bucket, key, number);
    CREATE TABLE IF NOT EXISTS s3_parts (
        upload INTEGER NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
        modified INTEGER NOT NULL, body TEXT NOT NULL, checksum TEXT,
        PRIMARY KEY (upload, number)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS s3_part_bodies ON s3_parts (body);
    CREATE TABLE IF NOT EXISTS s3_deletions (
        bucket INTEGER NOT NULL, key TEXT NOT NULL, deleted INTEGER NOT NULL, PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID;";

/// The tables.
pub struct ObjectStore {
    store: Arc<Store>,
}

impl ObjectStore {
    /// Opens or creates the tables.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        store.migrate(TABLES)?;
        Ok(Self { store: Arc::clone(store) })
    }

    /// Whether a body belongs to a version or part.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_body(&self, body: String) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM s3_versions WHERE body = ?1 AND marker = 0)
                         OR EXISTS (SELECT 1 FROM s3_parts WHERE body = ?1)";
        self.store.read(move |c| c.prepare_cached(query)?.query_row([body], |row| row.get(0))).await
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let statements =
            "DELETE FROM s3_versions; DELETE FROM s3_parts; DELETE FROM s3_uploads; DELETE FROM s3_deletions";
        self.store.free(move |c| c.execute_batch(statements)).await
    }
}

/// A JSON column that cannot be read.
fn unreadable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

/// A JSON column that cannot be written.
fn unwritable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
