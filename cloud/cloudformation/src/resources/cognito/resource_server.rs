//! `AWS::Cognito::UserPoolResourceServer`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::cognito as wire;

/// The provider.
pub struct ResourceServer;

#[async_trait]
impl Provider for ResourceServer {
    fn supported(&self) -> &'static [&'static str] {
        &["Identifier", "Name", "Scopes", "UserPoolId"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateResourceServer>(work.input()).await?;
        Ok(Made::new(Properties(&work.properties).need("Identifier")?))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.send::<wire::UpdateResourceServer>(work.input()).await?;
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteResourceServer>(old).await
    }
}
