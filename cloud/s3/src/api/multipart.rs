//! Uploads in parts: their beginning, their parts and their abortion.

use super::access::acl;
use super::copy_object::{Source, source};
use super::put_object::{Incoming, check_metadata, receive};
use super::{encryption, storage_class};
use crate::backend::{Backend, now};
use crate::bodies::{Draft, MAX_PUT};
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::checksum::{Algorithm, Kind, given_checksum, set_checksum};
use crate::model::conditions::ReadConditions;
use crate::model::object::{Details, Part, Upload, timestamp};
use crate::model::tags;
use http::header;
use s3s::dto;

/// The parts an upload may have.
const MAX_PART: i32 = 10_000;

/// `NoSuchUpload`
pub fn no_such_upload(id: &str) -> Fault {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Fault::new("NoSuchUpload", 404, message).with("UploadId", id)
}

/// An upload that is under way.
///
/// # Errors
/// `NoSuchBucket` or `NoSuchUpload`.
pub async fn find_upload(backend: &Backend, bucket: &str, key: &str, id: &str) -> Answer<Upload> {
    let bucket = backend.bucket(bucket)?;
    let upload = backend.objects.upload(bucket.key, key.to_owned(), id.to_owned()).await?;
    upload.ok_or_else(|| no_such_upload(id))
}

/// CreateMultipartUpload.
pub async fn create(
    backend: &Backend,
    call: &Call,
    input: dto::CreateMultipartUploadInput,
) -> Answer<dto::CreateMultipartUploadOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let algorithm = input.checksum_algorithm.as_ref().map(|named| Algorithm::parse(named.as_str())).transpose()?;
    let checksum = checksum_of(algorithm, input.checksum_type.as_ref())?;
    let upload = Upload {
        id: slam_cloud_core::id::lower_alphanumeric(64),
        key: input.key.clone(),
        initiated: now(),
        initiator: call.context.principal.arn(),
        details: Details {
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
        },
        checksum,
    };
    let id = upload.id.clone();
    backend.objects.create_upload(bucket.key, upload).await?;
    Ok(dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: checksum.map(|(algorithm, _)| dto::ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: checksum.map(|(_, kind)| dto::ChecksumType::from_static(kind.name())),
        key: Some(input.key),
        server_side_encryption: encryption(),
        upload_id: Some(id),
        ..Default::default()
    })
}

/// The checksum that the parts and the object shall have (recorded: `test_multipart_checksum_type_compatibility`).
fn checksum_of(algorithm: Option<Algorithm>, kind: Option<&dto::ChecksumType>) -> Answer<Option<(Algorithm, Kind)>> {
    let kind = match kind.map(|kind| kind.as_str()) {
        None => None,
        Some("FULL_OBJECT") => Some(Kind::FullObject),
        Some("COMPOSITE") => Some(Kind::Composite),
        Some(_) => return Err(Fault::invalid_request("Value for x-amz-checksum-type header is invalid.")),
    };
    let Some(algorithm) = algorithm else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(Fault::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let incompatible = |kind: Kind| {
        let name = algorithm.lower_name();
        let message = format!("The {} checksum type cannot be used with the {name} checksum algorithm.", kind.name());
        Err(Fault::invalid_request(message))
    };
    match (algorithm, kind) {
        (Algorithm::Crc64Nvme, Some(Kind::Composite)) => incompatible(Kind::Composite),
        (Algorithm::Sha1 | Algorithm::Sha256, Some(Kind::FullObject)) => incompatible(Kind::FullObject),
        (Algorithm::Crc64Nvme, None) => Ok(Some((algorithm, Kind::FullObject))),
        (_, None) => Ok(Some((algorithm, Kind::Composite))),
        (_, Some(kind)) => Ok(Some((algorithm, kind))),
    }
}

fn check_part_number(number: i32) -> Answer<()> {
    if (1..=MAX_PART).contains(&number) {
        return Ok(());
    }
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    Err(Fault::invalid_argument(message, "partNumber", number.to_string()))
}

/// UploadPart.
pub async fn upload_part(
    backend: &Backend,
    call: &Call,
    mut input: dto::UploadPartInput,
) -> Answer<dto::UploadPartOutput> {
    check_part_number(input.part_number)?;
    let upload = find_upload(backend, &input.bucket, &input.key, &input.upload_id).await?;
    let expected = upload.checksum.map(|(algorithm, _)| algorithm);
    let incoming = Incoming {
        length: input.content_length,
        md5: input.content_md5.take(),
        checksum: given_checksum!(input)?,
        algorithm: input.checksum_algorithm.take(),
        body: input.body,
        of_part: true,
    };
    if let (Some(expected), Some((given, _))) = (expected, &incoming.checksum)
        && expected != *given
    {
        return Err(Fault::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            expected.lower_name(),
            given.lower_name(),
        )));
    }
    let (draft, algorithm) = receive(backend, call, incoming, expected).await?;
    let mut output = dto::UploadPartOutput {
        e_tag: Some(dto::ETag::Strong(draft.etag())),
        server_side_encryption: encryption(),
        ..Default::default()
    };
    if let (Some(algorithm), Some(value)) = (algorithm, &draft.checksum) {
        set_checksum!(output, algorithm, value.clone());
    }
    // Without an algorithm agreed on at the beginning, parts keep no checksum (recorded:
    // test_complete_multipart_parts_checksum_default).
    let keeps = expected.is_some() && expected == algorithm;
    store_part(backend, &upload.id, input.part_number, draft, keeps).await?;
    Ok(output)
}

