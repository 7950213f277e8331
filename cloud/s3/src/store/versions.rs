//! Versions of objects.

use super::{ObjectStore, unreadable, unwritable};
use crate::error::Fault;
use crate::model::acl::Acl;
use crate::model::bucket::Versioning;
use crate::model::conditions::WriteCondition;
use crate::model::object::{Details, NULL_VERSION, Version, new_version_id};
use crate::model::tags::Tags;
use crate::notify::{Announcer, Subject, Told};
use rusqlite::{Connection, OptionalExtension, Row};
use slam_cloud_core::StoreError;
use std::sync::Arc;

pub(super) const COLUMNS: &str = "key, sequence, version, latest, marker, size, etag, modified, body, details";

pub(super) fn version_of(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        key: row.get(0)?,
        sequence: row.get(1)?,
        version: row.get(2)?,
        latest: row.get(3)?,
        marker: row.get(4)?,
        size: row.get::<_, i64>(5)?.unsigned_abs(),
        etag: row.get(6)?,
        modified: row.get(7)?,
        body: row.get(8)?,
        details: serde_json::from_str(row.get_ref(9)?.as_str()?).map_err(unreadable)?,
    })
}

/// What becomes the latest version.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The object's key.
    pub key: String,
    /// A delete marker rather than an object.
    pub marker: bool,
    /// How many bytes.
    pub size: u64,
    /// The entity tag without quotes.
    pub etag: String,
    /// Milliseconds since 1970.
    pub modified: i64,
    /// The body's id.
    pub body: String,
    /// What is told beside.
    pub details: Details,
}

/// What a write has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Inserted {
    /// The new version's id.
    pub version: String,
    /// The body that belongs to nothing any more.
    pub replaced: Option<String>,
}

/// What a deletion has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deleted {
    /// The id of the version that was deleted, or of the marker that was made.
    pub version: Option<String>,
    /// Whether that is a delete marker.
    pub marker: bool,
    /// The bodies that belong to nothing any more.
    pub bodies: Vec<String>,
}

