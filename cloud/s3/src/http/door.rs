//! Asks for permission before s3s acts.

use super::operation::{Operation, parameters, unsupported};
use crate::api::access::{self, Target, acl};
use crate::backend::{Backend, access_denied};
use crate::call::{Call, text};
use crate::error::{Answer, Fault};
use ::http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use std::sync::Arc;

/// There are no signatures to verify behind the server's door.
pub struct NoSignatures;

#[async_trait::async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(s3_error!(AccessDenied, "signatures are verified before"))
    }
}

/// Asks for permission on behalf of s3s.
pub struct Door {
    /// What knows the buckets and the door.
    pub backend: Arc<Backend>,
}

#[async_trait::async_trait]
impl S3Access for Door {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let call = request.extensions_mut().get::<Call>().cloned().ok_or_else(access_denied)?;
        let Operation(operation) = request.extensions_mut().get().copied().ok_or_else(access_denied)?;
        // s3s has looked for itself; what it takes for something else goes no further.
        if request.s3_op().name() != operation {
            return Err(unsupported(request.s3_op().name()).into());
        }
        let query = parameters(request.uri());
        let target = Target {
            bucket: request.s3_path().get_bucket_name(),
            key: request.s3_path().get_object_key(),
            query: &query,
            headers: request.headers(),
            brought: &call.brought,
        };
        refuse_headers(request.headers())?;
        access::check_owner(&self.backend, request.headers(), "x-amz-expected-bucket-owner", target.bucket)?;
        access::authorize(&self.backend, &call.context, operation, &target).await?;
        // CreateBucket knows better: the bucket is not there yet.
        let bucket = target.bucket.filter(|_| operation != "CreateBucket");
        if let Some(bucket) = bucket.and_then(|bucket| self.backend.find_bucket(bucket)) {
            let of = if target.key.is_some() { acl::Of::Object } else { acl::Of::Bucket };
            acl::given(&bucket, target.headers, None, of)?;
            acl::check_writer(&bucket, &call.context.principal, operation, target.headers)?;
        }
        call.flaw.map_or(Ok(()), |flaw| Err(flaw.into()))
    }
}

/// Refuses by name what we do not have: better than to take a parameter and drop it. No object is ever locked here, so
/// that x-amz-bypass-governance-retention asks for nothing, as on a bucket of AWS without Object Lock.
fn refuse_headers(headers: &HeaderMap) -> Answer<()> {
    const UNSUPPORTED: [&str; 13] = [
        "x-amz-server-side-encryption-customer-",
        "x-amz-copy-source-server-side-encryption-customer-",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-context",
        "x-amz-object-annotation-directive",
        "x-amz-object-lock-",
        "x-amz-rename-source",
        "x-amz-website-redirect-location",
        "x-amz-mfa",
        "x-amz-write-offset-bytes",
        "x-amz-checksum-sha512",
        "x-amz-checksum-md5",
        "x-amz-checksum-xxhash",
    ];
    for name in headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("x-amz-")) {
        if UNSUPPORTED.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(Fault::unsupported(format_args!("the header {name} of s3")));
        }
    }
    if text(headers, "x-amz-bucket-object-lock-enabled").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(Fault::unsupported("S3 Object Lock (x-amz-bucket-object-lock-enabled)"));
    }
    if let Some(encryption) = text(headers, "x-amz-server-side-encryption")
        && encryption != "AES256"
    {
        return Err(Fault::unsupported(format_args!("the encryption {encryption} (x-amz-server-side-encryption)")));
    }
    match text(headers, "x-amz-bucket-namespace") {
        None | Some("global") => Ok(()),
        Some(namespace) => Err(Fault::unsupported(format_args!("the namespace {namespace} (x-amz-bucket-namespace)"))),
    }
}
