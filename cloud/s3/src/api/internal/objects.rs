//! Objects.

use super::{Internal, Place, check_owner, narrow, refuse};
use crate::api;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::object::timestamp;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use s3s::dto;
use slam_cloud_core::{AwsError, Timestamp};
use slam_cloud_wire::s3;
use std::sync::Arc;

pub fn register(operations: &mut Internal<'_>) {
    operations
        .add(place_of_put, put)
        .add(|input: &s3::GetObject| Place::object(&input.bucket, &input.key, input.version_id.as_ref()), get)
        .add(|input: &s3::HeadObject| Place::object(&input.bucket, &input.key, input.version_id.as_ref()), head)
        .add(|input: &s3::DeleteObject| Place::object(&input.bucket, &input.key, input.version_id.as_ref()), delete);
}

fn place_of_put(input: &s3::PutObject) -> Place {
    Place { tagging: input.tagging.clone(), ..Place::object(&input.bucket, &input.key, None) }
}

fn etag_condition(text: Option<String>) -> Option<dto::ETagCondition> {
    let text = text?;
    let parsed = dto::ETagCondition::parse_http_header(text.as_bytes());
    Some(parsed.unwrap_or(dto::ETagCondition::ETag(dto::ETag::Strong(text))))
}

fn moment(moment: Option<Timestamp>) -> Option<dto::Timestamp> {
    moment.map(|moment| timestamp(moment.as_millisecond()))
}

fn etag(etag: Option<dto::ETag>) -> Option<String> {
    etag.map(|etag| format!("\"{}\"", etag.value()))
}

fn millisecond(moment: Option<dto::Timestamp>) -> Option<Timestamp> {
    let mut text = Vec::new();
    moment?.format(dto::TimestampFormat::DateTime, &mut text).ok()?;
    std::str::from_utf8(&text).ok()?.parse().ok()
}

