//! `AWS::ApiGateway::Resource`: one part of the path.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct Resource;

#[async_trait]
impl Provider for Resource {
    fn supported(&self) -> &'static [&'static str] {
        &["ParentId", "PathPart", "RestApiId"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateResource>(work.input()).await?;
        Ok(Made::known_as("ResourceId", created.id.unwrap_or_default()))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Resource", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteResource>(old).await
    }
}
