//! Objects: their versions, and uploads that may become one.

use super::acl::Acl;
use super::bucket::Versioning;
use super::checksum::{Algorithm, Checksum, Kind};
use s3s::dto;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The version id of what was written without versioning.
pub const NULL_VERSION: &str = "null";

/// What is told of an object beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// `Content-Disposition`
    pub content_disposition: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `Content-Language`
    pub content_language: Option<String>,
    /// `Expires`
    pub expires: Option<dto::Timestamp>,
    /// `x-amz-meta-…`
    pub metadata: BTreeMap<String, String>,
    /// The storage class, where it is not STANDARD.
    pub storage_class: Option<String>,
    /// Its tags, in the order they were given.
    pub tags: Vec<(String, String)>,
    /// Its checksum.
    pub checksum: Option<Checksum>,
    /// The parts it was uploaded in; empty when it was not.
    pub parts: Vec<PartDetails>,
    /// The upload that it was completed from, whose completion may be asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// Its ACL, where it is another than that of every new object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
}

impl Details {
    /// The content type, as AWS answers it when none was given.
    pub fn content_type(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())
    }

    /// The metadata as s3s has it.
    pub fn metadata(&self) -> dto::Metadata {
        self.metadata.clone().into_iter().collect()
    }

    /// The storage class.
    pub fn storage_class(&self) -> &str {
        self.storage_class.as_deref().unwrap_or("STANDARD")
    }

    /// As lists tell it.
    pub fn checksum_algorithms(&self) -> Option<Vec<dto::ChecksumAlgorithm>> {
        let checksum = self.checksum.as_ref()?;
        Some(vec![dto::ChecksumAlgorithm::from_static(checksum.algorithm.name())])
    }

    /// As lists tell it.
    pub fn checksum_type(&self) -> Option<dto::ChecksumType> {
        Some(dto::ChecksumType::from_static(self.checksum.as_ref()?.kind.name()))
    }
}

/// A part of a completed object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartDetails {
    /// Its number.
    pub number: i32,
    /// Its size.
    pub size: u64,
    /// Its checksum in the object's algorithm.
    pub checksum: Option<String>,
}

/// A version of an object, or a delete marker.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The object's key.
    pub key: String,
    /// Orders the versions of a key; the greatest is the latest.
    pub sequence: i64,
    /// The version id.
    pub version: String,
    /// Whether it is what a request without a version id means.
    pub latest: bool,
    /// Whether it is a delete marker.
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

impl Version {
    /// The entity tag as s3s has it.
    pub fn etag(&self) -> dto::ETag {
        dto::ETag::Strong(self.etag.clone())
    }

    /// When it was written.
    pub fn modified(&self) -> dto::Timestamp {
        timestamp(self.modified)
    }

    /// The version id that reads and copies tell: none where there has never been versioning, `null` for what was
    /// written without (recorded: test_put_object_on_suspended_bucket, test_s3_copy_object_in_place_suspended_only).
    pub fn told_version(&self, versioning: Versioning) -> Option<String> {
        (versioning != Versioning::Never).then(|| self.version.clone())
    }

    /// The version id that uploads and copies' sources tell: never `null` (recorded in the same).
    pub fn own_version(&self) -> Option<String> {
        Some(self.version.clone()).filter(|version| version != NULL_VERSION)
    }
}

/// A moment as s3s has it; S3 tells whole seconds (asserted on AWS:
/// test_s3_timestamp_precision).
pub fn timestamp(milliseconds: i64) -> dto::Timestamp {
    let since = Duration::from_secs(u64::try_from(milliseconds / 1000).unwrap_or(0));
    dto::Timestamp::from(SystemTime::UNIX_EPOCH + since)
}

/// A new version id.
pub fn new_version_id() -> String {
    slam_cloud_core::id::lower_alphanumeric(32)
}

/// Whether a text could be one of [`new_version_id`].
pub fn is_version_id(text: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text == NULL_VERSION || (text.len() == 32 && text.bytes().all(is_ours))
}

/// An upload in parts that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The object's key.
    pub key: String,
    /// Milliseconds since 1970.
    pub initiated: i64,
    /// Who initiated it.
    pub initiator: String,
    /// What the object shall have.
    pub details: Details,
    /// The checksum that was asked for at the beginning.
    pub checksum: Option<(Algorithm, Kind)>,
}

/// A part that was uploaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its number.
    pub number: i32,
    /// How many bytes.
    pub size: u64,
    /// Its MD5 in hexadecimal.
    pub etag: String,
    /// Milliseconds since 1970.
    pub modified: i64,
    /// The body's id.
    pub body: String,
    /// Its checksum in the upload's algorithm.
    pub checksum: Option<String>,
}
