//! `AWS::ApiGatewayV2::Stage`.

use super::{retag, with_removals};
use crate::resources::{Made, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Stage;

#[async_trait]
impl Provider for Stage {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AccessLogSettings",
            "ApiId",
            "AutoDeploy",
            "DefaultRouteSettings",
            "DeploymentId",
            "Description",
            "RouteSettings",
            "StageName",
            "StageVariables",
            "Tags",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["DefaultRouteSettings/DataTraceEnabled", "DefaultRouteSettings/LoggingLevel"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateStage>(work.input()).await?;
        Ok(Made::new(created.stage_name.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (&old.properties, &work.properties);
        for route_key in gone(before, after) {
            work.send::<wire::DeleteRouteSettings>(work.identity(old).with("RouteKey", route_key)).await?;
        }
        if before.contains_key("AccessLogSettings") && !after.contains_key("AccessLogSettings") {
            work.send::<wire::DeleteAccessLogSettings>(work.identity(old)).await?;
        }
        let variables = with_removals(before, after, "StageVariables", &json!(""));
        let input = work.input().without("Tags").with("StageVariables", variables);
        let input = input.or(json!({"AutoDeploy": false, "DefaultRouteSettings": {}, "Description": ""}));
        work.send::<wire::UpdateStage>(input).await?;
        Ok(Made::as_before(old))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let api_id = Properties(&work.properties).need("ApiId")?;
        retag(work, format!("/apis/{api_id}/stages/{}", made.id), tags).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteStage>(old).await
    }
}

/// The routes that have no settings of their own any longer.
fn gone(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let keys = |properties| {
        Properties(properties).object("RouteSettings").map(|Properties(keys)| keys.clone()).unwrap_or_default()
    };
    let kept = keys(after);
    keys(before).into_iter().map(|(key, _)| key).filter(|key| !kept.contains_key(key)).collect()
}
