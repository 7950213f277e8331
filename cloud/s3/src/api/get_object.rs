//! GetObject and HeadObject.

use super::access::authorize_object;
use super::{encryption, find};
use crate::backend::{Backend, now};
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::checksum::{Checksum, Kind, set_typed_checksum};
use crate::model::conditions::ReadConditions;
use crate::model::object::Version;
use s3s::dto;
use std::ops::Range;
use std::sync::Arc;

/// What is asked of an object.
struct Wanted<'w> {
    method: &'static str,
    bucket: &'w str,
    key: &'w str,
    version_id: Option<&'w str>,
    conditions: ReadConditions,
    range: Option<dto::Range>,
    part: Option<i32>,
}

/// What is found.
struct Found {
    bucket: Arc<Bucket>,
    version: Version,
    range: Range<u64>,
    /// `Content-Range`, when not all was asked for.
    content_range: Option<String>,
    /// `x-amz-mp-parts-count`, when a part was asked for.
    parts: Option<i32>,
    /// The number of that part.
    part: Option<i32>,
    /// `x-amz-expiration`.
    expiration: Option<String>,
}

/// The latest version, or the one of an id; no delete markers.
async fn visible(backend: &Backend, call: &Call, wanted: &Wanted<'_>) -> Answer<(Arc<Bucket>, Version)> {
    let bucket = backend.bucket(wanted.bucket)?;
    let version = find(backend, &bucket, wanted.key, wanted.version_id).await?;
    match version {
        Some(version) if !version.marker => return Ok((bucket, version)),
        Some(marker) if wanted.version_id.is_some() => {
            let fault = Fault::is_delete_marker(wanted.method).header("x-amz-delete-marker", "true");
            return Err(fault.header("x-amz-version-id", &marker.version).header("allow", "DELETE"));
        }
        _ => {}
    }
    // Whoever may not list the bucket is not told what is not in it ("GetObject", Permissions).
    authorize_object(backend, &call.context, "s3:ListBucket", wanted.bucket, None).await?;
    let fault = Fault::no_such_key(wanted.key);
    Err(match version {
        Some(marker) => fault.header("x-amz-delete-marker", "true").header("x-amz-version-id", &marker.version),
        None => fault,
    })
}

/// Refuses headers to answer with that no header can be (recorded:
/// test_get_response_overrides_unicode_metadata_with_sig_s3).
fn check_overrides(overrides: [(&'static str, Option<&str>); 4]) -> Answer<()> {
    for (name, value) in overrides {
        if let Some(value) = value.filter(|value| value.chars().any(|c| c > '\u{ff}')) {
            return Err(Fault::invalid_argument("Header value cannot be represented using ISO-8859-1.", name, value));
        }
    }
    Ok(())
}

async fn look_up(backend: &Backend, call: &Call, wanted: Wanted<'_>) -> Answer<Found> {
    if wanted.range.is_some() && wanted.part.is_some() {
        return Err(Fault::invalid_request("Cannot specify both Range header and partNumber query parameter"));
    }
    let (bucket, version) = visible(backend, call, &wanted).await?;
    wanted.conditions.check(&version, bucket.versioning, now())?;
    let whole = 0..version.size;
    let (range, partial, parts) = match (wanted.range, wanted.part) {
        (Some(range), _) => {
            let found = range.check(version.size).map_err(|_| {
                Fault::new("InvalidRange", 416, "The requested range is not satisfiable")
                    .with("ActualObjectSize", version.size.to_string())
                    .with("RangeRequested", range.to_header_string())
            })?;
            (found, true, None)
        }
        (None, Some(part)) => {
            let (range, count) = part_range(&version, part)?;
            (range, true, count)
        }
        (None, None) => (whole, false, None),
    };
    // Of an empty object there is no last byte to name.
    let content_range =
        (partial && !range.is_empty()).then(|| format!("bytes {}-{}/{}", range.start, range.end - 1, version.size));
    // Whoever names a version is not told when the object expires, were it the latest (recorded:
    // test_bucket_lifecycle_configuration_object_expiry_versioned).
    let expiration = backend.expiration(&bucket, &version).filter(|_| wanted.version_id.is_none());
    Ok(Found { bucket, version, range, content_range, parts, part: wanted.part, expiration })
}

/// The bytes of a part, and how many parts there are of an object that was uploaded in parts.
fn part_range(version: &Version, part: i32) -> Answer<(Range<u64>, Option<i32>)> {
    let parts = &version.details.parts;
    let index = usize::try_from(part).ok().and_then(|part| part.checked_sub(1)).ok_or_else(|| {
        Fault::invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive",
            "partNumber",
            part.to_string(),
        )
    })?;
    let count = parts.len().max(1);
    if index >= count {
        let message = "The requested partnumber is not satisfiable";
        return Err(Fault::new("InvalidPartNumber", 416, message)
            .with("ActualPartCount", count.to_string())
            .with("PartNumberRequested", part.to_string()));
    }
    let Some(found) = parts.get(index) else { return Ok((0..version.size, None)) };
    let begin: u64 = parts[..index].iter().map(|part| part.size).sum();
    Ok((begin..begin + found.size, i32::try_from(count).ok()))
}

/// GetObject.
pub async fn get(backend: &Backend, call: &Call, input: dto::GetObjectInput) -> Answer<dto::GetObjectOutput> {
    check_overrides([
        ("response-cache-control", input.response_cache_control.as_deref()),
        ("response-content-disposition", input.response_content_disposition.as_deref()),
        ("response-content-encoding", input.response_content_encoding.as_deref()),
        ("response-content-language", input.response_content_language.as_deref()),
    ])?;
    let wanted = Wanted {
        method: "GET",
        bucket: &input.bucket,
        key: &input.key,
        version_id: input.version_id.as_deref(),
        conditions: ReadConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        },
        range: input.range,
        part: input.part_number,
    };
    let found = look_up(backend, call, wanted).await?;
    let body = backend.bodies.stream(&found.version.body, found.range.clone()).await?;
    let (version, details) = (&found.version, &found.version.details);
    let mut output = dto::GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(body),
        cache_control: details.cache_control.clone(),
        content_disposition: details.content_disposition.clone(),
        content_encoding: details.content_encoding.clone(),
        content_language: details.content_language.clone(),
        content_length: i64::try_from(found.range.end - found.range.start).ok(),
        content_range: found.content_range.clone(),
        content_type: details.content_type().parse().ok(),
        e_tag: Some(version.etag()),
        expiration: found.expiration.clone(),
        expires: details.expires.clone(),
        last_modified: Some(version.modified()),
        metadata: Some(details.metadata()),
        parts_count: found.parts,
        server_side_encryption: encryption(),
        storage_class: details.storage_class.clone().map(dto::StorageClass::from),
        tag_count: tag_count(version),
        version_id: version.told_version(found.bucket.versioning),
        ..Default::default()
    };
    if input.checksum_mode.is_some() {
        set_typed_checksum!(output, &found.checksum());
    }
    Ok(output)
}