impl ObjectStore {
    /// A version of an object, or its latest.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn version(&self, bucket: i64, key: String, id: Option<String>) -> Result<Option<Version>, StoreError> {
        self.store.read(move |c| find(c, bucket, &key, id.as_deref())).await
    }

    /// The version that an upload was completed to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn completed(&self, bucket: i64, key: String, upload: String) -> Result<Option<Version>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM s3_versions
             WHERE bucket = ?1 AND key = ?2 AND marker = 0 AND json_extract(details, '$.upload') = ?3
             ORDER BY sequence DESC LIMIT 1"
        );
        self.store
            .read(move |c| c.prepare_cached(&query)?.query_row((bucket, key, upload), version_of).optional())
            .await
    }

    /// Makes a version the latest, unless the condition does not hold.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert(
        &self,
        bucket: i64,
        versioning: Versioning,
        new: NewVersion,
        condition: WriteCondition,
        announcer: Option<Announcer>,
    ) -> Result<Result<Inserted, Fault>, StoreError> {
        self.told(false, move |c| {
            let inserted = insert(c, bucket, versioning, &new, &condition)?;
            let told = created(c, announcer.as_ref(), versioning, &new, inserted.as_ref().ok())?;
            Ok((inserted, told))
        })
        .await
    }

    /// Deletes an object, or one version of it.
    ///
    /// # Errors
    /// When the store fails.
    #[expect(clippy::too_many_arguments, reason = "each says something of what is deleted")]
    pub async fn delete(
        &self,
        bucket: i64,
        versioning: Versioning,
        key: String,
        id: Option<String>,
        condition: WriteCondition,
        now: i64,
        announcer: Option<Announcer>,
    ) -> Result<Result<Deleted, Fault>, StoreError> {
        self.told(true, move |c| {
            let is_marker = id.is_none() && versioning != Versioning::Never;
            let deleted = match delete(c, bucket, versioning, &key, id, &condition, now)? {
                Ok(deleted) => deleted,
                Err(fault) => return Ok((Err(fault), Told::default())),
            };
            let subject = Subject {
                key: &key,
                version: deleted.version.as_deref().filter(|_| versioning != Versioning::Never),
                removal: Some(if is_marker { "DeleteMarkerCreated" } else { "Delete" }),
                ..Subject::default()
            };
            let told = announcer.map(|announcer| announcer.tell(c, &subject)).transpose()?.unwrap_or_default();
            Ok((Ok(deleted), told))
        })
        .await
    }

    /// Runs a job that says whom it tells, and has them told when it is committed, whether or not anybody still waits for it.
    pub(super) async fn told<T: Send + 'static>(
        &self,
        frees: bool,
        job: impl FnOnce(&Connection) -> rusqlite::Result<(T, Told)> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        let done = tokio::spawn(async move {
            let (result, told) = if frees { store.free(job).await } else { store.write(job).await }?;
            told.committed();
            Ok(result)
        });
        done.await.map_err(|error| StoreError::Database(error.to_string()))?
    }

    /// Replaces the tags of a version.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_tags(
        &self,
        bucket: i64,
        version: Version,
        tags: Tags,
        announcer: Option<Announcer>,
    ) -> Result<(), StoreError> {
        self.change(bucket, version, |details| details.tags = tags, announcer).await
    }

    /// Replaces the ACL of a version.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_acl(
        &self,
        bucket: i64,
        version: Version,
        acl: Acl,
        announcer: Option<Announcer>,
    ) -> Result<(), StoreError> {
        self.change(bucket, version, |details| details.acl = Some(acl), announcer).await
    }

    async fn change(
        &self,
        bucket: i64,
        version: Version,
        change: impl FnOnce(&mut Details) + Send + 'static,
        announcer: Option<Announcer>,
    ) -> Result<(), StoreError> {
        self.told(false, move |c| {
            let found = find(c, bucket, &version.key, Some(&version.version))?;
            let Some(mut current) = found else { return Ok(((), Told::default())) };
            change(&mut current.details);
            let details = serde_json::to_string(&current.details).map_err(unwritable)?;
            c.prepare_cached("UPDATE s3_versions SET details = ?4 WHERE bucket = ?1 AND key = ?2 AND sequence = ?3")?
                .execute((bucket, &version.key, current.sequence, details))?;
            let subject = Subject {
                key: &current.key,
                size: Some(current.size),
                etag: Some(&current.etag),
                version: Some(&*current.version).filter(|version| *version != NULL_VERSION),
                removal: None,
            };
            let told = announcer.map(|announcer| announcer.tell(c, &subject)).transpose()?.unwrap_or_default();
            Ok(((), told))
        })
        .await
    }

    /// Whether a bucket holds a version or marker, and whether an object is visible among them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn occupied(&self, bucket: i64) -> Result<(bool, bool), StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM s3_versions WHERE bucket = ?1),
                            EXISTS (SELECT 1 FROM s3_versions WHERE bucket = ?1 AND latest = 1 AND marker = 0)";
        self.store
            .read(move |c| c.prepare_cached(query)?.query_row([bucket], |row| Ok((row.get(0)?, row.get(1)?))))
            .await
    }
}

/// Tells of a version that is there.
pub(super) fn created(
    c: &Connection,
    announcer: Option<&Announcer>,
    versioning: Versioning,
    new: &NewVersion,
    inserted: Option<&Inserted>,
) -> rusqlite::Result<Told> {
    let (Some(announcer), Some(inserted)) = (announcer, inserted) else { return Ok(Told::default()) };
    let subject = Subject {
        key: &new.key,
        size: Some(new.size),
        etag: Some(&new.etag),
        version: Some(&*inserted.version).filter(|_| versioning != Versioning::Never),
        removal: None,
    };
    announcer.tell(c, &subject)
}

fn delete(
    c: &Connection,
    bucket: i64,
    versioning: Versioning,
    key: &str,
    id: Option<String>,
    condition: &WriteCondition,
    now: i64,
) -> rusqlite::Result<Result<Deleted, Fault>> {
    if let Err(fault) = check(c, bucket, key, condition)? {
        return Ok(Err(fault));
    }
    note_deletion(c, bucket, key, now)?;
    match (id, versioning) {
        (Some(id), _) => remove(c, bucket, key, &id).map(Ok),
        (None, Versioning::Never) => {
            let removed = remove(c, bucket, key, NULL_VERSION)?;
            Ok(Ok(Deleted { bodies: removed.bodies, ..Deleted::default() }))
        }
        (None, _) => {
            let marker = NewVersion {
                key: key.to_owned(),
                marker: true,
                size: 0,
                etag: String::new(),
                modified: now,
                body: String::new(),
                details: Details::default(),
            };
            let inserted = insert(c, bucket, versioning, &marker, &WriteCondition::None)?;
            Ok(inserted.map(|inserted| Deleted {
                version: Some(inserted.version),
                marker: true,
                bodies: inserted.replaced.into_iter().collect(),
            }))
        }
    }
}

