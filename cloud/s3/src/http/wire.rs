//! Hangs the operations on s3s.

use crate::api;
use crate::backend::{Backend, access_denied};
use crate::call::Call;
use s3s::{S3, S3Request, S3Response, S3Result, dto};
use std::sync::Arc;

/// What s3s calls.
pub struct Wire {
    /// What the operations work on.
    pub backend: Arc<Backend>,
}

/// One line per operation: s3s's method and shapes, and the function that answers. What is not here
/// [`super::operation`] refuses by name.
macro_rules! operations {
    ($($method:ident($input:ident) -> $output:ident: $($function:ident)::+;)*) => {
        /// The operations that are carried out, by AWS's names.
        pub const CARRIED_OUT: &[&str] = &[$(operation(stringify!($input))),*];

        #[async_trait::async_trait]
        impl S3 for Wire {
            $(
                async fn $method(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                    let call = request.extensions.get::<Call>().cloned().ok_or_else(access_denied)?;
                    let output = api::$($function)::+(&self.backend, &call, request.input).await?;
                    Ok(call.respond(output))
                }
            )*
        }
    };
}

/// The operation of an input: `PutObject` of `PutObjectInput`.
const fn operation(input: &'static str) -> &'static str {
    input.split_at(input.len() - "Input".len()).0
}

operations! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput: buckets::list;
    create_bucket(CreateBucketInput) -> CreateBucketOutput: buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput: buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput: buckets::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput: buckets::location;

    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput: configuration::get_versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput: configuration::put_versioning;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput: configuration::get_encryption;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput: configuration::put_encryption;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput: configuration::delete_encryption;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput: configuration::get_ownership;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput: configuration::put_ownership;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput: configuration::delete_ownership;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput: configuration::get_cors;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput: configuration::put_cors;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput: configuration::delete_cors;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput: configuration::get_lifecycle;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput) -> PutBucketLifecycleConfigurationOutput: configuration::put_lifecycle;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput: configuration::delete_lifecycle;

    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput) -> GetBucketNotificationConfigurationOutput: notification::get;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput) -> PutBucketNotificationConfigurationOutput: notification::put;

    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput: policy::get;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput: policy::get_status;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput: policy::put;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput: policy::delete;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput: policy::get_public_access_block;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput: policy::put_public_access_block;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput: policy::delete_public_access_block;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput: acl::get_bucket;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput: acl::put_bucket;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput: acl::get_object;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput: acl::put_object;

    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput: tagging::get_bucket;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput: tagging::put_bucket;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput: tagging::delete_bucket;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput: tagging::get_object;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput: tagging::put_object;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput: tagging::delete_object;

    put_object(PutObjectInput) -> PutObjectOutput: put_object::put;
    get_object(GetObjectInput) -> GetObjectOutput: get_object::get;
    head_object(HeadObjectInput) -> HeadObjectOutput: get_object::head;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput: attributes::get;
    copy_object(CopyObjectInput) -> CopyObjectOutput: copy_object::copy;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput: delete_objects::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput: delete_objects::delete_many;

    list_objects(ListObjectsInput) -> ListObjectsOutput: list_objects::list;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output: list_objects::list_v2;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput: list_objects::list_versions;

    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput: multipart::create;
    upload_part(UploadPartInput) -> UploadPartOutput: multipart::upload_part;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput: multipart::upload_part_copy;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput: complete_upload::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput: multipart::abort;
    list_parts(ListPartsInput) -> ListPartsOutput: list_uploads::list_parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput: list_uploads::list_uploads;
}