async fn store_part(backend: &Backend, upload: &str, number: i32, draft: Draft, keeps_checksum: bool) -> Answer<i64> {
    let modified = now();
    let part = Part {
        number,
        size: draft.size,
        etag: draft.etag(),
        modified,
        body: draft.id.clone(),
        checksum: draft.checksum.clone().filter(|_| keeps_checksum),
    };
    let replaced = backend.objects.put_part(upload.to_owned(), part).await?;
    let replaced = replaced.ok_or_else(|| no_such_upload(upload))?;
    draft.keep();
    backend.bodies.remove(replaced).await;
    Ok(modified)
}

/// UploadPartCopy.
pub async fn upload_part_copy(
    backend: &Backend,
    _: &Call,
    input: dto::UploadPartCopyInput,
) -> Answer<dto::UploadPartCopyOutput> {
    check_part_number(input.part_number)?;
    let upload = find_upload(backend, &input.bucket, &input.key, &input.upload_id).await?;
    let conditions = ReadConditions {
        if_match: input.copy_source_if_match,
        if_none_match: input.copy_source_if_none_match,
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let Source { version: source, told_version: source_version } =
        source(backend, &input.copy_source, &conditions).await?;
    let range = match &input.copy_source_range {
        None => 0..source.size,
        Some(range) => copy_range(range, source.size)?,
    };
    if range.end - range.start > MAX_PUT {
        return Err(Fault::invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        )));
    }
    let algorithm = upload.checksum.map(|(algorithm, _)| algorithm);
    let draft = backend.bodies.copy(source.body, range, algorithm).await?;
    let mut result = dto::CopyPartResult { e_tag: Some(dto::ETag::Strong(draft.etag())), ..Default::default() };
    if let (Some(algorithm), Some(value)) = (algorithm, &draft.checksum) {
        set_checksum!(result, algorithm, value.clone());
    }
    let modified = store_part(backend, &upload.id, input.part_number, draft, true).await?;
    result.last_modified = Some(timestamp(modified));
    Ok(dto::UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source_version,
        server_side_encryption: encryption(),
        ..Default::default()
    })
}

/// The range of a source (recorded: `test_upload_part_copy_range`).
fn copy_range(text: &str, size: u64) -> Answer<std::ops::Range<u64>> {
    const NAME: &str = "x-amz-copy-source-range";
    let bounds = text.strip_prefix("bytes=").and_then(|bounds| bounds.split_once('-'));
    let bounds = bounds.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    let (first, last) = bounds.filter(|(first, last)| first <= last).ok_or_else(|| {
        Fault::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy",
            NAME,
            text,
        )
    })?;
    if first >= size {
        return Err(Fault::invalid_request("The specified copy range is invalid for the source object size"));
    }
    if last >= size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(Fault::invalid_argument(message, NAME, text));
    }
    Ok(first..last + 1)
}

/// AbortMultipartUpload.
pub async fn abort(
    backend: &Backend,
    _: &Call,
    input: dto::AbortMultipartUploadInput,
) -> Answer<dto::AbortMultipartUploadOutput> {
    if input.if_match_initiated_time.is_some() {
        return Err(Fault::header_not_implemented("x-amz-if-match-initiated-time"));
    }
    let upload = find_upload(backend, &input.bucket, &input.key, &input.upload_id).await?;
    let bodies = backend.objects.abort(upload.id).await?.ok_or_else(|| no_such_upload(&input.upload_id))?;
    backend.bodies.remove(bodies).await;
    Ok(dto::AbortMultipartUploadOutput::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_range_lies_within_its_source() {
        let check = |text: &str, expected: Result<std::ops::Range<u64>, &str>| {
            let found = copy_range(text, 10).map_err(|fault| fault.error.code.into_owned());
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        };
        check("bytes=0-8", Ok(0..9));
        check("bytes=9-9", Ok(9..10));
        check("0-8", Err("InvalidArgument"));
        check("bytes=1-0", Err("InvalidArgument"));
        check("bytes=-1-", Err("InvalidArgument"));
        check("bytes=0-100", Err("InvalidArgument"));
        check("bytes=100-200", Err("InvalidRequest"));
    }

    #[test]
    fn checksum_types_go_with_their_algorithms() {
        let check = |algorithm, kind: Option<&'static str>, expected: Result<Option<Kind>, ()>| {
            let kind = kind.map(dto::ChecksumType::from_static);
            let found = checksum_of(algorithm, kind.as_ref()).map(|found| found.map(|(_, kind)| kind));
            assert_eq!(found.map_err(|_| ()), expected, "{algorithm:?}");
        };
        check(None, None, Ok(None));
        check(None, Some("COMPOSITE"), Err(()));
        check(Some(Algorithm::Crc32), None, Ok(Some(Kind::Composite)));
        check(Some(Algorithm::Crc64Nvme), None, Ok(Some(Kind::FullObject)));
        check(Some(Algorithm::Crc64Nvme), Some("COMPOSITE"), Err(()));
        check(Some(Algorithm::Sha256), Some("FULL_OBJECT"), Err(()));
    }
}
