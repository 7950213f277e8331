//! PutObject, and how a body is taken and checked.

use super::access::acl;
use super::{encryption, storage_class};
use crate::backend::{Backend, now};
use crate::bodies::{Draft, MAX_PUT, too_large};
use crate::call::Call;
use crate::error::payload::PayloadError;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::checksum::{self, Algorithm, given_checksum, set_typed_checksum};
use crate::model::conditions::WriteCondition;
use crate::model::object::{Details, NULL_VERSION, Version};
use crate::model::tags;
use crate::notify::Announcer;
use crate::store::NewVersion;
use http::header;
use s3s::dto;

/// The size that user metadata may have.
const MAX_METADATA: usize = 2048;

/// A body and what was said of it.
pub struct Incoming {
    /// The body.
    pub body: Option<dto::StreamingBlob>,
    /// `Content-Length`, of the decoded body.
    pub length: Option<i64>,
    /// `Content-MD5`
    pub md5: Option<String>,
    /// `x-amz-checksum-…`
    pub checksum: Option<(Algorithm, String)>,
    /// `x-amz-sdk-checksum-algorithm`
    pub algorithm: Option<dto::ChecksumAlgorithm>,
    /// Whether it is a part of an upload.
    pub of_part: bool,
}

/// Takes a body to the disk and checks that it is what was said; `otherwise` is computed when nothing was said.
/// Answers the checksum that was said or computed.
///
/// # Errors
/// When the body is not what was said.
pub async fn receive(
    backend: &Backend,
    call: &Call,
    incoming: Incoming,
    otherwise: Option<Algorithm>,
) -> Answer<(Draft, Option<Algorithm>)> {
    let length =
        incoming.length.and_then(|length| u64::try_from(length).ok()).ok_or_else(Fault::missing_content_length)?;
    if length > MAX_PUT {
        return Err(too_large(length, MAX_PUT));
    }
    let md5 = incoming.md5.as_deref().map(checksum::parse_md5).transpose()?;
    if let Some((algorithm, value)) = &incoming.checksum {
        algorithm.check(value)?;
    }
    let trailer = call.headers.get("x-amz-trailer").and_then(|name| name.to_str().ok());
    let named = incoming.algorithm.as_ref().map(|algorithm| Algorithm::parse(algorithm.as_str())).transpose()?;
    let said = incoming.checksum.as_ref().map(|(algorithm, _)| *algorithm);
    let said = said.or_else(|| trailer.and_then(Algorithm::of_header)).or(named);
    let algorithm = said.or(otherwise);
    let draft = backend.bodies.receive(incoming.body, algorithm).await?;
    if draft.size != length {
        return Err(PayloadError::Length.into());
    }
    if let Some(md5) = md5
        && md5 != draft.md5
    {
        return Err(checksum::bad_md5(md5, draft.md5, incoming.of_part));
    }
    if let Some(algorithm) = algorithm {
        let of_trailer = || call.trailers.get(&format!("x-amz-checksum-{}", algorithm.lower_name()));
        let expected = incoming.checksum.map(|(_, value)| value).or_else(of_trailer);
        if let Some(expected) = expected {
            algorithm.check(&expected)?;
            if draft.checksum.as_ref() != Some(&expected) {
                return Err(algorithm.bad_digest());
            }
        }
    }
    Ok((draft, algorithm))
}

/// Checks user metadata.
///
/// # Errors
/// `MetadataTooLarge`.
pub fn check_metadata(metadata: Option<dto::Metadata>) -> Answer<std::collections::BTreeMap<String, String>> {
    let metadata = metadata.unwrap_or_default();
    let size: usize = metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > MAX_METADATA {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        let fault = Fault::new("MetadataTooLarge", 400, message);
        return Err(fault.with("Size", size).with("MaxSizeAllowed", MAX_METADATA));
    }
    Ok(metadata.into_iter().collect())
}

/// PutObject.
pub async fn put(backend: &Backend, call: &Call, mut input: dto::PutObjectInput) -> Answer<dto::PutObjectOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let condition = WriteCondition::of(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let mut details = Details {
        content_type: input.content_type.map(|value| value.to_string()),
        cache_control: call.system_metadata(input.cache_control, header::CACHE_CONTROL),
        content_disposition: call.system_metadata(input.content_disposition, header::CONTENT_DISPOSITION),
        content_encoding: call.system_metadata(input.content_encoding, header::CONTENT_ENCODING),
        content_language: call.system_metadata(input.content_language, header::CONTENT_LANGUAGE),
        expires: input.expires,
        metadata: check_metadata(input.metadata)?,
        storage_class: storage_class(input.storage_class)?,
        tags: input.tagging.as_deref().map(tags::of_header).transpose()?.unwrap_or_default(),
        checksum: None,
        parts: Vec::new(),
        upload: None,
        acl: acl::given(&bucket, &call.headers, input.acl.as_ref().map(|acl| acl.as_str()), acl::Of::Object)?,
    };
    let incoming = Incoming {
        length: input.content_length,
        md5: input.content_md5.take(),
        checksum: given_checksum!(input)?,
        algorithm: input.checksum_algorithm.take(),
        body: input.body,
        of_part: false,
    };
    let (draft, algorithm) = receive(backend, call, incoming, Some(Algorithm::Crc64Nvme)).await?;
    details.checksum = algorithm.zip(draft.checksum.clone()).map(|(algorithm, value)| algorithm.full(value));
    let etag = draft.etag();
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectCreated:Put");
    let version = store(backend, &bucket, input.key, draft, etag, details, condition, announcer).await?;
    let mut output = dto::PutObjectOutput {
        e_tag: Some(version.etag()),
        server_side_encryption: encryption(),
        version_id: version.own_version(),
        expiration: backend.expiration(&bucket, &version),
        ..Default::default()
    };
    set_typed_checksum!(output, &version.details.checksum);
    Ok(output)
}

/// Makes a body the latest version of an object.
///
/// # Errors
/// When the condition does not hold; the body is removed then.
#[expect(clippy::too_many_arguments, reason = "each is a part of what is stored")]
pub async fn store(
    backend: &Backend,
    bucket: &Bucket,
    key: String,
    draft: Draft,
    etag: String,
    details: Details,
    condition: WriteCondition,
    announcer: Option<Announcer>,
) -> Answer<Version> {
    let new =
        NewVersion { key, marker: false, size: draft.size, etag, modified: now(), body: draft.id.clone(), details };
    let inserted = backend.objects.insert(bucket.key, bucket.versioning, new.clone(), condition, announcer).await??;
    draft.keep();
    backend.bodies.remove(inserted.replaced).await;
    Ok(latest(new, inserted.version))
}

/// The version that a write has made.
pub fn latest(new: NewVersion, version: String) -> Version {
    debug_assert!(version == NULL_VERSION || version.len() == 32);
    Version {
        key: new.key,
        sequence: 0,
        version,
        latest: true,
        marker: new.marker,
        size: new.size,
        etag: new.etag,
        modified: new.modified,
        body: new.body,
        details: new.details,
    }
}
