//! Bucket policies and S3 Block Public Access.

use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::PublicAccessBlock;
use crate::model::policy::{check, is_public};
use s3s::dto;

fn no_policy(bucket: String) -> Fault {
    Fault::new("NoSuchBucketPolicy", 404, "The bucket policy does not exist").with("BucketName", bucket)
}

/// GetBucketPolicy.
pub async fn get(backend: &Backend, _: &Call, input: dto::GetBucketPolicyInput) -> Answer<dto::GetBucketPolicyOutput> {
    let policy = backend.bucket(&input.bucket)?.policy.clone();
    Ok(dto::GetBucketPolicyOutput { policy: Some(policy.ok_or_else(|| no_policy(input.bucket))?) })
}

/// GetBucketPolicyStatus.
pub async fn get_status(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketPolicyStatusInput,
) -> Answer<dto::GetBucketPolicyStatusOutput> {
    let policy = backend.bucket(&input.bucket)?.policy.clone();
    let is_public = is_public(&policy.ok_or_else(|| no_policy(input.bucket))?);
    Ok(dto::GetBucketPolicyStatusOutput { policy_status: Some(dto::PolicyStatus { is_public: Some(is_public) }) })
}

/// PutBucketPolicy.
pub async fn put(
    backend: &Backend,
    call: &Call,
    input: dto::PutBucketPolicyInput,
) -> Answer<dto::PutBucketPolicyOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    check(&input.policy)?;
    backend.check_policy(&input.policy)?;
    if bucket.public_access_block.is_some_and(|block| block.block_public_policy) && is_public(&input.policy) {
        let message = format!(
            "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:{}:s3:::{}\" because public \
             policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            call.context.principal.arn(),
            call.context.partition(),
            bucket.name,
        );
        return Err(Fault::new("AccessDenied", 403, message));
    }
    backend.configure(&input.bucket, |bucket| bucket.policy = Some(input.policy)).await?;
    Ok(dto::PutBucketPolicyOutput {})
}

/// DeleteBucketPolicy.
pub async fn delete(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketPolicyInput,
) -> Answer<dto::DeleteBucketPolicyOutput> {
    backend.configure(&input.bucket, |bucket| bucket.policy = None).await?;
    Ok(dto::DeleteBucketPolicyOutput {})
}

/// GetPublicAccessBlock.
pub async fn get_public_access_block(
    backend: &Backend,
    _: &Call,
    input: dto::GetPublicAccessBlockInput,
) -> Answer<dto::GetPublicAccessBlockOutput> {
    let block = backend.bucket(&input.bucket)?.public_access_block.ok_or_else(|| {
        let message = "The public access block configuration was not found";
        Fault::new("NoSuchPublicAccessBlockConfiguration", 404, message).with("BucketName", input.bucket)
    })?;
    Ok(dto::GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(dto::PublicAccessBlockConfiguration {
            block_public_acls: Some(block.block_public_acls),
            block_public_policy: Some(block.block_public_policy),
            ignore_public_acls: Some(block.ignore_public_acls),
            restrict_public_buckets: Some(block.restrict_public_buckets),
        }),
    })
}

/// PutPublicAccessBlock.
pub async fn put_public_access_block(
    backend: &Backend,
    _: &Call,
    input: dto::PutPublicAccessBlockInput,
) -> Answer<dto::PutPublicAccessBlockOutput> {
    let given = input.public_access_block_configuration;
    let block = PublicAccessBlock {
        block_public_acls: given.block_public_acls.unwrap_or(false),
        ignore_public_acls: given.ignore_public_acls.unwrap_or(false),
        block_public_policy: given.block_public_policy.unwrap_or(false),
        restrict_public_buckets: given.restrict_public_buckets.unwrap_or(false),
    };
    backend.configure(&input.bucket, |bucket| bucket.public_access_block = Some(block)).await?;
    Ok(dto::PutPublicAccessBlockOutput {})
}

/// DeletePublicAccessBlock.
pub async fn delete_public_access_block(
    backend: &Backend,
    _: &Call,
    input: dto::DeletePublicAccessBlockInput,
) -> Answer<dto::DeletePublicAccessBlockOutput> {
    backend.configure(&input.bucket, |bucket| bucket.public_access_block = None).await?;
    Ok(dto::DeletePublicAccessBlockOutput {})
}
