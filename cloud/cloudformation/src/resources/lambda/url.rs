//! `AWS::Lambda::Url`: the URL of a function or alias.

use super::qualified::qualified;
use crate::resources::{Input, Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct Url;

fn input(work: &Work) -> Input {
    work.input().renamed("TargetFunctionArn", "FunctionName")
}

#[async_trait]
impl Provider for Url {
    fn supported(&self) -> &'static [&'static str] {
        &["AuthType", "Cors", "InvokeMode", "Qualifier", "TargetFunctionArn"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateFunctionUrlConfig>(input(work)).await?;
        Ok(Made::known_as("FunctionArn", created.function_arn).with("FunctionUrl", created.function_url))
    }

    /// What is not written any more is as if it had never been.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let input = input(work).or(json!({"Cors": {}, "InvokeMode": "BUFFERED"}));
        work.send::<wire::UpdateFunctionUrlConfig>(input).await?;
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, qualifier) = qualified(&old.id);
        work.call(wire::DeleteFunctionUrlConfig { function_name, qualifier }).await.map(drop)
    }
}
