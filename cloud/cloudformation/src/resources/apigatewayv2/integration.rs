//! `AWS::ApiGatewayV2::Integration`.

use super::with_removals;
use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Integration;

#[async_trait]
impl Provider for Integration {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiId",
            "ConnectionType",
            "CredentialsArn",
            "Description",
            "IntegrationMethod",
            "IntegrationSubtype",
            "IntegrationType",
            "IntegrationUri",
            "PayloadFormatVersion",
            "RequestParameters",
            "ResponseParameters",
            "TimeoutInMillis",
        ]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        match Properties(properties).text("ConnectionType").as_deref() {
            Some("VPC_LINK") => Err("The connection type VPC_LINK is not supported by the embedded cloud yet".into()),
            _ => Ok(()),
        }
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let mut input = work.input();
        if let Some(responses) = responses(&work.properties) {
            input = input.with("ResponseParameters", responses);
        }
        let created = work.send::<wire::CreateIntegration>(input).await?;
        Ok(Made::known_as("IntegrationId", created.integration_id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (&old.properties, &work.properties);
        let of = |properties| Map::from_iter([("All".to_owned(), responses(properties).unwrap_or(json!({})))]);
        let unset = json!({
            "CredentialsArn": "",
            "Description": "",
            "IntegrationMethod": "",
            "IntegrationSubtype": "",
            "IntegrationUri": "",
            "TimeoutInMillis": 30_000,
        });
        let input = work
            .input()
            .with("IntegrationId", &*old.id)
            .with("RequestParameters", with_removals(before, after, "RequestParameters", &json!("")))
            .with("ResponseParameters", with_removals(&of(before), &of(after), "All", &json!({})))
            .or(unset);
        work.send::<wire::UpdateIntegration>(input).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Integration", 7))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteIntegration>(old).await
    }
}

/// `{"200": {"ResponseParameters": [{"Destination": "append:header.a", "Source": "b"}]}}` as the operation has it:
/// `{"200": {"append:header.a": "b"}}`.
fn responses(properties: &Map<String, Value>) -> Option<Value> {
    let Properties(statuses) = Properties(properties).object("ResponseParameters")?;
    let written = statuses.iter().map(|(status, mappings)| {
        let mappings = mappings.as_object().map(|mappings| Properties(mappings).objects("ResponseParameters"));
        let pairs = mappings.into_iter().flatten().filter_map(|mapping| {
            Some((mapping.text("Destination")?, Value::from(mapping.text("Source").unwrap_or_default())))
        });
        (status.clone(), Value::from(Map::from_iter(pairs)))
    });
    Some(Map::from_iter(written).into())
}
