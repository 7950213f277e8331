//! GetObjectAttributes.

use super::rewrite;
use super::{find, page_size};
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::checksum::{Kind, set_checksum, set_typed_checksum};
use crate::model::object::{Details, Version};
use s3s::dto;

/// GetObjectAttributes.
pub async fn get(
    backend: &Backend,
    call: &Call,
    input: dto::GetObjectAttributesInput,
) -> Answer<dto::GetObjectAttributesOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let version = match find(backend, &bucket, &input.key, input.version_id.as_deref()).await? {
        Some(version) if !version.marker => version,
        Some(marker) if input.version_id.is_some() => {
            return Err(Fault::is_delete_marker("GET").header("x-amz-version-id", &marker.version));
        }
        _ => return Err(Fault::no_such_key(&input.key)),
    };
    // Attributes may come in one header, separated by commas.
    let wants = |name: &str| {
        input.object_attributes.iter().flat_map(|attribute| attribute.as_str().split(',')).any(|one| one.trim() == name)
    };
    let details = &version.details;
    let checksum = details.checksum.as_ref().filter(|_| wants("Checksum")).map(|checksum| {
        let mut checksum = checksum.clone();
        // The count of parts stands elsewhere here.
        if let Some((value, _)) = checksum.value.split_once('-') {
            checksum.value = value.to_owned();
        }
        let mut told = dto::Checksum::default();
        set_typed_checksum!(told, Some(&checksum));
        told
    });
    call.reply_rewritten(rewrite::attributes);
    Ok(dto::GetObjectAttributesOutput {
        checksum,
        e_tag: wants("ETag").then(|| version.etag()),
        last_modified: Some(version.modified()),
        object_parts: match wants("ObjectParts") && !details.parts.is_empty() {
            true => Some(parts(&version, details, input.max_parts, input.part_number_marker)?),
            false => None,
        },
        object_size: wants("ObjectSize").then(|| i64::try_from(version.size).unwrap_or(i64::MAX)),
        storage_class: wants("StorageClass").then(|| dto::StorageClass::from(details.storage_class().to_owned())),
        version_id: version.told_version(bucket.versioning),
        ..Default::default()
    })
}

fn parts(
    version: &Version,
    details: &Details,
    max: Option<i32>,
    marker: Option<i32>,
) -> Answer<dto::GetObjectAttributesParts> {
    let total = i32::try_from(details.parts.len()).ok();
    let composite = details.checksum.as_ref().filter(|checksum| checksum.kind == Kind::Composite);
    // Only parts with checksums of their own are told one by one (recorded:
    // test_complete_multipart_parts_checksum_composite, test_complete_multipart_parts_checksum_full_object).
    let Some(checksum) = composite else {
        return Ok(dto::GetObjectAttributesParts { total_parts_count: total, ..Default::default() });
    };
    debug_assert!(version.size >= details.parts.iter().map(|part| part.size).sum());
    let (most, marker) = (page_size(max, "max-parts")?, marker.unwrap_or(0));
    let mut page: Vec<_> = details.parts.iter().filter(|part| part.number > marker).collect();
    let truncated = page.len() > most;
    page.truncate(most);
    let describe = |part: &&crate::model::object::PartDetails| {
        let mut told = dto::ObjectPart {
            part_number: Some(part.number),
            size: i64::try_from(part.size).ok(),
            ..Default::default()
        };
        if let Some(value) = &part.checksum {
            set_checksum!(told, checksum.algorithm, value.clone());
        }
        told
    };
    Ok(dto::GetObjectAttributesParts {
        is_truncated: Some(truncated),
        max_parts: i32::try_from(most).ok(),
        next_part_number_marker: Some(page.last().map_or(0, |part| part.number)),
        part_number_marker: Some(marker),
        parts: Some(page.iter().map(describe).collect()),
        total_parts_count: total,
    })
}
