//! Lists with prefixes and delimiters, in the order of keys' bytes.

use super::versions::version_of;
use super::{ObjectStore, uploads, versions};
use crate::model::object::{Upload, Version};
use rusqlite::{Connection, OptionalExtension};
use slam_cloud_core::StoreError;

/// Rows fetched at once.
const BATCH: i64 = 1001;
/// Greater than every character that a key may go on with.
const LAST: char = char::MAX;

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<T> {
    /// An object, version or upload.
    Item(T),
    /// Keys that are alike up to the delimiter.
    Prefix(String),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// Its lines.
    pub entries: Vec<Entry<T>>,
    /// Whether there is more.
    pub truncated: bool,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The bucket's key.
    pub bucket: i64,
    /// Only keys that begin so.
    pub prefix: String,
    /// Where keys are cut.
    pub delimiter: Option<String>,
    /// Only what comes after this key.
    pub after: Option<String>,
    /// And, within that key, after this version or upload.
    pub after_id: Option<String>,
    /// Whether all that is left of the key is told when the version in `after_id` is gone.
    pub forgiving: bool,
    /// How many lines.
    pub max: usize,
}

/// A place in a list: a key, and a number within the key.
type Place = (String, i64);

impl ObjectStore {
    /// Lists the latest versions that are no delete markers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, start: Start) -> Result<Listing<Version>, StoreError> {
        let query = format!(
            "SELECT {} FROM s3_versions WHERE bucket = ?1 AND latest = 1 AND marker = 0
                 AND key >= ?2 AND (key > ?2 OR ?3 < 0) ORDER BY key LIMIT ?4",
            versions::COLUMNS
        );
        self.store
            .read(move |c| {
                let after = start.after.clone().map(|key| (key, i64::MAX));
                walk(&start, after, |(key, number)| {
                    c.prepare_cached(&query)?
                        .query_map((start.bucket, key, number, BATCH), |row| Ok(((row.get(0)?, 0), version_of(row)?)))?
                        .collect()
                })
            })
            .await
    }

    /// Lists all versions, the newest of a key first. `None` when the version to continue after is unknown, unless
    /// `start` is forgiving.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_versions(&self, start: Start) -> Result<Option<Listing<Version>>, StoreError> {
        let query = format!(
            "SELECT {} FROM s3_versions WHERE bucket = ?1
                 AND key >= ?2 AND (key > ?2 OR -sequence > ?3) ORDER BY key, sequence DESC LIMIT ?4",
            versions::COLUMNS
        );
        self.store
            .read(move |c| {
                let id = "SELECT -sequence FROM s3_versions WHERE bucket = ?1 AND key = ?2 AND version = ?3";
                let whole_key = start.after.clone().filter(|_| start.forgiving).map(|key| Some((key, i64::MIN)));
                let Some(after) = place_of(c, &start, id)?.or(whole_key) else { return Ok(None) };
                walk(&start, after, |(key, number)| {
                    c.prepare_cached(&query)?
                        .query_map((start.bucket, key, number, BATCH), |row| {
                            let version = version_of(row)?;
                            Ok(((version.key.clone(), -version.sequence), version))
                        })?
                        .collect()
                })
                .map(Some)
            })
            .await
    }

    /// Lists uploads, those of a key by their beginning. `None` when the upload to continue after is unknown.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_uploads(&self, start: Start) -> Result<Option<Listing<Upload>>, StoreError> {
        let query = format!(
            "SELECT {} FROM s3_uploads WHERE bucket = ?1
                 AND key >= ?2 AND (key > ?2 OR number > ?3) ORDER BY key, number LIMIT ?4",
            uploads::COLUMNS
        );
        self.store
            .read(move |c| {
                let id = "SELECT number FROM s3_uploads WHERE bucket = ?1 AND key = ?2 AND id = ?3";
                let Some(after) = place_of(c, &start, id)? else { return Ok(None) };
                walk(&start, after, |(key, number)| {
                    c.prepare_cached(&query)?
                        .query_map((start.bucket, key, number, BATCH), |row| {
                            Ok(((row.get(0)?, row.get(1)?), uploads::upload_of(row)?))
                        })?
                        .collect()
                })
                .map(Some)
            })
            .await
    }
}

