//! `AWS::CloudFormation::WaitConditionHandle`: a URL. Nothing waits on it here; templates use it as a placeholder.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;

/// The provider.
pub struct WaitConditionHandle;

#[async_trait]
impl Provider for WaitConditionHandle {
    fn supported(&self) -> &'static [&'static str] {
        &[]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let endpoint = work.cloud.settings().endpoint();
        let url = format!("{endpoint}/cloudformation-waitcondition-{}/{}", work.context.region, work.name);
        Ok(Made::known_as("Id", url))
    }

    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}
