//! CopyObject.

use super::access::acl;
use super::put_object::{check_metadata, store};
use super::{encryption, find, storage_class};
use crate::backend::{Backend, now};
use crate::bodies::MAX_PUT;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::checksum::{Algorithm, Checksum, Kind, set_typed_checksum};
use crate::model::conditions::{ReadConditions, WriteCondition};
use crate::model::object::{Details, Version};
use crate::model::tags;
use crate::notify::Announcer;
use http::header;
use s3s::dto;

/// The source of a copy.
pub struct Source {
    /// The version that is copied.
    pub version: Version,
    /// Its id, where its bucket has versions.
    pub told_version: Option<String>,
}

/// Finds the source of a copy.
///
/// # Errors
/// When there is none, or its conditions do not hold.
pub async fn source(backend: &Backend, source: &dto::CopySource, conditions: &ReadConditions) -> Answer<Source> {
    let dto::CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(Fault::unsupported("an access point as x-amz-copy-source"));
    };
    let bucket = backend.bucket(bucket)?;
    let version = match find(backend, &bucket, key, version_id.as_deref()).await? {
        Some(version) if !version.marker => version,
        Some(_) if version_id.is_some() => {
            let message = "The source of a copy request may not specifically refer to a delete marker by version id.";
            return Err(Fault::invalid_request(message));
        }
        _ => return Err(Fault::no_such_key(key)),
    };
    conditions.check_source(&version, now())?;
    Ok(Source { told_version: version.own_version(), version })
}

/// CopyObject.
pub async fn copy(backend: &Backend, call: &Call, input: dto::CopyObjectInput) -> Answer<dto::CopyObjectOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let conditions = ReadConditions {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since.clone(),
        if_unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    let Source { version: source, told_version: source_version } =
        source(backend, &input.copy_source, &conditions).await?;
    if source.size > MAX_PUT {
        return Err(Fault::invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        )));
    }
    let condition = condition_of(call)?;
    let replaces = match input.metadata_directive.as_ref().map(|directive| directive.as_str()) {
        None | Some("COPY") => false,
        Some("REPLACE") => true,
        Some(other) => {
            return Err(Fault::invalid_argument("Unknown metadata directive.", "x-amz-metadata-directive", other));
        }
    };
    // An encryption that was set, for the object or the bucket, counts as a change (recorded:
    // test_copy_in_place_with_bucket_encryption).
    let encrypts = input.server_side_encryption.is_some() || bucket.encryption_configured;
    if !replaces && !encrypts && input.storage_class.is_none() && is_in_place(&input) {
        return Err(Fault::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    let named = input.checksum_algorithm.as_ref().map(|named| Algorithm::parse(named.as_str())).transpose()?;
    let mut details = details_of(call, &input, &source, replaces)?;
    // "The ACL is not preserved and is set to private" ("CopyObject").
    let canned = input.acl.as_ref().map(|acl| acl.as_str());
    details.acl = acl::given(&bucket, &call.headers, canned, acl::Of::Object)?;
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectCreated:Copy");
    let version = copy_body(backend, &bucket, input.key, source, details, named, condition, announcer).await?;
    let mut result = dto::CopyObjectResult {
        e_tag: Some(version.etag()),
        last_modified: Some(version.modified()),
        ..Default::default()
    };
    set_typed_checksum!(result, &version.details.checksum);
    Ok(dto::CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        expiration: backend.expiration(&bucket, &version),
        server_side_encryption: encryption(),
        version_id: version.told_version(bucket.versioning),
        ..Default::default()
    })
}

/// The condition on the target, which s3s does not read for copies.
fn condition_of(call: &Call) -> Answer<WriteCondition> {
    let read = |name: &str| {
        let value = call.headers.get(name)?;
        Some(dto::ETagCondition::parse_http_header(value.as_bytes()).unwrap_or_else(|_| {
            // Without quotes it is a value all the same.
            dto::ETagCondition::ETag(dto::ETag::Strong(value.to_str().unwrap_or_default().to_owned()))
        }))
    };
    WriteCondition::of(read("if-match").as_ref(), read("if-none-match").as_ref())
}

fn is_in_place(input: &dto::CopyObjectInput) -> bool {
    matches!(&input.copy_source, dto::CopySource::Bucket { bucket, key, version_id: None }
        if **bucket == *input.bucket && **key == *input.key)
}

fn details_of(call: &Call, input: &dto::CopyObjectInput, source: &Version, replaces: bool) -> Answer<Details> {
    let mut details = match replaces {
        false => source.details.clone(),
        true => Details {
            content_type: input.content_type.as_ref().map(|value| value.to_string()),
            cache_control: call.system_metadata(input.cache_control.clone(), header::CACHE_CONTROL),
            content_disposition: call.system_metadata(input.content_disposition.clone(), header::CONTENT_DISPOSITION),
            content_encoding: call.system_metadata(input.content_encoding.clone(), header::CONTENT_ENCODING),
            content_language: call.system_metadata(input.content_language.clone(), header::CONTENT_LANGUAGE),
            expires: input.expires.clone(),
            metadata: check_metadata(input.metadata.clone())?,
            tags: source.details.tags.clone(),
            ..Details::default()
        },
    };
    // The storage class is never copied ("CopyObject", x-amz-storage-class).
    details.storage_class = storage_class(input.storage_class.clone())?;
    details.parts = Vec::new();
    details.upload = None;
    if input.tagging_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE") {
        details.tags = input.tagging.as_deref().map(tags::of_header).transpose()?.unwrap_or_default();
    }
    Ok(details)
}

#[expect(clippy::too_many_arguments, reason = "each is a part of what is stored")]
async fn copy_body(
    backend: &Backend,
    bucket: &crate::model::bucket::Bucket,
    key: String,
    source: Version,
    mut details: Details,
    named: Option<Algorithm>,
    condition: WriteCondition,
    announcer: Option<Announcer>,
) -> Answer<Version> {
    let checksum: Option<&Checksum> = source.details.checksum.as_ref();
    let algorithm = named.or(checksum.map(|checksum| checksum.algorithm)).unwrap_or(Algorithm::Crc64Nvme);
    let is_same = checksum.is_some_and(|c| c.algorithm == algorithm && c.kind == Kind::FullObject);
    // What was uploaded in parts becomes one whole, with an entity tag and checksum of its own.
    if is_same && source.details.parts.is_empty() {
        details.checksum = checksum.cloned();
        let draft = backend.bodies.link(source.body).await?;
        return store(backend, bucket, key, draft, source.etag, details, condition, announcer).await;
    }
    let draft = backend.bodies.copy(source.body, 0..source.size, Some(algorithm)).await?;
    details.checksum = draft.checksum.clone().map(|value| algorithm.full(value));
    let etag = draft.etag();
    store(backend, bucket, key, draft, etag, details, condition, announcer).await
}
