//! The bucket that packages lie in, and its objects.

use crate::Session;
use crate::data::Count;
use crate::deployed;
use crate::error::{StackError, while_doing};
use crate::progress::{Event, Parcel};
use slam_aws::s3::primitives::{ByteStream, Length};
use slam_aws::s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};
use std::path::Path;

/// Files longer than this are sent in parts of this size.
const PART: u64 = 8 * 1024 * 1024;

/// Whether the bucket exists and is ours to use.
pub async fn exists(session: &Session<'_>, bucket: &str) -> Result<bool, StackError> {
    match session.clients.s3.head_bucket().bucket(bucket).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => Ok(false),
        Err(error) => {
            let error = slam_aws::service_error(&error);
            Err(StackError::Service { doing: "looking for the package bucket", error })
        }
    }
}

/// Whether the object is there already. Keys carry the content's hash, so the same key is the same content.
pub async fn has(session: &Session<'_>, bucket: &str, key: &str) -> Result<bool, StackError> {
    match session.clients.s3.head_object().bucket(bucket).key(key).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => Ok(false),
        Err(error) => {
            let error = slam_aws::service_error(&error);
            Err(StackError::Service { doing: "looking for the package", error })
        }
    }
}

/// Sends a file, in parts when it is long, telling the progress.
pub async fn upload(
    session: &Session<'_>,
    bucket: &str,
    key: &str,
    path: &Path,
    what: Parcel,
) -> Result<(), StackError> {
    let unreadable = |error| StackError::Unreadable { path: path.display().to_string(), error };
    let total = std::fs::metadata(path).map_err(unreadable)?.len();
    session.progress.event(&Event::Upload { what, sent: 0, total });
    if total <= PART {
        let body = ByteStream::from(std::fs::read(path).map_err(unreadable)?);
        let call = session.clients.s3.put_object().bucket(bucket).key(key).body(body);
        call.send().await.map_err(while_doing!("uploading the package"))?;
    } else {
        upload_parts(session, bucket, key, path, (what, total)).await?;
    }
    session.progress.event(&Event::Upload { what, sent: total, total });
    Ok(())
}

async fn upload_parts(
    session: &Session<'_>,
    bucket: &str,
    key: &str,
    path: &Path,
    (what, total): (Parcel, u64),
) -> Result<(), StackError> {
    let s3 = &session.clients.s3;
    let upload = s3
        .create_multipart_upload()
        .bucket(bucket)
        .key(key)
        // The parts carry this checksum by the SDK's default; completing them needs it agreed on beforehand.
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .send()
        .await
        .map_err(while_doing!("starting the upload of the package"))?;
    let id = upload.upload_id().unwrap_or_default();
    let mut parts = CompletedMultipartUpload::builder();
    for (number, offset) in (1..).zip((0..total).step_by(PART as usize)) {
        let length = PART.min(total - offset);
        let body =
            ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await.map_err(
                |error| StackError::Unreadable {
                    path: path.display().to_string(),
                    error: std::io::Error::other(error),
                },
            )?;
        let part = s3.upload_part().bucket(bucket).key(key).upload_id(id).part_number(number).body(body);
        let part = part.send().await.map_err(while_doing!("uploading the package"))?;
        let done = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag().map(str::to_owned));
        parts = parts.parts(done.set_checksum_crc32(part.checksum_crc32().map(str::to_owned)).build());
        // The last part is all of it only once they are put together.
        if offset + length < total {
            session.progress.event(&Event::Upload { what, sent: offset + length, total });
        }
    }
    let complete = s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(id);
    complete
        .multipart_upload(parts.build())
        .send()
        .await
        .map_err(while_doing!("completing the upload of the package"))?;
    Ok(())
}

/// Puts a short text, such as a template that is too long for its request.
pub async fn put_text(session: &Session<'_>, bucket: &str, key: &str, text: &str) -> Result<(), StackError> {
    let body = ByteStream::from(text.as_bytes().to_vec());
    let call = session.clients.s3.put_object().bucket(bucket).key(key).body(body);
    call.send().await.map_err(while_doing!("uploading the template"))?;
    Ok(())
}

/// Which objects stay when old ones are removed.
#[derive(Debug, Default)]
pub struct Keep {
    /// Keys, or all that begins with one that ends with a slash.
    pub keys: Vec<String>,
    /// What was sent at this time or later: it may belong to a deployment that waits for the end of this one.
    pub since: Option<jiff::Timestamp>,
}

