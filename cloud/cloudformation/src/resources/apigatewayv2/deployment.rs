//! `AWS::ApiGatewayV2::Deployment`: the API as it is now, frozen.

use crate::resources::{Made, Physical, Provider, Work, changed};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Deployment;

#[async_trait]
impl Provider for Deployment {
    fn supported(&self) -> &'static [&'static str] {
        &["ApiId", "Description", "StageName"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateDeployment>(work.input()).await?;
        Ok(Made::known_as("DeploymentId", created.deployment_id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        if changed(&old.properties, &work.properties).contains(&"StageName") {
            return Err(AwsError::unsupported("changing StageName of a deployment; use AWS::ApiGatewayV2::Stage, it"));
        }
        let input = work.input().without("StageName").with("DeploymentId", &*old.id).or(json!({"Description": ""}));
        work.send::<wire::UpdateDeployment>(input).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Deployment", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteDeployment>(old).await
    }
}
