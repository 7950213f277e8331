//! Uploads in parts.

use super::versions::{NewVersion, check, created, insert};
use super::{Inserted, ObjectStore, unreadable, unwritable};
use crate::error::Fault;
use crate::model::bucket::Versioning;
use crate::model::conditions::WriteCondition;
use crate::model::object::{Part, Upload};
use crate::notify::{Announcer, Told};
use rusqlite::{Connection, OptionalExtension, Row};
use slam_cloud_core::StoreError;

pub(super) const COLUMNS: &str = "key, number, id, initiated, initiator, details, checksum";

pub(super) fn upload_of(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let checksum = row.get::<_, Option<String>>(6)?;
    Ok(Upload {
        key: row.get(0)?,
        id: row.get(2)?,
        initiated: row.get(3)?,
        initiator: row.get(4)?,
        details: serde_json::from_str(row.get_ref(5)?.as_str()?).map_err(unreadable)?,
        checksum: checksum.map(|text| serde_json::from_str(&text)).transpose().map_err(unreadable)?,
    })
}

/// What a completion has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Completed {
    /// The new version.
    pub inserted: Inserted,
    /// The bodies of parts, which belong to nothing any more.
    pub parts: Vec<String>,
}

impl ObjectStore {
    /// Begins an upload.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_upload(&self, bucket: i64, upload: Upload) -> Result<(), StoreError> {
        self.store
            .write(move |c| {
                let details = serde_json::to_string(&upload.details).map_err(unwritable)?;
                let checksum = upload.checksum.map(|checksum| serde_json::to_string(&checksum));
                let checksum = checksum.transpose().map_err(unwritable)?;
                c.prepare_cached(
                    "INSERT INTO s3_uploads (id, bucket, key, initiated, initiator, details, checksum)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((
                    upload.id,
                    bucket,
                    upload.key,
                    upload.initiated,
                    upload.initiator,
                    details,
                    checksum,
                ))?;
                Ok(())
            })
            .await
    }

    /// An upload of that id for that key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upload(&self, bucket: i64, key: String, id: String) -> Result<Option<Upload>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM s3_uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3");
        self.store.read(move |c| c.prepare_cached(&query)?.query_row((id, bucket, key), upload_of).optional()).await
    }

    /// Adds or replaces a part; `None` when the upload is gone, else the body that was replaced.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_part(&self, upload: String, part: Part) -> Result<Option<Option<String>>, StoreError> {
        self.store
            .write(move |c| {
                let Some(upload) = number_of(c, &upload)? else { return Ok(None) };
                let replaced = c
                    .prepare_cached("SELECT body FROM s3_parts WHERE upload = ?1 AND number = ?2")?
                    .query_row((upload, part.number), |row| row.get(0))
                    .optional()?;
                c.prepare_cached("INSERT OR REPLACE INTO s3_parts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute((
                    upload,
                    part.number,
                    i64::try_from(part.size).unwrap_or(i64::MAX),
                    part.etag,
                    part.modified,
                    part.body,
                    part.checksum,
                ))?;
                Ok(Some(replaced))
            })
            .await
    }

    /// The parts of an upload after a number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn parts(&self, upload: String, after: i32, limit: usize) -> Result<Vec<Part>, StoreError> {
        self.store
            .read(move |c| {
                let Some(upload) = number_of(c, &upload)? else { return Ok(Vec::new()) };
                c.prepare_cached(
                    "SELECT number, size, etag, modified, body, checksum FROM s3_parts
                     WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
                )?
                .query_map((upload, after, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
                    Ok(Part {
                        number: row.get(0)?,
                        size: row.get::<_, i64>(1)?.unsigned_abs(),
                        etag: row.get(2)?,
                        modified: row.get(3)?,
                        body: row.get(4)?,
                        checksum: row.get(5)?,
                    })
                })?
                .collect()
            })
            .await
    }

    /// Makes an upload an object: its version appears and the upload disappears in one step. `None` when the upload
    /// is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn complete(
        &self,
        bucket: i64,
        versioning: Versioning,
        upload: String,
        new: NewVersion,
        condition: WriteCondition,
        announcer: Option<Announcer>,
    ) -> Result<Option<Result<Completed, Fault>>, StoreError> {
        self.told(false, move |c| {
            let nothing = Told::default();
            let Some(number) = number_of(c, &upload)? else { return Ok((None, nothing)) };
            if let Err(fault) = check_untouched(c, bucket, number, &new.key, &condition)? {
                return Ok((Some(Err(fault)), nothing));
            }
            let inserted = match insert(c, bucket, versioning, &new, &condition)? {
                Ok(inserted) => inserted,
                Err(fault) => return Ok((Some(Err(fault)), nothing)),
            };
            let told = created(c, announcer.as_ref(), versioning, &new, Some(&inserted))?;
            Ok((Some(Ok(Completed { inserted, parts: forget(c, number)? })), told))
        })
        .await
    }

    /// Ends an upload; `None` when there is none, else the bodies of its parts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn abort(&self, upload: String) -> Result<Option<Vec<String>>, StoreError> {
        self.store.free(move |c| number_of(c, &upload)?.map(|number| forget(c, number)).transpose()).await
    }

    /// Ends all uploads of a bucket and answers the bodies of their parts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn abort_all(&self, bucket: i64) -> Result<Vec<String>, StoreError> {
        self.store
            .free(move |c| {
                let numbers = c
                    .prepare_cached("SELECT number FROM s3_uploads WHERE bucket = ?1")?
                    .query_map([bucket], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<i64>>>()?;
                let bodies = numbers.into_iter().map(|number| forget(c, number));
                Ok(bodies.collect::<rusqlite::Result<Vec<_>>>()?.concat())
            })
            .await
    }
}

