//! `AWS::Lambda::EventInvokeConfig`.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct EventInvokeConfig;

#[async_trait]
impl Provider for EventInvokeConfig {
    fn supported(&self) -> &'static [&'static str] {
        &["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request: wire::PutFunctionEventInvokeConfig = work.input().into_operation()?;
        let id = format!("{}|{}", request.function_name, request.qualifier.as_deref().unwrap_or_default());
        work.call(request).await?;
        Ok(Made::new(id))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteFunctionEventInvokeConfig>(old).await
    }
}
