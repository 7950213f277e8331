//! S3.

mod bucket;
mod bucket_policy;
mod lifecycle;

use super::types::Service;
use bucket::Bucket;
use bucket_policy::BucketPolicy;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NoSuchBucket", "NoSuchBucketPolicy"],
    types: &[
        (include_str!("../../../schemas/AWS-S3-Bucket.json"), &Bucket),
        (include_str!("../../../schemas/AWS-S3-BucketPolicy.json"), &BucketPolicy),
    ],
};
