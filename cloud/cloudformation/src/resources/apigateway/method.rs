//! `AWS::ApiGateway::Method`, with its integration and their responses.

use crate::resources::{Input, Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct Method;

/// What hangs on a method, where the method stands.
fn beside(work: &Work, more: Properties<'_>) -> Input {
    work.input().only(&["RestApiId", "ResourceId", "HttpMethod"]).and(more.0)
}

#[async_trait]
impl Provider for Method {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiKeyRequired",
            "AuthorizationScopes",
            "AuthorizationType",
            "AuthorizerId",
            "HttpMethod",
            "Integration",
            "MethodResponses",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RequestValidatorId",
            "ResourceId",
            "RestApiId",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["Integration/ConnectionId", "Integration/IntegrationTarget"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        work.send::<wire::PutMethod>(work.input().or(json!({"AuthorizationType": "NONE"}))).await?;
        work.exists(&work.name);
        for response in properties.objects("MethodResponses") {
            work.send::<wire::PutMethodResponse>(beside(work, response)).await?;
        }
        if let Some(integration) = properties.object("Integration") {
            work.send::<wire::PutIntegration>(beside(work, integration)).await?;
            for response in integration.objects("IntegrationResponses") {
                work.send::<wire::PutIntegrationResponse>(beside(work, response)).await?;
            }
        }
        Ok(Made::new(&work.name))
    }

    /// What is on the air is a deployment, so a method may be taken away and put anew.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.kind.unless_gone(self.delete(work, old).await)?;
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteMethod>(old).await
    }
}
