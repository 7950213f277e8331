//! DeleteObject and DeleteObjects.

use super::access::authorize_object;
use crate::backend::{Backend, now};
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::{Bucket, Versioning};
use crate::model::conditions::WriteCondition;
use crate::model::object::is_version_id;
use crate::store::Deleted;
use s3s::dto;

/// How many keys DeleteObjects takes.
const MAX_KEYS: usize = 1000;

async fn remove(
    backend: &Backend,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
    condition: WriteCondition,
    call: &Call,
) -> Answer<Deleted> {
    let announcer = backend.notifier.announcer(bucket, Some(call), "ObjectRemoved");
    let (key, id) = (key.to_owned(), id.map(str::to_owned));
    let mut deleted =
        backend.objects.delete(bucket.key, bucket.versioning, key, id, condition, now(), announcer).await??;
    backend.bodies.remove(std::mem::take(&mut deleted.bodies)).await;
    Ok(deleted)
}

/// DeleteObject.
pub async fn delete(backend: &Backend, call: &Call, input: dto::DeleteObjectInput) -> Answer<dto::DeleteObjectOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    // Only directory buckets have these (recorded: test_delete_object_if_match_all_non_express).
    if input.if_match_last_modified_time.is_some() {
        return Err(Fault::header_not_implemented("x-amz-if-match-last-modified-time"));
    }
    if input.if_match_size.is_some() {
        return Err(Fault::header_not_implemented("x-amz-if-match-size"));
    }
    let condition = match &input.if_match {
        None => WriteCondition::None,
        Some(dto::ETagCondition::ETag(etag)) => WriteCondition::Is(etag.value().to_owned()),
        Some(dto::ETagCondition::Any) => {
            return Err(Fault::unsupported("the value * of the header If-Match of DeleteObject"));
        }
    };
    if let Some(id) = &input.version_id
        && (!is_version_id(id) || (bucket.versioning == Versioning::Never && id != "null"))
    {
        return Err(Fault::invalid_argument("Invalid version id specified", "versionId", id.as_str()));
    }
    let deleted = remove(backend, &bucket, &input.key, input.version_id.as_deref(), condition, call).await?;
    Ok(dto::DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: deleted.version,
        request_charged: None,
    })
}

/// DeleteObjects: each key is asked for and deleted by itself.
pub async fn delete_many(
    backend: &Backend,
    call: &Call,
    input: dto::DeleteObjectsInput,
) -> Answer<dto::DeleteObjectsOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MAX_KEYS {
        return Err(Fault::malformed_xml());
    }
    let mut output = dto::DeleteObjectsOutput::default();
    for object in objects {
        let (key, id) = (object.key.clone(), object.version_id.clone());
        match delete_one(backend, call, &bucket, object).await {
            Ok(_) if input.delete.quiet == Some(true) => {}
            Ok(deleted) => output.deleted.get_or_insert_default().push(deleted),
            Err(fault) => output.errors.get_or_insert_default().push(dto::Error {
                code: Some(fault.error.code.into_owned()),
                key: Some(key),
                message: Some(fault.error.message),
                version_id: id,
            }),
        }
    }
    Ok(output)
}

async fn delete_one(
    backend: &Backend,
    call: &Call,
    bucket: &Bucket,
    object: dto::ObjectIdentifier,
) -> Answer<dto::DeletedObject> {
    let action = if object.version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    authorize_object(backend, &call.context, action, &bucket.name, Some(&object.key)).await?;
    if object.last_modified_time.is_some() || object.size.is_some() {
        return Err(Fault::unsupported("the condition LastModifiedTime or Size of DeleteObjects"));
    }
    if let Some(id) = &object.version_id
        && id != "null"
        && backend.objects.version(bucket.key, object.key.clone(), Some(id.clone())).await?.is_none()
        && (bucket.versioning == Versioning::Never || !is_version_id(id))
    {
        return Err(Fault::no_such_version(&object.key, id));
    }
    let condition = object.e_tag.map_or(WriteCondition::None, |etag| WriteCondition::Is(etag.value().to_owned()));
    let deleted = remove(backend, bucket, &object.key, object.version_id.as_deref(), condition, call).await?;
    Ok(dto::DeletedObject {
        delete_marker: deleted.marker.then_some(true),
        delete_marker_version_id: deleted.version.filter(|_| deleted.marker),
        key: Some(object.key),
        version_id: object.version_id,
    })
}