impl Keep {
    fn has(&self, key: &str, modified: Option<jiff::Timestamp>) -> bool {
        // S3 lists the times of objects in whole seconds.
        let is_new = |since: jiff::Timestamp| modified.is_none_or(|modified| modified.as_second() >= since.as_second());
        self.keys.iter().any(|kept| kept == key || (kept.ends_with('/') && key.starts_with(kept)))
            || self.since.is_some_and(is_new)
    }
}

/// Removes the objects under `prefix` except those to keep.
pub async fn prune(session: &Session<'_>, bucket: &str, prefix: &str, keep: &Keep) -> Result<(), StackError> {
    let mut pages = session.clients.s3.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(while_doing!("listing old packages"))?;
        for object in page.contents() {
            let Some(key) = object.key() else { continue };
            if !keep.has(key, object.last_modified().and_then(deployed::timestamp)) {
                let call = session.clients.s3.delete_object().bucket(bucket).key(key);
                call.send().await.map_err(while_doing!("deleting an old package"))?;
            }
        }
    }
    Ok(())
}

/// How many versions of objects a bucket has, counted up to about `most`; `None` when there is no such bucket.
pub async fn count(session: &Session<'_>, bucket: &str, most: u64) -> Result<Option<Count>, StackError> {
    if !exists(session, bucket).await? {
        return Ok(None);
    }
    let mut counted: u64 = 0;
    let (mut key, mut version) = (None, None);
    loop {
        let call = session.clients.s3.list_object_versions().bucket(bucket);
        let call = call.set_key_marker(key).set_version_id_marker(version);
        let page = call.send().await.map_err(while_doing!("counting a bucket's objects"))?;
        counted += page.versions().len() as u64;
        if page.is_truncated() != Some(true) {
            return Ok(Some(Count::Exactly(counted)));
        }
        if counted >= most {
            return Ok(Some(Count::AtLeast(counted)));
        }
        key = page.next_key_marker().map(str::to_owned);
        version = page.next_version_id_marker().map(str::to_owned);
    }
}

/// Removes everything from a bucket, versions and delete markers included.
pub async fn empty(session: &Session<'_>, bucket: &str) -> Result<(), StackError> {
    if !exists(session, bucket).await? {
        return Ok(());
    }
    loop {
        let page = session
            .clients
            .s3
            .list_object_versions()
            .bucket(bucket)
            .send()
            .await
            .map_err(while_doing!("listing the package bucket"))?;
        let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        let objects: Vec<ObjectIdentifier> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                let object = ObjectIdentifier::builder().key(key?).set_version_id(version.map(str::to_owned));
                object.build().ok()
            })
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| StackError::Refused(error.to_string()))?;
        let answer = session
            .clients
            .s3
            .delete_objects()
            .bucket(bucket)
            .delete(delete)
            .send()
            .await
            .map_err(while_doing!("emptying the package bucket"))?;
        if let Some(error) = answer.errors().first() {
            // Trying again would only loop: somebody protects this object.
            return Err(StackError::Service {
                doing: "emptying the package bucket",
                error: slam_aws::ServiceError {
                    code: error.code().map(str::to_owned),
                    message: format!("{} ({})", error.message().unwrap_or_default(), error.key().unwrap_or_default()),
                },
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_or_new_stays() {
        let keys = vec!["shop/a.zip".to_owned(), "shop/static/1/".to_owned()];
        let keep = Keep { keys, since: Some("2026-11-29T08:00:00.5Z".parse().unwrap()) };
        for (key, modified, expected) in [
            ("shop/a.zip", "2026-11-28T00:00:00Z", true),
            ("shop/static/1/site.css", "2026-11-28T00:00:00Z", true),
            ("shop/static/1", "2026-11-28T00:00:00Z", false),
            ("shop/b.zip", "2026-11-29T07:59:59Z", false),
            ("shop/b.zip", "2026-11-29T08:00:00Z", true),
            ("shop/b.zip", "2026-11-29T09:00:00Z", true),
        ] {
            assert_eq!(keep.has(key, Some(modified.parse().unwrap())), expected, "{key} {modified}");
        }
        assert!(keep.has("shop/of-no-time.zip", None));
        assert!(!Keep::default().has("shop/a.zip", None));
    }
}
