//! Who may do what: one table of all operations, asked before each acts.
//!
//! An operation that is not in the table is refused, so that none can be forgotten. Actions and resources are those
//! of "Actions, resources, and condition keys for Amazon S3" in the Service Authorization Reference; which of them an
//! operation needs says "Required permissions for Amazon S3 API operations" in the S3 User Guide.

pub mod acl;
pub mod keys;

use crate::backend::{Backend, access_denied};
use crate::call::{Brought, text};
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use http::HeaderMap;
use s3s::dto::CopySource;
use slam_cloud_core::{Access, Context, Principal};

/// What an operation is about.
pub struct Target<'t> {
    /// The bucket in the path.
    pub bucket: Option<&'t str>,
    /// The object in the path.
    pub key: Option<&'t str>,
    /// The query's parameters.
    pub query: &'t [(String, String)],
    /// The headers.
    pub headers: &'t HeaderMap,
    /// What else policies may ask for.
    pub brought: &'t Brought,
}

impl Target<'_> {
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }
}

/// What a permission is on.
enum On {
    /// Nothing in particular: `*`.
    Everything,
    /// The bucket in the path, which need not exist yet.
    NewBucket,
    /// The bucket in the path.
    Bucket,
    /// The object in the path.
    Object,
    /// The source of a copy.
    Source,
}

