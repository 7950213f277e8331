//! CompleteMultipartUpload.

use super::multipart::{find_upload, no_such_upload};
use super::put_object::latest;
use super::{encryption, percent_encoded};
use crate::backend::{Backend, now};
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::checksum::{Algorithm, Checksum, Kind, given_checksum, set_typed_checksum};
use crate::model::conditions::WriteCondition;
use crate::model::object::{Part, PartDetails, Upload, Version};
use crate::store::NewVersion;
use md5::{Digest, Md5};
use s3s::dto;

/// The size that all parts but the last must have.
const MIN_PART: u64 = 5 * 1024 * 1024;
/// The parts an upload may have.
const MAX_PARTS: usize = 10_000;

/// CompleteMultipartUpload.
pub async fn complete(
    backend: &Backend,
    call: &Call,
    mut input: dto::CompleteMultipartUploadInput,
) -> Answer<dto::CompleteMultipartUploadOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let told = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
    let upload = match find_upload(backend, &input.bucket, &input.key, &input.upload_id).await {
        Ok(upload) => upload,
        Err(gone) => return again(backend, &bucket, input, &told).await?.ok_or(gone),
    };
    let condition = WriteCondition::of(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let stored = backend.objects.parts(upload.id.clone(), 0, MAX_PARTS).await?;
    check_kind(&upload, input.checksum_type.as_ref())?;
    let parts = choose(&upload, told, &stored)?;
    let given = given_checksum!(input)?;
    check_mode(&upload, given.as_ref(), input.checksum_type.as_ref())?;
    let size: u64 = parts.iter().map(|part| part.size).sum();
    if let Some(said) = input.mpu_object_size
        && u64::try_from(said) != Ok(size)
    {
        return Err(Fault::invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {said} does not match what was computed: {size}"
        )));
    }

    let (algorithm, kind) = upload.checksum.unwrap_or((Algorithm::Crc64Nvme, Kind::FullObject));
    let sources = parts.iter().map(|part| (part.body.clone(), 0..part.size)).collect();
    let whole = (kind == Kind::FullObject).then_some(algorithm);
    let draft = backend.bodies.join(sources, whole).await?;
    let checksum = match kind {
        Kind::FullObject => draft.checksum.clone().map(|value| algorithm.full(value)),
        Kind::Composite => {
            let values: Vec<&str> = parts.iter().map(|part| part.checksum.as_deref().unwrap_or_default()).collect();
            Some(algorithm.composite(values.into_iter()))
        }
    };
    // Where no checksum was agreed on, another than the default one is ignored (recorded:
    // test_complete_multipart_parts_checksum_default).
    let agreed = upload.checksum.is_some();
    check_checksum(given.filter(|(given, _)| agreed || *given == algorithm), checksum.as_ref())?;

    let mut details = upload.details;
    let details_of =
        |part: &&Part| PartDetails { number: part.number, size: part.size, checksum: part.checksum.clone() };
    details.parts = parts.iter().map(details_of).collect();
    details.checksum = checksum;
    details.upload = Some(upload.id.clone());
    let new = NewVersion {
        key: input.key.clone(),
        marker: false,
        size,
        etag: etag_of(parts.iter().map(|part| part.etag.as_str())),
        modified: now(),
        body: draft.id.clone(),
        details,
    };
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectCreated:CompleteMultipartUpload");
    let objects = &backend.objects;
    let completed =
        objects.complete(bucket.key, bucket.versioning, upload.id, new.clone(), condition, announcer).await?;
    let completed = completed.ok_or_else(|| no_such_upload(&input.upload_id))??;
    draft.keep();
    backend.bodies.remove(completed.inserted.replaced.into_iter().chain(completed.parts)).await;
    let version = latest(new, completed.inserted.version);
    Ok(describe(backend, &bucket, input, &version))
}

/// Answers a completion that was answered before, for as long as its version is there and the same parts are named:
/// clients repeat it when an answer got lost. Conditions are not looked at again (verified on AWS: moto's pull request
/// 9209; adobe/S3Mock's issue 2586 has a script).
async fn again(
    backend: &Backend,
    bucket: &Bucket,
    input: dto::CompleteMultipartUploadInput,
    told: &[dto::CompletedPart],
) -> Answer<Option<dto::CompleteMultipartUploadOutput>> {
    let version = backend.objects.completed(bucket.key, input.key.clone(), input.upload_id.clone()).await?;
    let etags = told.iter().map(|part| part.e_tag.as_ref().map_or("", |etag| etag.value()));
    let version = version.filter(|version| version.etag == etag_of(etags));
    Ok(version.map(|version| describe(backend, bucket, input, &version)))
}

