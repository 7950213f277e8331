//! S3.

mod bucket;

pub use bucket::{Bucket, BucketPolicy};