fn http_date(moment: Option<dto::Timestamp>) -> Option<String> {
    let mut text = Vec::new();
    moment?.format(dto::TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

async fn put(backend: Arc<Backend>, call: Call, input: s3::PutObject) -> Answer<s3::PutObjectOutput> {
    refuse(
        "PutObject",
        &[
            ("ChecksumSHA512", input.checksum_sha512.is_some()),
            ("ChecksumMD5", input.checksum_md5.is_some()),
            ("ChecksumXXHASH64", input.checksum_xxhash64.is_some()),
            ("ChecksumXXHASH3", input.checksum_xxhash3.is_some()),
            ("ChecksumXXHASH128", input.checksum_xxhash128.is_some()),
            ("GrantFullControl", input.grant_full_control.is_some()),
            ("GrantRead", input.grant_read.is_some()),
            ("GrantReadACP", input.grant_read_acp.is_some()),
            ("GrantWriteACP", input.grant_write_acp.is_some()),
            ("WriteOffsetBytes", input.write_offset_bytes.is_some()),
            ("WebsiteRedirectLocation", input.website_redirect_location.is_some()),
            ("SSECustomerAlgorithm", input.sse_customer_algorithm.is_some()),
            ("SSECustomerKey", input.sse_customer_key.is_some()),
            ("SSECustomerKeyMD5", input.sse_customer_key_md5.is_some()),
            ("SSEKMSKeyId", input.ssekms_key_id.is_some()),
            ("SSEKMSEncryptionContext", input.ssekms_encryption_context.is_some()),
            ("ObjectLockMode", input.object_lock_mode.is_some()),
            ("ObjectLockRetainUntilDate", input.object_lock_retain_until_date.is_some()),
            ("ObjectLockLegalHoldStatus", input.object_lock_legal_hold_status.is_some()),
            ("ObjectLockEventHold", input.object_lock_event_hold.is_some()),
            ("ObjectLockEventHoldDurationDays", input.object_lock_event_hold_duration_days.is_some()),
            ("ObjectLockEventHoldDurationYears", input.object_lock_event_hold_duration_years.is_some()),
        ],
    )?;
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    if let Some(encryption) = input.server_side_encryption.as_deref().filter(|encryption| *encryption != "AES256") {
        return Err(Fault::unsupported(format_args!("the encryption {encryption} of PutObject")));
    }
    let body = input.body.unwrap_or_default();
    let expires = input.expires.as_deref().map(|text| {
        dto::Timestamp::parse(dto::TimestampFormat::HttpDate, text)
            .map_err(|_| Fault::invalid_argument("Expires is not a date", "Expires", text))
    });
    let put = dto::PutObjectInput {
        acl: input.acl.map(dto::ObjectCannedACL::from),
        bucket: input.bucket,
        cache_control: input.cache_control,
        checksum_algorithm: input.checksum_algorithm.map(dto::ChecksumAlgorithm::from),
        checksum_crc32: input.checksum_crc32,
        checksum_crc32c: input.checksum_crc32_c,
        checksum_crc64nvme: input.checksum_crc64_nvme,
        checksum_sha1: input.checksum_sha1,
        checksum_sha256: input.checksum_sha256,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding,
        content_language: input.content_language,
        content_length: i64::try_from(body.len()).ok(),
        content_md5: input.content_md5,
        content_type: input.content_type,
        expires: expires.transpose()?,
        if_match: etag_condition(input.if_match),
        if_none_match: etag_condition(input.if_none_match),
        key: input.key,
        metadata: input.metadata.map(|metadata| metadata.into_iter().collect()),
        storage_class: input.storage_class.map(dto::StorageClass::from),
        tagging: input.tagging,
        body: Some(crate::Body::from(body).into()),
        ..Default::default()
    };
    let output = api::put_object::put(&backend, &call, put).await?;
    Ok(s3::PutObjectOutput {
        expiration: output.expiration,
        e_tag: etag(output.e_tag),
        checksum_crc32: output.checksum_crc32,
        checksum_crc32_c: output.checksum_crc32c,
        checksum_crc64_nvme: output.checksum_crc64nvme,
        checksum_sha1: output.checksum_sha1,
        checksum_sha256: output.checksum_sha256,
        checksum_type: output.checksum_type.map(|kind| kind.as_str().to_owned()),
        server_side_encryption: output.server_side_encryption.map(|encryption| encryption.as_str().to_owned()),
        version_id: output.version_id,
        ..Default::default()
    })
}

/// Turns the input of GetObject or HeadObject into s3s's, and the output back.
macro_rules! reading {
    ($input:ident as $to:ident of $operation:literal) => {{
        refuse($operation, &[("SSECustomerAlgorithm", $input.sse_customer_algorithm.is_some()), ("SSECustomerKey", $input.sse_customer_key.is_some()), ("SSECustomerKeyMD5", $input.sse_customer_key_md5.is_some()), ("ResponseCacheControl", $input.response_cache_control.is_some()), ("ResponseContentDisposition", $input.response_content_disposition.is_some()), ("ResponseContentEncoding", $input.response_content_encoding.is_some()), ("ResponseContentLanguage", $input.response_content_language.is_some()), ("ResponseContentType", $input.response_content_type.is_some()), ("ResponseExpires", $input.response_expires.is_some())])?;
        let range = $input.range.as_deref().map(|range| {
            dto::Range::parse(range).map_err(|_| Fault::invalid_argument("The range is not valid", "Range", range))
        });
        dto::$to {
            bucket: $input.bucket,
            key: $input.key,
            version_id: $input.version_id,
            checksum_mode: $input.checksum_mode.map(dto::ChecksumMode::from),
            if_match: etag_condition($input.if_match),
            if_none_match: etag_condition($input.if_none_match),
            if_modified_since: moment($input.if_modified_since),
            if_unmodified_since: moment($input.if_unmodified_since),
            part_number: narrow($input.part_number, "PartNumber")?,
            range: range.transpose()?,
            ..Default::default()
        }
    }};
    ($output:ident into $to:ident { $($more:tt)* }) => {
        s3::$to {
            accept_ranges: $output.accept_ranges,
            cache_control: $output.cache_control,
            checksum_crc32: $output.checksum_crc32,
            checksum_crc32_c: $output.checksum_crc32c,
            checksum_crc64_nvme: $output.checksum_crc64nvme,
            checksum_sha1: $output.checksum_sha1,
            checksum_sha256: $output.checksum_sha256,
            checksum_type: $output.checksum_type.map(|kind| kind.as_str().to_owned()),
            content_disposition: $output.content_disposition,
            content_encoding: $output.content_encoding,
            content_language: $output.content_language,
            content_length: $output.content_length,
            content_range: $output.content_range,
            content_type: $output.content_type.map(|value| value.to_string()),
            e_tag: etag($output.e_tag),
            expiration: $output.expiration,
            expires: http_date($output.expires),
            last_modified: millisecond($output.last_modified),
            metadata: $output.metadata.map(|metadata| metadata.into_iter().collect()),
            parts_count: $output.parts_count.map(i64::from),
            server_side_encryption: $output.server_side_encryption.map(|encryption| encryption.as_str().to_owned()),
            storage_class: $output.storage_class.map(|class| class.as_str().to_owned()),
            version_id: $output.version_id,
            $($more)*
            ..Default::default()
        }
    };
}

async fn get(backend: Arc<Backend>, call: Call, input: s3::GetObject) -> Answer<s3::GetObjectOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let get = reading!(input as GetObjectInput of "GetObject");
    let mut output = api::get_object::get(&backend, &call, get).await?;
    let body = collect(output.body.take(), output.content_length).await?;
    let tags = output.tag_count.map(i64::from);
    Ok(reading!(output into GetObjectOutput { body: Some(body), tag_count: tags, }))
}

/// Calls from inside take a body whole.
async fn collect(body: Option<dto::StreamingBlob>, length: Option<i64>) -> Answer<Bytes> {
    let Some(mut body) = body else { return Ok(Bytes::new()) };
    let mut bytes = BytesMut::with_capacity(length.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(AwsError::internal)?);
    }
    Ok(bytes.freeze())
}

async fn head(backend: Arc<Backend>, call: Call, input: s3::HeadObject) -> Answer<s3::HeadObjectOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let head = reading!(input as HeadObjectInput of "HeadObject");
    let output = api::get_object::head(&backend, &call, head).await?;
    Ok(reading!(output into HeadObjectOutput {}))
}

async fn delete(backend: Arc<Backend>, call: Call, input: s3::DeleteObject) -> Answer<s3::DeleteObjectOutput> {
    refuse("DeleteObject", &[("MFA", input.mfa.is_some())])?;
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let delete = dto::DeleteObjectInput {
        bucket: input.bucket,
        if_match: etag_condition(input.if_match),
        if_match_last_modified_time: moment(input.if_match_last_modified_time),
        if_match_size: input.if_match_size,
        key: input.key,
        version_id: input.version_id,
        ..Default::default()
    };
    let output = api::delete_objects::delete(&backend, &call, delete).await?;
    Ok(s3::DeleteObjectOutput {
        delete_marker: output.delete_marker,
        version_id: output.version_id,
        ..Default::default()
    })
}
