//! `AWS::Lambda::Alias`.

use super::qualified::qualified;
use crate::resources::{Input, Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct Alias;

/// The properties, with the weights of versions as a map.
fn input(work: &Work) -> Input {
    let routing = Properties(&work.properties).object("RoutingConfig");
    let weights = routing.map(|routing| routing.objects("AdditionalVersionWeights")).unwrap_or_default().into_iter();
    let weight =
        |weight: Properties<'_>| Some((weight.text("FunctionVersion")?, weight.raw("FunctionWeight")?.clone()));
    let weights: Map<String, Value> = weights.filter_map(weight).collect();
    work.input().with("RoutingConfig", json!({"AdditionalVersionWeights": weights}))
}

#[async_trait]
impl Provider for Alias {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateAlias>(input(work)).await?;
        Ok(Made::known_as("AliasArn", created.alias_arn.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.send::<wire::UpdateAlias>(input(work).or(json!({"Description": ""}))).await?;
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, name) = qualified(&old.id);
        work.call(wire::DeleteAlias { function_name, name: name.unwrap_or_default() }).await.map(drop)
    }
}
