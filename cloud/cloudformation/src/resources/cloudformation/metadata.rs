//! `AWS::CDK::Metadata`: the CDK's note about itself.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;

/// The provider.
pub struct Metadata;

#[async_trait]
impl Provider for Metadata {
    fn supported(&self) -> &'static [&'static str] {
        &["Analytics", "Modules"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        Ok(Made::new(&work.name))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        Ok(Made::as_before(old))
    }

    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}