pub(super) fn number_of(c: &Connection, upload: &str) -> rusqlite::Result<Option<i64>> {
    c.prepare_cached("SELECT number FROM s3_uploads WHERE id = ?1")?.query_row([upload], |row| row.get(0)).optional()
}

/// Whether nothing was written or deleted under the key since the upload began, which conditions ask for beside what they
/// say (recorded: test_multipart_if_match_with_put, test_multipart_if_none_match_with_delete). What they say comes first.
fn check_untouched(
    c: &Connection,
    bucket: i64,
    upload: i64,
    key: &str,
    condition: &WriteCondition,
) -> rusqlite::Result<Result<(), Fault>> {
    let name = match condition {
        WriteCondition::None => return Ok(Ok(())),
        WriteCondition::Absent => "If-None-Match",
        WriteCondition::Is(_) => "If-Match",
    };
    let held = check(c, bucket, key, condition)?;
    let touched: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND latest = 1 AND modified >
                 (SELECT initiated FROM s3_uploads WHERE number = ?3))
             OR EXISTS (SELECT 1 FROM s3_deletions WHERE bucket = ?1 AND key = ?2 AND deleted >
                 (SELECT initiated FROM s3_uploads WHERE number = ?3))",
        )?
        .query_row((bucket, key, upload), |row| row.get(0))?;
    Ok(held.and_then(|()| if touched { Err(Fault::conditional_conflict(name, key)) } else { Ok(()) }))
}

fn forget(c: &Connection, number: i64) -> rusqlite::Result<Vec<String>> {
    let key: Option<(i64, String)> = c
        .prepare_cached("DELETE FROM s3_uploads WHERE number = ?1 RETURNING bucket, key")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some(key) = key {
        c.prepare_cached(
            "DELETE FROM s3_deletions WHERE bucket = ?1 AND key = ?2
                 AND NOT EXISTS (SELECT 1 FROM s3_uploads WHERE bucket = ?1 AND key = ?2)",
        )?
        .execute(key)?;
    }
    let mut delete = c.prepare_cached("DELETE FROM s3_parts WHERE upload = ?1 RETURNING body")?;
    delete.query_map([number], |row| row.get(0))?.collect()
}