/// Notes that something of a key was deleted, as long as an upload for it goes on: nothing else remembers it.
fn note_deletion(c: &Connection, bucket: i64, key: &str, now: i64) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT OR REPLACE INTO s3_deletions
         SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM s3_uploads WHERE bucket = ?1 AND key = ?2)",
    )?
    .execute((bucket, key, now))?;
    Ok(())
}

fn find(c: &Connection, bucket: i64, key: &str, id: Option<&str>) -> rusqlite::Result<Option<Version>> {
    match id {
        Some(id) => c
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND version = ?3"
            ))?
            .query_row((bucket, key, id), version_of),
        None => c
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND latest = 1"
            ))?
            .query_row((bucket, key), version_of),
    }
    .optional()
}

pub(super) fn check(
    c: &Connection,
    bucket: i64,
    key: &str,
    condition: &WriteCondition,
) -> rusqlite::Result<Result<(), Fault>> {
    if *condition == WriteCondition::None {
        return Ok(Ok(()));
    }
    let latest = find(c, bucket, key, None)?.filter(|version| !version.marker);
    Ok(condition.check(key, latest.as_ref().map(|version| version.etag.as_str())))
}

pub(super) fn insert(
    c: &Connection,
    bucket: i64,
    versioning: Versioning,
    new: &NewVersion,
    condition: &WriteCondition,
) -> rusqlite::Result<Result<Inserted, Fault>> {
    if let Err(fault) = check(c, bucket, &new.key, condition)? {
        return Ok(Err(fault));
    }
    let sequence: i64 = c
        .prepare_cached("SELECT coalesce(max(sequence), 0) + 1 FROM s3_versions WHERE bucket = ?1 AND key = ?2")?
        .query_row((bucket, &new.key), |row| row.get(0))?;
    let mut inserted = Inserted { version: NULL_VERSION.to_owned(), replaced: None };
    if versioning == Versioning::Enabled {
        inserted.version = new_version_id();
    } else {
        inserted.replaced = c
            .prepare_cached(
                "DELETE FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND version = 'null' RETURNING body",
            )?
            .query_row((bucket, &new.key), |row| row.get::<_, String>(0))
            .optional()?
            .filter(|body| !body.is_empty());
    }
    c.prepare_cached("UPDATE s3_versions SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND latest = 1")?
        .execute((bucket, &new.key))?;
    let details = serde_json::to_string(&new.details).map_err(unwritable)?;
    c.prepare_cached(
        "INSERT INTO s3_versions (bucket, key, sequence, version, latest, marker, size, etag, modified, body, details)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        bucket,
        &new.key,
        sequence,
        &inserted.version,
        new.marker,
        i64::try_from(new.size).unwrap_or(i64::MAX),
        &new.etag,
        new.modified,
        &new.body,
        details,
    ))?;
    Ok(Ok(inserted))
}

/// Removes a version for good; the one before it becomes the latest.
pub(super) fn remove(c: &Connection, bucket: i64, key: &str, id: &str) -> rusqlite::Result<Deleted> {
    let removed = c
        .prepare_cached(
            "DELETE FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND version = ?3 RETURNING marker, body, latest",
        )?
        .query_row((bucket, key, id), |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let mut deleted = Deleted { version: Some(id.to_owned()), ..Deleted::default() };
    if let Some((marker, body, latest)) = removed {
        if latest {
            c.prepare_cached(
                "UPDATE s3_versions SET latest = 1 WHERE bucket = ?1 AND key = ?2 AND sequence =
                     (SELECT max(sequence) FROM s3_versions WHERE bucket = ?1 AND key = ?2)",
            )?
            .execute((bucket, key))?;
        }
        deleted.marker = marker;
        deleted.bodies.extend(Some(body).filter(|body| !body.is_empty()));
    }
    Ok(deleted)
}
