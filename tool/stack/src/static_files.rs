//! The files that an API serves from the bucket of the packages.
//!
//! Each version of them lies under a prefix of its own, and what is in it is written down beside it once all of it is
//! there. So a version is sent once, what broke off is sent again, and what has not changed since the version before is
//! copied within S3.

use crate::error::{StackError, while_doing};
use crate::progress::{Event, Parcel};
use crate::{Session, bucket};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use slam_aws::s3::primitives::ByteStream;
use slam_aws::s3::types::MetadataDirective;
use slam_project::Project;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many files are on their way at a time. Each is in memory then, and has 10 MB at most.
const AT_ONCE: usize = 8;

/// A version of the files.
#[derive(Clone, Debug)]
pub struct StaticFiles {
    /// Its name: a hash of all that follows.
    pub version: String,
    /// The files.
    pub files: Vec<StaticFile>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct StaticFile {
    /// Its name in the folder, with `/`.
    pub name: String,
    /// Where it is on this machine.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// What it is, and what is told of it.
    pub entry: Entry,
}

/// What is known of a file without having it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The hash of its content, in hexadecimal.
    pub sha256: String,
    /// `text/css; charset=utf-8`
    pub content_type: String,
    /// `public, max-age=60`
    pub cache_control: String,
}

/// What is under a prefix, by the names of the files.
type Listing = BTreeMap<String, Entry>;

fn listing_key(place: &str, version: &str) -> String {
    format!("{place}/{version}.json")
}

/// What must stay in the bucket for a version: a prefix and a key.
pub(crate) fn kept(project: &Project, version: &str) -> [String; 2] {
    let place = slam_template::static_prefix(project);
    [format!("{place}/{version}/"), listing_key(&place, version)]
}

/// Sends a version, unless it is there. `previous` is the one that is deployed.
pub(crate) async fn upload(
    session: &Session<'_>,
    project: &Project,
    bucket: &str,
    files: &StaticFiles,
    previous: Option<&str>,
) -> Result<(), StackError> {
    let place = slam_template::static_prefix(project);
    let key = listing_key(&place, &files.version);
    if bucket::has(session, bucket, &key).await? {
        return Ok(());
    }
    let before = match previous {
        Some(version) => listing(session, bucket, &listing_key(&place, version)).await?,
        None => Listing::new(),
    };
    let total = files.files.iter().map(|file| file.size).sum();
    session.progress.event(&Event::Upload { what: Parcel::StaticFiles, sent: 0, total });
    let sending = files.files.iter().map(|file| {
        let there = before.get(&file.name).is_some_and(|entry| entry.sha256 == file.entry.sha256);
        let source = previous.filter(|_| there).map(|version| format!("{place}/{version}/{}", file.name));
        let key = format!("{place}/{}/{}", files.version, file.name);
        async move {
            match source {
                Some(source) => copy(session, bucket, &source, &key, file).await?,
                None => send(session, bucket, &key, file).await?,
            }
            Ok::<u64, StackError>(file.size)
        }
    });
    let mut sent = 0;
    let mut sending = stream::iter(sending).buffer_unordered(AT_ONCE);
    while let Some(size) = sending.try_next().await? {
        sent += size;
        session.progress.event(&Event::Upload { what: Parcel::StaticFiles, sent, total });
    }
    let entries: BTreeMap<&str, &Entry> = files.files.iter().map(|file| (&*file.name, &file.entry)).collect();
    bucket::put_text(session, bucket, &key, &serde_json::json!(entries).to_string()).await
}

