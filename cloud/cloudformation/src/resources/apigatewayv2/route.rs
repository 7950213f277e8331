//! `AWS::ApiGatewayV2::Route`.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Route;

#[async_trait]
impl Provider for Route {
    fn supported(&self) -> &'static [&'static str] {
        &["ApiId", "AuthorizationScopes", "AuthorizationType", "AuthorizerId", "OperationName", "RouteKey", "Target"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateRoute>(work.input()).await?;
        Ok(Made::known_as("RouteId", created.route_id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let unset = json!({
            "AuthorizationScopes": [],
            "AuthorizationType": "NONE",
            "AuthorizerId": "",
            "OperationName": "",
            "Target": "",
        });
        work.send::<wire::UpdateRoute>(work.input().with("RouteId", &*old.id).or(unset)).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Route", 7))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteRoute>(old).await
    }
}
