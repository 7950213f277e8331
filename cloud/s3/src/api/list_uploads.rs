//! ListParts and ListMultipartUploads.

use super::multipart::find_upload;
use super::{check_encoding, encode, page_size};
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::{canonical_id, owner};
use crate::model::checksum::set_checksum;
use crate::model::object::{Part, Upload, timestamp};
use crate::store::{Entry, Start};
use s3s::dto;

fn initiator(upload: &Upload, account: &str) -> dto::Initiator {
    // Users are told by their ARN and name, the account's root user by its canonical id.
    let name = upload.initiator.rsplit(['/', ':']).next().unwrap_or_default();
    let id = match name {
        "root" => canonical_id(account),
        _ => upload.initiator.clone(),
    };
    dto::Initiator { display_name: Some(name.to_owned()), id: Some(id) }
}

/// ListParts.
pub async fn list_parts(backend: &Backend, _: &Call, input: dto::ListPartsInput) -> Answer<dto::ListPartsOutput> {
    let account = backend.bucket(&input.bucket)?.owner.clone();
    let upload = find_upload(backend, &input.bucket, &input.key, &input.upload_id).await?;
    let (max, marker) = (page_size(input.max_parts, "max-parts")?, input.part_number_marker.unwrap_or(0));
    let mut parts = backend.objects.parts(upload.id.clone(), marker, max + 1).await?;
    let truncated = parts.len() > max;
    parts.truncate(max);
    let describe = |part: &Part| {
        let mut told = dto::Part {
            e_tag: Some(dto::ETag::Strong(part.etag.clone())),
            last_modified: Some(timestamp(part.modified)),
            part_number: Some(part.number),
            size: i64::try_from(part.size).ok(),
            ..Default::default()
        };
        if let (Some((algorithm, _)), Some(value)) = (upload.checksum, &part.checksum) {
            set_checksum!(told, algorithm, value.clone());
        }
        told
    };
    Ok(dto::ListPartsOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: upload.checksum.map(|(one, _)| dto::ChecksumAlgorithm::from_static(one.name())),
        checksum_type: upload.checksum.map(|(_, kind)| dto::ChecksumType::from_static(kind.name())),
        initiator: Some(initiator(&upload, &account)),
        is_truncated: Some(truncated),
        key: Some(input.key),
        max_parts: i32::try_from(max).ok(),
        next_part_number_marker: Some(parts.last().map_or(0, |part| part.number)),
        owner: Some(owner(&account)),
        part_number_marker: Some(marker),
        parts: Some(parts.iter().map(describe).collect::<Vec<_>>()).filter(|parts| !parts.is_empty()),
        storage_class: Some(dto::StorageClass::from(upload.details.storage_class().to_owned())),
        upload_id: Some(input.upload_id),
        ..Default::default()
    })
}

/// ListMultipartUploads.
pub async fn list_uploads(
    backend: &Backend,
    _: &Call,
    input: dto::ListMultipartUploadsInput,
) -> Answer<dto::ListMultipartUploadsOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let encoding = input.encoding_type;
    check_encoding(encoding.as_ref())?;
    let max = page_size(input.max_uploads, "max-uploads")?;
    // An upload's id counts only beside a key (API reference, ListMultipartUploads).
    let after = input.key_marker.clone().filter(|marker| !marker.is_empty());
    let has_key_marker = after.is_some();
    let start = Start {
        bucket: bucket.key,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after_id: input.upload_id_marker.clone().filter(|id| after.is_some() && !id.is_empty()),
        after,
        forgiving: false,
        max,
    };
    let listing = backend.objects.list_uploads(start).await?.ok_or_else(|| {
        let id = input.upload_id_marker.clone().unwrap_or_default();
        Fault::invalid_argument("Invalid uploadId marker", "upload-id-marker", id)
    })?;
    let encode = |text: String| encode(text, encoding.as_ref());
    let (mut uploads, mut prefixes, mut last) = (Vec::new(), Vec::new(), None);
    for entry in listing.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(dto::CommonPrefix { prefix: Some(encode(prefix)) }),
            Entry::Item(upload) => {
                last = Some((upload.key.clone(), upload.id.clone()));
                uploads.push(dto::MultipartUpload {
                    checksum_algorithm: upload.checksum.map(|(one, _)| dto::ChecksumAlgorithm::from_static(one.name())),
                    checksum_type: upload.checksum.map(|(_, kind)| dto::ChecksumType::from_static(kind.name())),
                    initiated: Some(timestamp(upload.initiated)),
                    initiator: Some(initiator(&upload, &bucket.owner)),
                    owner: Some(owner(&bucket.owner)),
                    storage_class: Some(dto::StorageClass::from(upload.details.storage_class().to_owned())),
                    key: Some(encode(upload.key)),
                    upload_id: Some(upload.id),
                });
            }
        }
    }
    let (next_key, next_id) = last.unwrap_or_default();
    Ok(dto::ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: Some(prefixes).filter(|prefixes| !prefixes.is_empty()),
        delimiter: input.delimiter.map(encode),
        is_truncated: Some(listing.truncated),
        key_marker: Some(encode(input.key_marker.unwrap_or_default())),
        max_uploads: i32::try_from(max).ok(),
        next_key_marker: Some(encode(next_key)),
        next_upload_id_marker: Some(next_id),
        prefix: input.prefix.map(encode),
        request_charged: None,
        upload_id_marker: Some(input.upload_id_marker.filter(|_| has_key_marker).unwrap_or_default()),
        uploads: Some(uploads).filter(|uploads| !uploads.is_empty()),
        encoding_type: encoding.clone(),
    })
}