/// The permissions that an operation needs; `None` for an operation that we do not have.
fn needs(operation: &str, target: &Target<'_>) -> Option<Vec<(&'static str, On)>> {
    let versioned = target.parameter("versionId").is_some();
    let object =
        |plain: &'static str, of_version: &'static str| vec![(if versioned { of_version } else { plain }, On::Object)];
    let bucket = |action: &'static str| vec![(action, On::Bucket)];
    Some(match operation {
        "ListBuckets" => vec![("s3:ListAllMyBuckets", On::Everything)],
        "CreateBucket" => with_configuration(vec![("s3:CreateBucket", On::NewBucket)], target),
        "DeleteBucket" => bucket("s3:DeleteBucket"),
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => bucket("s3:ListBucket"),
        "ListObjectVersions" => bucket("s3:ListBucketVersions"),
        "ListMultipartUploads" => bucket("s3:ListBucketMultipartUploads"),
        "GetBucketLocation" => bucket("s3:GetBucketLocation"),
        "GetBucketVersioning" => bucket("s3:GetBucketVersioning"),
        "PutBucketVersioning" => bucket("s3:PutBucketVersioning"),
        "GetBucketTagging" => bucket("s3:GetBucketTagging"),
        "PutBucketTagging" | "DeleteBucketTagging" => bucket("s3:PutBucketTagging"),
        "GetBucketPolicy" => bucket("s3:GetBucketPolicy"),
        "GetBucketPolicyStatus" => bucket("s3:GetBucketPolicyStatus"),
        "PutBucketPolicy" => bucket("s3:PutBucketPolicy"),
        "DeleteBucketPolicy" => bucket("s3:DeleteBucketPolicy"),
        "GetPublicAccessBlock" => bucket("s3:GetBucketPublicAccessBlock"),
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => bucket("s3:PutBucketPublicAccessBlock"),
        "GetBucketEncryption" => bucket("s3:GetEncryptionConfiguration"),
        "PutBucketEncryption" | "DeleteBucketEncryption" => bucket("s3:PutEncryptionConfiguration"),
        "GetBucketOwnershipControls" => bucket("s3:GetBucketOwnershipControls"),
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => bucket("s3:PutBucketOwnershipControls"),
        "GetBucketCors" => bucket("s3:GetBucketCORS"),
        "PutBucketCors" | "DeleteBucketCors" => bucket("s3:PutBucketCORS"),
        "GetBucketLifecycleConfiguration" => bucket("s3:GetLifecycleConfiguration"),
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => bucket("s3:PutLifecycleConfiguration"),
        "GetBucketNotificationConfiguration" => bucket("s3:GetBucketNotification"),
        "PutBucketNotificationConfiguration" => bucket("s3:PutBucketNotification"),
        "GetBucketAcl" => bucket("s3:GetBucketAcl"),
        "PutBucketAcl" => bucket("s3:PutBucketAcl"),
        "GetObject" | "HeadObject" => object("s3:GetObject", "s3:GetObjectVersion"),
        "GetObjectAttributes" => {
            let mut needs = object("s3:GetObject", "s3:GetObjectVersion");
            needs.extend(object("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"));
            needs
        }
        "PutObject" | "CreateMultipartUpload" => with_members(vec![("s3:PutObject", On::Object)], target),
        "UploadPart" | "CompleteMultipartUpload" => vec![("s3:PutObject", On::Object)],
        "CopyObject" => with_members(vec![("s3:GetObject", On::Source), ("s3:PutObject", On::Object)], target),
        "UploadPartCopy" => vec![("s3:GetObject", On::Source), ("s3:PutObject", On::Object)],
        "AbortMultipartUpload" => vec![("s3:AbortMultipartUpload", On::Object)],
        "ListParts" => vec![("s3:ListMultipartUploadParts", On::Object)],
        "DeleteObject" => object("s3:DeleteObject", "s3:DeleteObjectVersion"),
        // Each of its keys is asked for by itself, and refused by itself.
        "DeleteObjects" => Vec::new(),
        "GetObjectTagging" => object("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
        "PutObjectTagging" => object("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
        "DeleteObjectTagging" => object("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
        "GetObjectAcl" => object("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
        "PutObjectAcl" => object("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
        _ => return None,
    })
}

/// What an object brings along needs permissions of its own.
fn with_members(mut needs: Vec<(&'static str, On)>, target: &Target<'_>) -> Vec<(&'static str, On)> {
    if target.headers.contains_key("x-amz-tagging") {
        needs.push(("s3:PutObjectTagging", On::Object));
    }
    if brings_acl(target.headers) {
        needs.push(("s3:PutObjectAcl", On::Object));
    }
    needs
}

/// And so does what a new bucket brings along.
fn with_configuration(mut needs: Vec<(&'static str, On)>, target: &Target<'_>) -> Vec<(&'static str, On)> {
    if target.headers.contains_key("x-amz-object-ownership") {
        needs.push(("s3:PutBucketOwnershipControls", On::NewBucket));
    }
    if brings_acl(target.headers) {
        needs.push(("s3:PutBucketAcl", On::NewBucket));
    }
    needs
}

/// Whether an ACL is set: "if you set the ACL to private, or if you don't specify any ACLs", none is (CreateBucket).
fn brings_acl(headers: &HeaderMap) -> bool {
    text(headers, "x-amz-acl").is_some_and(|acl| acl != "private")
        || headers.keys().any(|name| name.as_str().starts_with(acl::GRANTS))
}

/// Asks for all permissions that an operation needs.
///
/// # Errors
/// The first denial, or `NotImplemented` for what is not in the table.
pub async fn authorize(backend: &Backend, context: &Context, operation: &str, target: &Target<'_>) -> Answer<()> {
    let needs =
        needs(operation, target).ok_or_else(|| Fault::unsupported(format_args!("the operation {operation} of s3")))?;
    let name = target.bucket.unwrap_or_default();
    let bucket = backend.find_bucket(name);
    // Strangers are told that there is no such bucket (recorded: test_bucket_does_not_exist).
    let needs_bucket = needs.iter().any(|(_, on)| matches!(on, On::Bucket | On::Object));
    if needs_bucket && bucket.is_none() && matches!(&*context.principal, Principal::Anonymous) {
        return Err(Fault::no_such_bucket(name));
    }
    for (action, on) in needs {
        match on {
            On::Everything => backend.authorize(context, Access::new(action, "*"), None)?,
            On::NewBucket => {
                let access = keys::of_request(Access::new(action, arn(context, name, None)), operation, target);
                backend.authorize(context, access, None)?;
            }
            On::Bucket => {
                let access = keys::of_request(Access::new(action, arn(context, name, None)), operation, target);
                let granted = granted(backend, context, bucket.as_deref(), None, operation, action).await?;
                backend.authorize_granted(context, access, bucket.as_deref(), granted)?;
            }
            On::Object => {
                let mut access = Access::new(action, arn(context, name, target.key));
                access = keys::of_request(access, operation, target);
                if let (Some(bucket), Some(key)) = (&bucket, target.key) {
                    let version = target.parameter("versionId");
                    access = keys::of_object(access, backend, &context.principal, bucket, key, version).await?;
                }
                let object = target.key.map(|key| (key, target.parameter("versionId")));
                let granted = granted(backend, context, bucket.as_deref(), object, operation, action).await?;
                backend.authorize_granted(context, access, bucket.as_deref(), granted)?;
            }
            On::Source => authorize_source(backend, context, operation, target).await?,
        }
    }
    Ok(())
}

/// Whether the ACL of a bucket, or of an object in it, grants what is asked for.
async fn granted(
    backend: &Backend,
    context: &Context,
    bucket: Option<&Bucket>,
    object: Option<(&str, Option<&str>)>,
    operation: &str,
    action: &str,
) -> Answer<bool> {
    match bucket {
        Some(bucket) => acl::grants(backend, bucket, object, operation, action, &context.principal).await,
        None => Ok(false),
    }
}

async fn authorize_source(backend: &Backend, context: &Context, operation: &str, target: &Target<'_>) -> Answer<()> {
    let source = text(target.headers, "x-amz-copy-source").unwrap_or_default();
    match CopySource::parse(source) {
        Ok(CopySource::Bucket { bucket, key, version_id }) => {
            let name = Some(&*bucket);
            check_owner(backend, target.headers, "x-amz-source-expected-bucket-owner", name)?;
            let action = if version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
            let mut access = Access::new(action, arn(context, &bucket, Some(&key)));
            access = keys::of_request(access, operation, target);
            let found = backend.find_bucket(&bucket);
            if let Some(bucket) = &found {
                let version = version_id.as_deref();
                access = keys::of_object(access, backend, &context.principal, bucket, &key, version).await?;
            }
            let object = Some((&*key, version_id.as_deref()));
            let granted = granted(backend, context, found.as_deref(), object, operation, action).await?;
            backend.authorize_granted(context, access, found.as_deref(), granted)
        }
        Ok(_) => Err(Fault::unsupported("an access point as x-amz-copy-source")),
        Err(_) => {
            Err(Fault::invalid_argument("Invalid copy source object key", "x-amz-copy-source", "x-amz-copy-source"))
        }
    }
}

/// Asks for a permission on a bucket or one of its objects, beside those of the operation.
///
/// # Errors
/// The denial.
pub async fn authorize_object(
    backend: &Backend,
    context: &Context,
    action: &'static str,
    bucket: &str,
    key: Option<&str>,
) -> Answer<()> {
    let access = Access::new(action, arn(context, bucket, key));
    let bucket = backend.find_bucket(bucket);
    let granted = granted(backend, context, bucket.as_deref(), key.map(|key| (key, None)), "", action).await?;
    backend.authorize_granted(context, access, bucket.as_deref(), granted)
}

fn arn(context: &Context, bucket: &str, key: Option<&str>) -> String {
    let partition = context.partition();
    match key {
        Some(key) => format!("arn:{partition}:s3:::{bucket}/{key}"),
        None => format!("arn:{partition}:s3:::{bucket}"),
    }
}

/// Checks whom the caller expects to own a bucket (recorded: `test_get_bucket_policy_invalid_account_id`).
///
/// # Errors
/// When it is somebody else, or no account.
pub fn check_owner(backend: &Backend, headers: &HeaderMap, header: &str, bucket: Option<&str>) -> Answer<()> {
    let Some(expected) = text(headers, header) else { return Ok(()) };
    if expected.len() != 12 || !expected.bytes().all(|byte| byte.is_ascii_digit()) {
        let message =
            format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{expected}]");
        return Err(Fault::new("InvalidBucketOwnerAWSAccountID", 400, message));
    }
    match bucket.and_then(|bucket| backend.find_bucket(bucket)) {
        Some(bucket) if bucket.owner != expected => Err(access_denied()),
        _ => Ok(()),
    }
}
