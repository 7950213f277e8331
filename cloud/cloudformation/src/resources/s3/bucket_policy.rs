//! `AWS::S3::BucketPolicy`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::s3 as wire;

/// The provider.
pub struct BucketPolicy;

#[async_trait]
impl Provider for BucketPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["Bucket", "PolicyDocument"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::PutBucketPolicy>(work.input().renamed("PolicyDocument", "Policy")).await?;
        Ok(Made::new(Properties(&work.properties).need("Bucket")?))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteBucketPolicy>(old).await
    }
}