/// Fetches a version into a folder, from where it can go to a bucket of another account or cloud.
///
/// # Errors
/// When the version is gone, is not what its listing says, or cannot be written.
pub(crate) async fn fetch(
    session: &Session<'_>,
    bucket: &str,
    version: &str,
    folder: &Path,
) -> Result<StaticFiles, StackError> {
    let place = slam_template::static_prefix(session.project);
    let key = listing_key(&place, version);
    let listing = listing(session, bucket, &key).await?;
    if listing.is_empty() {
        return Err(StackError::Package { key, why: "it is not there".to_owned() });
    }
    // Their names are those of somebody else's disk, so here they have numbers.
    let fetching = listing.into_iter().enumerate().map(|(number, (name, entry))| {
        let (key, path) = (format!("{place}/{version}/{name}"), folder.join(number.to_string()));
        async move {
            let size = receive(session, bucket, &key, &entry, &path).await?;
            Ok::<StaticFile, StackError>(StaticFile { name, path, size, entry })
        }
    });
    let files = stream::iter(fetching).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(StaticFiles { version: version.to_owned(), files })
}

async fn receive(
    session: &Session<'_>,
    bucket: &str,
    key: &str,
    entry: &Entry,
    path: &Path,
) -> Result<u64, StackError> {
    let object = session.clients.s3.get_object().bucket(bucket).key(key).send();
    let object = object.await.map_err(while_doing!("fetching a static file"))?;
    let wrong = |why: String| StackError::Package { key: key.to_owned(), why };
    let body = object.body.collect().await.map_err(|error| wrong(format!("it does not arrive whole: {error}")))?;
    let body = body.into_bytes();
    let found = hex::encode(Sha256::digest(&body));
    if found != entry.sha256 {
        return Err(wrong(format!("its content has the hash {found}")));
    }
    let unwritable = |error| StackError::Unreadable { path: path.display().to_string(), error };
    tokio::fs::write(path, &body).await.map_err(unwritable)?;
    Ok(body.len() as u64)
}

/// What a version has; nothing where it is gone or cannot be read, for then everything is sent.
async fn listing(session: &Session<'_>, bucket: &str, key: &str) -> Result<Listing, StackError> {
    match session.clients.s3.get_object().bucket(bucket).key(key).send().await {
        Ok(object) => {
            let text = object.body.collect().await.map(|body| body.into_bytes()).unwrap_or_default();
            Ok(serde_json::from_slice(&text).unwrap_or_default())
        }
        Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => Ok(Listing::new()),
        Err(error) => {
            let error = slam_aws::service_error(&error);
            Err(StackError::Service { doing: "reading which static files are deployed", error })
        }
    }
}

async fn send(session: &Session<'_>, bucket: &str, key: &str, file: &StaticFile) -> Result<(), StackError> {
    let unreadable = |error| StackError::Unreadable { path: file.path.display().to_string(), error };
    let body = tokio::fs::read(&file.path).await.map_err(unreadable)?;
    let put = session.clients.s3.put_object().bucket(bucket).key(key).body(ByteStream::from(body));
    let put = put.content_type(&file.entry.content_type).cache_control(&file.entry.cache_control);
    put.send().await.map_err(while_doing!("uploading a static file"))?;
    Ok(())
}

/// The content is there already; what is told of it may be another.
async fn copy(
    session: &Session<'_>,
    bucket: &str,
    source: &str,
    key: &str,
    file: &StaticFile,
) -> Result<(), StackError> {
    let copy = session.clients.s3.copy_object().bucket(bucket).key(key);
    let copy = copy.copy_source(format!("{bucket}/{}", encoded(source))).metadata_directive(MetadataDirective::Replace);
    let copy = copy.content_type(&file.entry.content_type).cache_control(&file.entry.cache_control);
    copy.send().await.map_err(while_doing!("copying a static file that has not changed"))?;
    Ok(())
}

/// A key as the source of a copy: "The value must be URL-encoded."
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
fn encoded(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    key.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_encoded() {
        for (key, expected) in [("a/b-c_d.css", "a/b-c_d.css"), ("a b+c", "a%20b%2Bc"), ("é?", "%C3%A9%3F")] {
            assert_eq!(encoded(key), expected);
        }
    }
}
