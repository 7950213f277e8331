//! `AWS::ApiGatewayV2::Api`: HTTP APIs, without a definition to import.

use super::retag;
use crate::resources::{Input, Made, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Api;

#[async_trait]
impl Provider for Api {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "CorsConfiguration",
            "CredentialsArn",
            "Description",
            "DisableExecuteApiEndpoint",
            "IpAddressType",
            "Name",
            "ProtocolType",
            "RouteKey",
            "RouteSelectionExpression",
            "Tags",
            "Target",
            "Version",
        ]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if let Some(name) = ["Name", "ProtocolType"].iter().find(|name| !properties.has(name)) {
            return Err(format!("The property {{/{name}}} is required: importing a definition is not supported"));
        }
        match properties.text("ProtocolType").as_deref() {
            Some("WEBSOCKET") => Err("The protocol type WEBSOCKET is not supported by the embedded cloud yet".into()),
            _ => Ok(()),
        }
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateApi>(work.input()).await?;
        made(work, created.api_id, created.api_endpoint)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let mut unset = json!({
            "Description": "",
            "Version": "",
            "DisableExecuteApiEndpoint": false,
            "IpAddressType": "ipv4",
        });
        // Those of quick create: other APIs have none to take back.
        for (name, without) in [("CredentialsArn", ""), ("RouteKey", "$default")] {
            if old.properties.contains_key(name) {
                unset[name] = without.into();
            }
        }
        let input = work.input().without("Tags").without("ProtocolType").with("ApiId", &*old.id).or(unset);
        let updated = work.send::<wire::UpdateApi>(input).await?;
        if old.properties.contains_key("CorsConfiguration") && !work.properties.contains_key("CorsConfiguration") {
            work.send::<wire::DeleteCorsConfiguration>(Input::of("ApiId", &*old.id)).await?;
        }
        made(work, updated.api_id, updated.api_endpoint)
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        retag(work, format!("/apis/{}", made.id), tags).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Api", 10))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteApi>(old).await
    }
}

fn made(work: &Work, id: Option<String>, endpoint: Option<String>) -> AwsResult<Made> {
    let id = id.ok_or_else(|| AwsError::internal("an API has no id"))?;
    let arn = work.context.arn("execute-api", &id);
    Ok(Made::known_as("ApiId", id).with("ApiEndpoint", endpoint.unwrap_or_default()).with("ExecuteApiArn", arn))
}
