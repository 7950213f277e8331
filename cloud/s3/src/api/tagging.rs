//! Tags of buckets and objects.

use super::find;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::object::Version;
use crate::model::tags::{BUCKET_TAGS, OBJECT_TAGS, Tags, of_set, to_set};
use s3s::dto;
use std::sync::Arc;

/// GetBucketTagging.
pub async fn get_bucket(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketTaggingInput,
) -> Answer<dto::GetBucketTaggingOutput> {
    let tags =
        backend.bucket(&input.bucket)?.tags.clone().filter(|tags| !tags.is_empty()).ok_or_else(|| {
            Fault::new("NoSuchTagSet", 404, "The TagSet does not exist").with("BucketName", input.bucket)
        })?;
    Ok(dto::GetBucketTaggingOutput { tag_set: to_set(&tags) })
}

/// PutBucketTagging.
pub async fn put_bucket(
    backend: &Backend,
    call: &Call,
    input: dto::PutBucketTaggingInput,
) -> Answer<dto::PutBucketTaggingOutput> {
    backend.bucket(&input.bucket)?;
    let set = &input.tagging.tag_set;
    // CloudFormation marks what it makes with tags of the system.
    let is_system = |tag: &&dto::Tag| {
        call.context.called_via.is_some() && tag.key.as_ref().is_some_and(|key| key.starts_with("aws:"))
    };
    let (system, own): (Vec<dto::Tag>, Vec<dto::Tag>) = set.iter().cloned().partition(|tag| is_system(&tag));
    let mut tags = of_set(&own, "System tags cannot be added/updated by requester", BUCKET_TAGS)?;
    tags.extend(system.into_iter().filter_map(|tag| Some((tag.key?, tag.value?))));
    backend.configure(&input.bucket, |bucket| bucket.tags = Some(tags)).await?;
    call.reply_status(http::StatusCode::NO_CONTENT);
    Ok(dto::PutBucketTaggingOutput {})
}

/// DeleteBucketTagging.
pub async fn delete_bucket(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketTaggingInput,
) -> Answer<dto::DeleteBucketTaggingOutput> {
    backend.configure(&input.bucket, |bucket| bucket.tags = None).await?;
    Ok(dto::DeleteBucketTaggingOutput {})
}

/// The bucket and the version whose tags are meant.
async fn subject(
    backend: &Backend,
    bucket: &str,
    key: &str,
    id: Option<&str>,
    method: &'static str,
) -> Answer<(Arc<Bucket>, Version)> {
    let bucket = backend.bucket(bucket)?;
    match find(backend, &bucket, key, id).await? {
        Some(version) if version.marker => Err(Fault::is_delete_marker(method)),
        Some(version) => Ok((bucket, version)),
        // Only GetObjectTagging tells the bucket with it (recorded: test_object_tagging_exc).
        None if method == "GET" => Err(Fault::no_such_key(&format!("{}/{key}", bucket.name))),
        None => Err(Fault::no_such_key(key)),
    }
}

/// GetObjectTagging.
pub async fn get_object(
    backend: &Backend,
    _: &Call,
    input: dto::GetObjectTaggingInput,
) -> Answer<dto::GetObjectTaggingOutput> {
    let id = input.version_id.as_deref();
    let (bucket, version) = subject(backend, &input.bucket, &input.key, id, "GET").await?;
    Ok(dto::GetObjectTaggingOutput {
        version_id: version.told_version(bucket.versioning),
        tag_set: to_set(&version.details.tags),
    })
}

/// PutObjectTagging.
pub async fn put_object(
    backend: &Backend,
    call: &Call,
    input: dto::PutObjectTaggingInput,
) -> Answer<dto::PutObjectTaggingOutput> {
    let id = input.version_id.as_deref();
    let (bucket, version) = subject(backend, &input.bucket, &input.key, id, "PUT").await?;
    let tags = of_set(&input.tagging.tag_set, "Your TagKey cannot be prefixed with aws:", OBJECT_TAGS)?;
    let version_id = version.told_version(bucket.versioning);
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectTagging:Put");
    backend.objects.set_tags(bucket.key, version, tags, announcer).await?;
    Ok(dto::PutObjectTaggingOutput { version_id })
}

/// DeleteObjectTagging.
pub async fn delete_object(
    backend: &Backend,
    call: &Call,
    input: dto::DeleteObjectTaggingInput,
) -> Answer<dto::DeleteObjectTaggingOutput> {
    let id = input.version_id.as_deref();
    let (bucket, version) = subject(backend, &input.bucket, &input.key, id, "DELETE").await?;
    let version_id = version.told_version(bucket.versioning);
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectTagging:Delete");
    backend.objects.set_tags(bucket.key, version, Tags::new(), announcer).await?;
    Ok(dto::DeleteObjectTaggingOutput { version_id })
}
