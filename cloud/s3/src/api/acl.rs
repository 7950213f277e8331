//! ACLs, as they are read and put; see [`crate::api::access::acl`].

use super::access::acl::{Of, given, of_document};
use super::find;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::acl::{Acl, Grant};
use crate::model::bucket::{Bucket, canonical_id, owner};
use s3s::dto;

/// What an ACL grants as it is told: where ownership is enforced, the owner alone has full control whatever was put
/// before ("Controlling ownership of objects").
fn grants(bucket: &Bucket, acl: Option<&Acl>) -> Vec<dto::Grant> {
    let acl = acl.filter(|_| !bucket.enforces_ownership()).cloned().unwrap_or_default();
    let describe = |Grant { grantee, permission }: Grant| {
        let uri = grantee.uri();
        let kind = if uri.is_some() { dto::Type::GROUP } else { dto::Type::CANONICAL_USER };
        let grantee = dto::Grantee {
            display_name: None,
            email_address: None,
            id: uri.is_none().then(|| canonical_id(&bucket.owner)),
            type_: dto::Type::from_static(kind),
            uri: uri.map(str::to_owned),
        };
        dto::Grant { grantee: Some(grantee), permission: Some(dto::Permission::from_static(permission.name())) }
    };
    acl.0.into_iter().map(describe).collect()
}

/// GetBucketAcl.
pub async fn get_bucket(backend: &Backend, _: &Call, input: dto::GetBucketAclInput) -> Answer<dto::GetBucketAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    Ok(dto::GetBucketAclOutput {
        grants: Some(grants(&bucket, bucket.acl.as_ref())),
        owner: Some(owner(&bucket.owner)),
    })
}

/// PutBucketAcl.
pub async fn put_bucket(
    backend: &Backend,
    call: &Call,
    input: dto::PutBucketAclInput,
) -> Answer<dto::PutBucketAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let acl = read(&bucket, call, input.access_control_policy.as_ref(), Of::Bucket)?;
    backend.configure(&input.bucket, |bucket| bucket.acl = Some(acl)).await?;
    Ok(dto::PutBucketAclOutput {})
}

/// GetObjectAcl.
pub async fn get_object(backend: &Backend, _: &Call, input: dto::GetObjectAclInput) -> Answer<dto::GetObjectAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let version = find(backend, &bucket, &input.key, input.version_id.as_deref()).await?;
    match version {
        Some(version) if version.marker && input.version_id.is_some() => Err(Fault::is_delete_marker("GET")),
        Some(version) if !version.marker => Ok(dto::GetObjectAclOutput {
            grants: Some(grants(&bucket, version.details.acl.as_ref())),
            owner: Some(owner(&bucket.owner)),
            request_charged: None,
        }),
        _ => Err(Fault::no_such_key(&input.key)),
    }
}

/// PutObjectAcl.
pub async fn put_object(
    backend: &Backend,
    call: &Call,
    input: dto::PutObjectAclInput,
) -> Answer<dto::PutObjectAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let version = find(backend, &bucket, &input.key, input.version_id.as_deref()).await?;
    let version = match version {
        None => return Err(Fault::no_such_key(&input.key)),
        Some(version) if version.marker => return Err(Fault::is_delete_marker("PUT")),
        Some(version) => version,
    };
    let acl = read(&bucket, call, input.access_control_policy.as_ref(), Of::Object)?;
    // "An object ACL is updated only if it is changed" ("Supported event types").
    let is_changed = version.details.acl.as_ref() != Some(&acl);
    let announcer = backend.notifier.announcer(&bucket, Some(call), "ObjectAcl:Put").filter(|_| is_changed);
    backend.objects.set_acl(bucket.key, version, acl, announcer).await?;
    Ok(dto::PutObjectAclOutput { request_charged: None })
}

/// The ACL that is put: in headers or in a document.
fn read(bucket: &Bucket, call: &Call, policy: Option<&dto::AccessControlPolicy>, of: Of) -> Answer<Acl> {
    match (given(bucket, &call.headers, None, of)?, policy) {
        (None, None) => Err(Fault::new("MissingSecurityHeader", 400, "Your request was missing a required header")
            .with("MissingHeaderName", "x-amz-acl")),
        (Some(acl), None) => Ok(acl),
        (None, Some(policy)) => of_document(bucket, policy),
        (Some(_), Some(_)) => Err(Fault::new("UnexpectedContent", 400, "This request does not support content")),
    }
}
