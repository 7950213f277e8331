//! ACLs: the owner has full control, nobody else anything. Others are refused; see [`crate::api::access::acl`].

use super::access::acl::{check_canned, not_allowed, unsupported};
use super::find;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::{Bucket, canonical_id, owner};
use s3s::dto;

fn grants(account: &str) -> Vec<dto::Grant> {
    let grantee = dto::Grantee {
        display_name: None,
        email_address: None,
        id: Some(canonical_id(account)),
        type_: dto::Type::from_static(dto::Type::CANONICAL_USER),
        uri: None,
    };
    let permission = dto::Permission::from_static(dto::Permission::FULL_CONTROL);
    vec![dto::Grant { grantee: Some(grantee), permission: Some(permission) }]
}

/// GetBucketAcl.
pub async fn get_bucket(backend: &Backend, _: &Call, input: dto::GetBucketAclInput) -> Answer<dto::GetBucketAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    Ok(dto::GetBucketAclOutput { grants: Some(grants(&bucket.owner)), owner: Some(owner(&bucket.owner)) })
}

/// PutBucketAcl.
pub async fn put_bucket(backend: &Backend, _: &Call, input: dto::PutBucketAclInput) -> Answer<dto::PutBucketAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let acl = input.acl.as_ref().map(|acl| acl.as_str());
    check_put(&bucket, acl, input.access_control_policy.is_some())?;
    Ok(dto::PutBucketAclOutput {})
}

/// GetObjectAcl.
pub async fn get_object(backend: &Backend, _: &Call, input: dto::GetObjectAclInput) -> Answer<dto::GetObjectAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let version = find(backend, &bucket, &input.key, input.version_id.as_deref()).await?;
    match version {
        Some(version) if version.marker && input.version_id.is_some() => Err(Fault::is_delete_marker("GET")),
        Some(version) if !version.marker => Ok(dto::GetObjectAclOutput {
            grants: Some(grants(&bucket.owner)),
            owner: Some(owner(&bucket.owner)),
            request_charged: None,
        }),
        _ => Err(Fault::no_such_key(&input.key)),
    }
}

/// PutObjectAcl.
pub async fn put_object(backend: &Backend, _: &Call, input: dto::PutObjectAclInput) -> Answer<dto::PutObjectAclOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let version = find(backend, &bucket, &input.key, input.version_id.as_deref()).await?;
    match version {
        None => return Err(Fault::no_such_key(&input.key)),
        Some(version) if version.marker => return Err(Fault::is_delete_marker("PUT")),
        Some(_) => {}
    }
    let acl = input.acl.as_ref().map(|acl| acl.as_str());
    check_put(&bucket, acl, input.access_control_policy.is_some())?;
    Ok(dto::PutObjectAclOutput { request_charged: None })
}

fn check_put(bucket: &Bucket, acl: Option<&str>, has_policy: bool) -> Answer<()> {
    match (acl, has_policy) {
        (None, false) => Err(Fault::new("MissingSecurityHeader", 400, "Your request was missing a required header")
            .with("MissingHeaderName", "x-amz-acl")),
        (acl, false) => check_canned(bucket, acl),
        (_, true) if bucket.enforces_ownership() => Err(not_allowed()),
        (_, true) => Err(unsupported("AccessControlPolicy")),
    }
}
