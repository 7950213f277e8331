//! The operations, in s3s's shapes. Who may call them was decided before ([`access`]).
//!
//! Requests come by the wire of s3s ([`crate::http`]); `internal` has the same operations in the generated shapes, for
//! calls from other services.

pub mod access;
pub mod acl;
pub mod attributes;
pub mod buckets;
pub mod complete_upload;
pub mod configuration;
pub mod copy_object;
pub mod delete_objects;
pub mod get_object;
mod internal;
pub mod list_objects;
pub mod list_uploads;
pub mod multipart;
pub mod notification;
pub mod policy;
pub mod put_object;
mod rewrite;
pub mod tagging;

use crate::S3Service;
use crate::backend::Backend;
use crate::error::{Answer, Fault};
use crate::model::bucket::{Bucket, Versioning};
use crate::model::object::{Version, is_version_id};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto;
use slam_cloud_core::Registry;
use std::sync::Arc;

/// Hangs the operations that other services call on the door.
pub(crate) fn register(service: &Arc<S3Service>, registry: &mut Registry) {
    let mut operations = internal::Internal(registry.service(service));
    internal::buckets::register(&mut operations);
    internal::objects::register(&mut operations);
}

/// How every object is encrypted, as AWS answers it.
fn encryption() -> Option<dto::ServerSideEncryption> {
    Some(dto::ServerSideEncryption::from_static(dto::ServerSideEncryption::AES256))
}

/// The storage classes that differ in nothing an API can see.
const STORAGE_CLASSES: [&str; 6] =
    ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR"];

/// Checks a storage class; `None` for STANDARD.
fn storage_class(class: Option<dto::StorageClass>) -> Answer<Option<String>> {
    match class.as_ref().map(|class| class.as_str()) {
        None | Some("STANDARD") => Ok(None),
        Some(class) if STORAGE_CLASSES.contains(&class) => Ok(Some(class.to_owned())),
        Some(class @ ("GLACIER" | "DEEP_ARCHIVE")) => {
            Err(Fault::unsupported(format_args!("the storage class {class}")))
        }
        Some(class) => Err(Fault::new("InvalidStorageClass", 400, "The storage class you specified is not valid")
            .with("StorageClassRequested", class)),
    }
}

/// The version that a request means, delete markers included.
///
/// # Errors
/// `NoSuchVersion` or `InvalidArgument` for a version id that leads nowhere.
async fn find(backend: &Backend, bucket: &Bucket, key: &str, id: Option<&str>) -> Answer<Option<Version>> {
    let found = backend.objects.version(bucket.key, key.to_owned(), id.map(str::to_owned)).await?;
    match (id, found) {
        (Some(id), None) if bucket.versioning == Versioning::Never || !is_version_id(id) => {
            Err(Fault::invalid_argument("Invalid version id specified", "versionId", id))
        }
        (Some(id), None) => Err(Fault::no_such_version(key, id)),
        (_, found) => Ok(found),
    }
}

/// Text as lists answer it: percent-encoded when the caller asked for that.
fn encode(text: String, encoding: Option<&dto::EncodingType>) -> String {
    match encoding {
        Some(_) => percent_encoded(&text),
        None => text,
    }
}

/// A key as it stands in a URL.
fn percent_encoded(key: &str) -> String {
    const PLAIN: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b'*');
    utf8_percent_encode(key, PLAIN).to_string()
}

/// Checks `encoding-type`.
fn check_encoding(encoding: Option<&dto::EncodingType>) -> Answer<()> {
    match encoding.map(|encoding| encoding.as_str()) {
        None | Some("url") => Ok(()),
        Some(other) => {
            Err(Fault::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", other))
        }
    }
}

/// The lines a page may have.
const PAGE: i32 = 1000;

/// How many lines a page shall have.
fn page_size(asked: Option<i32>, name: &'static str) -> Answer<usize> {
    match asked.unwrap_or(PAGE) {
        size if size < 0 => {
            let message = format!("Argument {name} must be an integer between 0 and 2147483647");
            Err(Fault::invalid_argument(message, name, size.to_string()))
        }
        size => Ok(usize::try_from(size.min(PAGE)).unwrap_or_default()),
    }
}
