//! `AWS::ApiGateway::GatewayResponse`.

use crate::resources::{Input, Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct GatewayResponse;

/// "The ID for the gateway response. For example: `abc123`"
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-gatewayresponse.html>): the
/// service knows none.
fn made(work: &Work) -> String {
    id::made_by(&work.context.request_id, "GatewayResponse", 6)
}

#[async_trait]
impl Provider for GatewayResponse {
    fn supported(&self) -> &'static [&'static str] {
        &["ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::PutGatewayResponse>(work.input()).await?;
        Ok(Made::known_as("Id", made(work)))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.send::<wire::PutGatewayResponse>(work.input()).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(made(work))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let named = Input::new(&old.properties).only(&["RestApiId", "ResponseType"]);
        work.send::<wire::DeleteGatewayResponse>(named).await.map(drop)
    }
}