/// The place to continue after: `None` when the id in it is unknown.
fn place_of(c: &Connection, start: &Start, query: &str) -> rusqlite::Result<Option<Option<Place>>> {
    let Some(key) = &start.after else { return Ok(Some(None)) };
    let Some(id) = &start.after_id else { return Ok(Some(Some((key.clone(), i64::MAX)))) };
    let number = c.prepare_cached(query)?.query_row((start.bucket, key, id), |row| row.get(0)).optional()?;
    Ok(number.map(|number| Some((key.clone(), number))))
}

/// Gathers a page; `rows_after` fetches rows in order after a place.
fn walk<T>(
    start: &Start,
    after: Option<Place>,
    mut rows_after: impl FnMut(&Place) -> rusqlite::Result<Vec<(Place, T)>>,
) -> rusqlite::Result<Listing<T>> {
    let mut entries = Vec::new();
    if start.max == 0 {
        return Ok(Listing { entries, truncated: false });
    }
    let mut place = match after {
        Some(after) if after.0 >= start.prefix => after,
        _ => (start.prefix.clone(), i64::MIN),
    };
    'pages: loop {
        let rows = rows_after(&place)?;
        let last_page = (rows.len() as i64) < BATCH;
        for (at, item) in rows {
            let Some(rest) = at.0.strip_prefix(start.prefix.as_str()) else { break 'pages };
            let delimiter = start.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
            let cut = delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
            let entry = match cut {
                Some(cut) => {
                    let common = format!("{}{}", start.prefix, &rest[..cut]);
                    place = (format!("{common}{LAST}"), i64::MAX);
                    // What was told on the page before is not told again.
                    if start.after.as_ref().is_some_and(|after| common <= *after) {
                        continue 'pages;
                    }
                    Entry::Prefix(common)
                }
                None => {
                    place = at;
                    Entry::Item(item)
                }
            };
            if entries.len() == start.max {
                return Ok(Listing { entries, truncated: true });
            }
            let skip = matches!(entry, Entry::Prefix(_));
            entries.push(entry);
            if skip {
                continue 'pages;
            }
        }
        if last_page {
            break;
        }
    }
    Ok(Listing { entries, truncated: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(start: &Start, keys: &[&str]) -> (Vec<String>, bool) {
        let after = start.after.clone().map(|key| (key, i64::MAX));
        let listing = walk(start, after, |(key, number)| {
            let rows =
                keys.iter().filter(|candidate| **candidate > key.as_str() || (**candidate == key && *number < 0));
            Ok(rows.map(|key| (((*key).to_owned(), 0), (*key).to_owned())).collect())
        })
        .unwrap();
        let line = |entry| match entry {
            Entry::Item(key) => key,
            Entry::Prefix(prefix) => format!("<{prefix}>"),
        };
        (listing.entries.into_iter().map(line).collect(), listing.truncated)
    }

    // Keys and pages: recorded in test_list_objects_marker_common_prefixes.
    #[test]
    fn keys_are_cut_at_the_delimiter() {
        let keys = ["a", "folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"];
        let check = |prefix: &str, delimiter: Option<&str>, after: Option<&str>, max, expected: &[&str], truncated| {
            let start = Start {
                prefix: prefix.into(),
                delimiter: delimiter.map(Into::into),
                after: after.map(Into::into),
                max,
                ..Start::default()
            };
            let expected = expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
            assert_eq!(lines(&start, &keys), (expected, truncated), "{start:?}");
        };
        check("", None, None, 10, &keys, false);
        check("", None, None, 2, &keys[..2], true);
        check("", None, Some("a"), 1, &keys[1..2], true);
        check("", Some("/"), None, 10, &["a", "<folder/>"], false);
        check("folder/", Some("/"), None, 1, &["<folder/aSubfolder/>"], true);
        check("folder/", Some("/"), Some("folder/aSubfolder/"), 1, &["folder/file1"], true);
        check("folder/", Some("/"), Some("folder/aSubfolder/subFile1"), 1, &["folder/file1"], true);
        check("folder/", Some("/"), Some("folder/file1"), 1, &["folder/file2"], false);
        check("nothing", None, None, 10, &[], false);
        check("", None, None, 0, &[], false);
    }
}