fn describe(
    backend: &Backend,
    bucket: &Bucket,
    input: dto::CompleteMultipartUploadInput,
    version: &Version,
) -> dto::CompleteMultipartUploadOutput {
    let mut output = dto::CompleteMultipartUploadOutput {
        location: Some(format!("{}/{}/{}", backend.endpoint(), input.bucket, percent_encoded(&input.key))),
        bucket: Some(input.bucket),
        e_tag: Some(version.etag()),
        expiration: backend.expiration(bucket, version),
        key: Some(input.key),
        server_side_encryption: encryption(),
        version_id: version.own_version(),
        ..Default::default()
    };
    set_typed_checksum!(output, &version.details.checksum);
    output
}

/// `md5-n`: the MD5 of the parts' MD5s.
fn etag_of<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut md5 = Md5::new();
    let mut count = 0;
    for part in parts {
        md5.update(hex::decode(part).unwrap_or_default());
        count += 1;
    }
    format!("{}-{count}", hex::encode(md5.finalize()))
}

/// The parts that are told, each checked against what was uploaded.
fn choose<'p>(upload: &Upload, mut told: Vec<dto::CompletedPart>, stored: &'p [Part]) -> Answer<Vec<&'p Part>> {
    if told.is_empty() {
        return Err(Fault::invalid_request("You must specify at least one part"));
    }
    if !told.is_sorted_by(|a, b| a.part_number < b.part_number) {
        let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
        return Err(Fault::new("InvalidPartOrder", 400, message).with("UploadId", upload.id.as_str()));
    }
    let mut parts = Vec::new();
    for one in &mut told {
        let number = one.part_number.unwrap_or(0);
        let etag = one.e_tag.as_ref().map(|etag| etag.value().to_owned()).unwrap_or_default();
        let invalid = || {
            let message = "One or more of the specified parts could not be found.  The part may not have been \
                           uploaded, or the specified entity tag may not match the part's entity tag.";
            Fault::new("InvalidPart", 400, message)
                .with("UploadId", upload.id.as_str())
                .with("PartNumber", number.to_string())
                .with("ETag", etag.as_str())
        };
        let part = stored.iter().find(|part| part.number == number && part.etag == etag).ok_or_else(invalid)?;
        let checksum = given_checksum!(one)?;
        match (upload.checksum, checksum) {
            (Some((algorithm, Kind::Composite)), None) => {
                return Err(Fault::invalid_request(format!(
                    "The upload was created using a {} checksum. The complete request must include the checksum for \
                     each part. It was missing for part {number} in the request.",
                    algorithm.lower_name()
                )));
            }
            (Some((algorithm, _)), Some((given, _))) if given != algorithm => {
                let name = given.lower_name();
                let message = format!("The {name} you specified for part {number} did not match what we received.");
                return Err(Fault::new("BadDigest", 400, message));
            }
            (Some(_), Some((_, value))) if part.checksum.as_ref() != Some(&value) => {
                return Err(invalid());
            }
            (None, Some(_)) => return Err(invalid()),
            _ => {}
        }
        parts.push(part);
    }
    let all_but_last = &parts[..parts.len() - 1];
    if let Some(small) = all_but_last.iter().find(|part| part.size < MIN_PART) {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(Fault::new("EntityTooSmall", 400, message)
            .with("ETag", small.etag.as_str())
            .with("MinSizeAllowed", MIN_PART.to_string())
            .with("PartNumber", small.number.to_string())
            .with("ProposedSize", small.size.to_string()));
    }
    Ok(parts)
}

fn check_kind(upload: &Upload, told: Option<&dto::ChecksumType>) -> Answer<()> {
    let agreed = upload.checksum.map_or("null", |(_, kind)| kind.name());
    match told {
        Some(told) if told.as_str() != agreed => Err(Fault::invalid_request(format!(
            "The upload was created using the {agreed} checksum mode. The complete request must use the same checksum \
             mode."
        ))),
        _ => Ok(()),
    }
}

/// A checksum without its type is taken for a composite one (recorded:
/// test_multipart_parts_checksum_exceptions_full_object).
fn check_mode(upload: &Upload, given: Option<&(Algorithm, String)>, told: Option<&dto::ChecksumType>) -> Answer<()> {
    match (upload.checksum, given, told) {
        (Some((algorithm, Kind::FullObject)), Some((given, _)), told) if told.is_none() || *given != algorithm => {
            Err(mismatch(algorithm))
        }
        _ => Ok(()),
    }
}

/// `BadDigest` as CompleteMultipartUpload words it.
fn mismatch(algorithm: Algorithm) -> Fault {
    let name = algorithm.lower_name();
    Fault::new("BadDigest", 400, format!("The {name} you specified did not match the calculated checksum."))
}

fn check_checksum(given: Option<(Algorithm, String)>, computed: Option<&Checksum>) -> Answer<()> {
    let Some((algorithm, value)) = given else { return Ok(()) };
    match computed {
        // A composite checksum may be given without its count.
        Some(computed)
            if computed.algorithm == algorithm
                && (computed.value == value || computed.value.split_once('-').is_some_and(|(sum, _)| sum == value)) =>
        {
            Ok(())
        }
        _ => Err(mismatch(algorithm)),
    }
}
