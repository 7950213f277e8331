//! What rows name a body.

use super::ObjectStore;
use super::versions::remove;
use rusqlite::{Connection, Row};
use slam_cloud_core::StoreError;

/// A version of an object, or a part of an upload, by what its row says of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The bucket's number.
    pub bucket: i64,
    /// The object's key.
    pub key: String,
    /// The version's id; of a part the number of its upload.
    version: String,
    /// Orders rows of the same key.
    sequence: i64,
    /// The part's number, if it is one.
    pub part: Option<i64>,
    /// How many bytes.
    pub size: u64,
    /// The body's id.
    pub body: String,
}

fn of(row: &Row<'_>) -> rusqlite::Result<Named> {
    Ok(Named {
        bucket: row.get(0)?,
        key: row.get(1)?,
        version: row.get(2)?,
        sequence: row.get(3)?,
        part: row.get(4)?,
        size: row.get::<_, i64>(5)?.unsigned_abs(),
        body: row.get(6)?,
    })
}

impl ObjectStore {
    /// The rows behind one of them, or the first: versions, then parts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn named(&self, after: Option<Named>, limit: usize) -> Result<Vec<Named>, StoreError> {
        self.store
            .read(move |c| {
                let behind = after.as_ref().filter(|after| after.part.is_none());
                let mut found = match &after {
                    Some(Named { part: Some(_), .. }) => Vec::new(),
                    _ => versions(c, behind, limit)?,
                };
                if found.is_empty() {
                    found = parts(c, after.as_ref().filter(|after| after.part.is_some()), limit)?;
                }
                Ok(found)
            })
            .await
    }

    /// Removes a row. Of a version, the one before becomes the latest.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(&self, row: Named) -> Result<(), StoreError> {
        self.store
            .free(move |c| {
                if row.part.is_none() {
                    return remove(c, row.bucket, &row.key, &row.version).map(drop);
                }
                c.execute("DELETE FROM s3_parts WHERE upload = ?1 AND number = ?2", (row.sequence, row.part)).map(drop)
            })
            .await
    }
}

fn versions(c: &Connection, after: Option<&Named>, limit: usize) -> rusqlite::Result<Vec<Named>> {
    let (bucket, key, sequence) =
        after.map_or((i64::MIN, "", 0), |after| (after.bucket, after.key.as_str(), after.sequence));
    let query = "SELECT bucket, key, version, sequence, NULL, size, body FROM s3_versions
                 WHERE marker = 0 AND (bucket, key, sequence) > (?1, ?2, ?3) ORDER BY bucket, key, sequence LIMIT ?4";
    c.prepare_cached(query)?.query_map((bucket, key, sequence, limit), of)?.collect()
}

fn parts(c: &Connection, after: Option<&Named>, limit: usize) -> rusqlite::Result<Vec<Named>> {
    let (upload, number) = after.map_or((i64::MIN, 0), |after| (after.sequence, after.part.unwrap_or_default()));
    let query = "SELECT u.bucket, u.key, u.id, p.upload, p.number, p.size, p.body
                 FROM s3_parts p JOIN s3_uploads u ON u.number = p.upload
                 WHERE (p.upload, p.number) > (?1, ?2) ORDER BY p.upload, p.number LIMIT ?3";
    c.prepare_cached(query)?.query_map((upload, number, limit), of)?.collect()
}
