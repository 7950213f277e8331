//! `AWS::ApiGateway::Account`: the role as which API Gateway writes logs.

use super::super::properties::Properties;
use super::super::{Made, Provider, Work};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct Account;

impl Account {
    async fn put(&self, work: &Work) -> AwsResult<()> {
        let role = Properties(&work.properties).text("CloudWatchRoleArn").unwrap_or_default();
        let patch = wire::PatchOperation {
            op: Some("replace".to_owned()),
            path: Some("/cloudwatchRoleArn".to_owned()),
            value: Some(role),
            from: None,
        };
        work.call(wire::UpdateAccount { patch_operations: Some(vec![patch]) }).await.map(|_| ())
    }
}

#[async_trait]
impl Provider for Account {
    fn supported(&self) -> &'static [&'static str] {
        &["CloudWatchRoleArn"]
    }
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        self.put(work).await?;
        Ok(Made::new(&work.name).with("Id", &*work.name))
    }
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        self.put(work).await?;
        Ok(Made::new(&old.id).with("Id", &*old.id))
    }
    /// The settings are the account's; on AWS too they outlive the stack that made them.
    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}