/// HeadObject.
pub async fn head(backend: &Backend, call: &Call, input: dto::HeadObjectInput) -> Answer<dto::HeadObjectOutput> {
    check_overrides([
        ("response-cache-control", input.response_cache_control.as_deref()),
        ("response-content-disposition", input.response_content_disposition.as_deref()),
        ("response-content-encoding", input.response_content_encoding.as_deref()),
        ("response-content-language", input.response_content_language.as_deref()),
    ])?;
    let wanted = Wanted {
        method: "HEAD",
        bucket: &input.bucket,
        key: &input.key,
        version_id: input.version_id.as_deref(),
        conditions: ReadConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        },
        range: input.range,
        part: input.part_number,
    };
    let found = look_up(backend, call, wanted).await?;
    let (version, details) = (&found.version, &found.version.details);
    if let Some(count) = tag_count(version) {
        call.reply("x-amz-tagging-count", &count.to_string());
    }
    if found.content_range.is_some() {
        call.reply_status(http::StatusCode::PARTIAL_CONTENT);
    }
    let mut output = dto::HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: input.response_cache_control.or_else(|| details.cache_control.clone()),
        content_disposition: input.response_content_disposition.or_else(|| details.content_disposition.clone()),
        content_encoding: input.response_content_encoding.or_else(|| details.content_encoding.clone()),
        content_language: input.response_content_language.or_else(|| details.content_language.clone()),
        content_length: i64::try_from(found.range.end - found.range.start).ok(),
        content_range: found.content_range.clone(),
        content_type: input.response_content_type.or_else(|| details.content_type().parse().ok()),
        e_tag: Some(version.etag()),
        expiration: found.expiration.clone(),
        expires: input.response_expires.or_else(|| details.expires.clone()),
        last_modified: Some(version.modified()),
        metadata: Some(details.metadata()),
        parts_count: found.parts,
        server_side_encryption: encryption(),
        storage_class: details.storage_class.clone().map(dto::StorageClass::from),
        version_id: version.told_version(found.bucket.versioning),
        ..Default::default()
    };
    if input.checksum_mode.is_some() {
        set_typed_checksum!(output, &found.checksum());
    }
    Ok(output)
}

impl Found {
    /// The checksum of what is answered: of the object, or of a part that has its own (recorded:
    /// test_get_object_part_checksum). Other ranges have none.
    fn checksum(&self) -> Option<Checksum> {
        let details = &self.version.details;
        let whole = details.checksum.as_ref()?;
        let index = self.part.and_then(|part| usize::try_from(part).ok()?.checked_sub(1));
        match index.and_then(|index| details.parts.get(index)) {
            Some(part) if whole.kind == Kind::Composite => {
                Some(Checksum { value: part.checksum.clone()?, ..whole.clone() })
            }
            _ => Some(whole.clone()).filter(|_| self.range == (0..self.version.size)),
        }
    }
}

fn tag_count(version: &Version) -> Option<i32> {
    i32::try_from(version.details.tags.len()).ok().filter(|count| *count > 0)
}
