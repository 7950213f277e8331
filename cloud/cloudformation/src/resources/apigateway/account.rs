//! `AWS::ApiGateway::Account`: the role as which API Gateway writes logs.

use super::patch::{step, take};
use crate::resources::{Input, Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct Account;

#[async_trait]
impl Provider for Account {
    fn supported(&self) -> &'static [&'static str] {
        &["CloudWatchRoleArn"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let role = Properties(&work.properties).text("CloudWatchRoleArn").unwrap_or_default();
        let steps = vec![step("replace", "/cloudwatchRoleArn", Some(role))];
        take::<wire::UpdateAccount>(work, Input::default(), steps).await?;
        Ok(Made::known_as("Id", &*work.name))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    /// The settings are the account's; on AWS too they outlive the stack that made them.
    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}
