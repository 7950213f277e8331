//! Buckets.

use super::access::acl;
use super::rewrite;
use crate::backend::{Backend, now};
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::{Bucket, check_name, is_region, owner, region_of};
use crate::model::object::timestamp;
use crate::model::tags::{BUCKET_TAGS, of_set};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::dto;
use slam_cloud_core::Access;

/// How many buckets ListBuckets answers at most.
const MAX_BUCKETS: usize = 10_000;

/// ListBuckets.
pub async fn list(backend: &Backend, call: &Call, input: dto::ListBucketsInput) -> Answer<dto::ListBucketsOutput> {
    if let Some(region) = &input.bucket_region
        && !is_region(region)
    {
        let message = format!("Argument value {region} is not a valid AWS Region");
        return Err(Fault::new("InvalidArgument", 400, message).with("ArgumentName", "bucket-region"));
    }
    let after = input.continuation_token.filter(|token| !token.is_empty()).map(|token| {
        let bytes = BASE64.decode(token).ok();
        bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| Fault::new("InvalidArgument", 400, "The continuation token provided is incorrect"))
    });
    let after = after.transpose()?;
    let most = input.max_buckets.and_then(|most| usize::try_from(most).ok()).unwrap_or(MAX_BUCKETS).min(MAX_BUCKETS);
    let mut buckets = backend.buckets();
    buckets.retain(|bucket| {
        *bucket.owner == *call.context.account
            && input.prefix.as_ref().is_none_or(|prefix| bucket.name.starts_with(prefix.as_str()))
            && input.bucket_region.as_ref().is_none_or(|region| bucket.region == *region)
            && after.as_ref().is_none_or(|after| bucket.name > *after)
    });
    let truncated = buckets.len() > most;
    buckets.truncate(most);
    // The region is told only to those who page (API reference, ListBuckets).
    let paged = input.max_buckets.is_some() || input.prefix.is_some() || input.bucket_region.is_some();
    let last = buckets.last().filter(|_| truncated).map(|bucket| BASE64.encode(&bucket.name));
    let describe = |bucket: &Bucket| dto::Bucket {
        bucket_region: paged.then(|| bucket.region.clone()),
        creation_date: Some(timestamp(bucket.created)),
        name: Some(bucket.name.clone()),
    };
    let partition = call.context.partition();
    call.reply_rewritten(move |xml| rewrite::buckets(xml, partition));
    Ok(dto::ListBucketsOutput {
        buckets: Some(buckets.iter().map(|bucket| describe(bucket)).collect()),
        continuation_token: last,
        owner: Some(owner(&call.context.account)),
        prefix: input.prefix,
    })
}

/// CreateBucket.
pub async fn create(backend: &Backend, call: &Call, input: dto::CreateBucketInput) -> Answer<dto::CreateBucketOutput> {
    check_name(&input.bucket)?;
    let mut constraint = None;
    if let Some(configuration) = input.create_bucket_configuration {
        if configuration.bucket.is_some() || configuration.location.is_some() {
            return Err(Fault::unsupported("a directory bucket (the parameters Bucket and Location of CreateBucket)"));
        }
        constraint = configuration.location_constraint;
    }
    if call.headers.get("x-amz-object-ownership").is_some_and(http::HeaderValue::is_empty) {
        return Err(invalid_ownership(""));
    }
    let ownership = match input.object_ownership.as_ref().map(|ownership| ownership.as_str()) {
        None | Some("BucketOwnerEnforced") => "BucketOwnerEnforced".to_owned(),
        Some(other @ ("BucketOwnerPreferred" | "ObjectWriter")) => other.to_owned(),
        Some(other) => return Err(invalid_ownership(other)),
    };
    let context = &call.context;
    let region = region_of(&context.region, constraint.as_ref().map(|constraint| constraint.as_str()))?;
    let name = input.bucket;
    let arn = format!("arn:{}:s3:::{name}", context.partition());
    let tags = match &call.tags {
        Some(set) => {
            backend.authorize(context, Access::new("s3:TagResource", arn.as_str()), None)?;
            let reserved = "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. \
                            Remove \"aws:\" from your tag keys and try again.";
            // Which key it is is not told here (recorded: test_create_bucket_with_tags_exc).
            if set.iter().filter_map(|tag| tag.key.as_deref()).any(|key| key.starts_with("aws:")) {
                return Err(Fault::new("InvalidTag", 400, reserved));
            }
            Some(of_set(set, reserved, BUCKET_TAGS)?)
        }
        None => None,
    };
    let untagged = tags.as_ref().is_none_or(Vec::is_empty);
    let mut bucket = Bucket::new(name.clone(), context.account.to_string(), region.clone(), ownership, now());
    let canned = input.acl.as_ref().map(|acl| acl.as_str());
    bucket.acl = acl::given(&bucket, &call.headers, canned, acl::Of::Bucket).map_err(of_new_bucket)?;
    bucket.tags = tags;
    bucket.is_eu = constraint.is_some_and(|constraint| constraint.as_str() == "EU");
    backend
        .update_bucket(&name, |existing| match existing {
            None => Ok(Some(bucket)),
            Some(existing) if *existing.owner != *context.account => Err(Fault::new(
                "BucketAlreadyExists",
                409,
                "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                 system. Please select a different name and try again.",
            )
            .with("BucketName", existing.name.as_str())),
            // In us-east-1 it is no error to create one's own bucket again as it is (recorded:
            // test_create_bucket_with_existing_name, test_create_bucket_with_tags_us_east_1_idempotency).
            Some(existing) if existing.region == "us-east-1" && region == "us-east-1" && untagged => {
                Ok(Some(existing.clone()))
            }
            Some(existing) => Err(already_owned(&existing.name)),
        })
        .await?;
    call.reply("x-amz-bucket-arn", &arn);
    Ok(dto::CreateBucketOutput { location: Some(format!("/{name}")) })
}

/// A new bucket has its own names for ACLs that its settings forbid (API reference, CreateBucket).
fn of_new_bucket(fault: Fault) -> Fault {
    match fault.error.code.as_ref() {
        "AccessControlListNotSupported" => acl_with_enforced_ownership(),
        "AccessDenied" => Fault::new(
            "InvalidBucketAclWithBlockPublicAccessError",
            400,
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        ),
        _ => fault,
    }
}

/// `InvalidBucketAclWithObjectOwnership`
pub fn acl_with_enforced_ownership() -> Fault {
    let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    Fault::new("InvalidBucketAclWithObjectOwnership", 400, message)
}

fn invalid_ownership(ownership: &str) -> Fault {
    let message = format!("Invalid x-amz-object-ownership header: {ownership}");
    Fault::new("InvalidArgument", 400, message).with("ArgumentName", "x-amz-object-ownership")
}

/// `BucketAlreadyOwnedByYou`
pub fn already_owned(name: &str) -> Fault {
    Fault::new(
        "BucketAlreadyOwnedByYou",
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
    .with("BucketName", name)
}

/// DeleteBucket.
pub async fn delete(backend: &Backend, _: &Call, input: dto::DeleteBucketInput) -> Answer<dto::DeleteBucketOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let (occupied, visible) = backend.objects.occupied(bucket.key).await?;
    if occupied {
        let message = match visible && bucket.versioning == crate::model::bucket::Versioning::Never {
            true => "The bucket you tried to delete is not empty",
            false => "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        };
        return Err(Fault::new("BucketNotEmpty", 409, message).with("BucketName", input.bucket));
    }
    backend.remove_bucket(&input.bucket).await?;
    let bodies = backend.objects.abort_all(bucket.key).await?;
    backend.bodies.remove(bodies).await;
    Ok(dto::DeleteBucketOutput {})
}

/// HeadBucket.
pub async fn head(backend: &Backend, call: &Call, input: dto::HeadBucketInput) -> Answer<dto::HeadBucketOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    call.reply("x-amz-bucket-arn", &format!("arn:{}:s3:::{}", call.context.partition(), bucket.name));
    call.reply("content-type", "application/xml");
    Ok(dto::HeadBucketOutput {
        access_point_alias: Some(false),
        bucket_location_name: None,
        bucket_location_type: None,
        bucket_region: Some(bucket.region.clone()),
    })
}

/// GetBucketLocation.
pub async fn location(
    backend: &Backend,
    call: &Call,
    input: dto::GetBucketLocationInput,
) -> Answer<dto::GetBucketLocationOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    call.reply_rewritten(rewrite::location);
    let constraint = match bucket.region.as_str() {
        // The first region has no constraint.
        "us-east-1" => None,
        _ if bucket.is_eu => Some(dto::BucketLocationConstraint::from_static("EU")),
        region => Some(dto::BucketLocationConstraint::from(region.to_owned())),
    };
    Ok(dto::GetBucketLocationOutput { location_constraint: constraint })
}
