//! `AWS::ApiGateway::ApiKey`.

use super::patch::{self, Field, step};
use super::retag;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[("CustomerId", Some("")), ("Description", Some("")), ("Enabled", Some("false"))];

/// The provider.
pub struct ApiKey;

/// `API/STAGE`, as the patch path names them.
fn stages(properties: Properties<'_>) -> Vec<String> {
    let stages = properties.objects("StageKeys").into_iter();
    let part = |stage: &Properties<'_>, name: &str| stage.text(name).unwrap_or_default();
    stages.map(|stage| format!("{}/{}", part(&stage, "RestApiId"), part(&stage, "StageName"))).collect()
}

#[async_trait]
impl Provider for ApiKey {
    fn supported(&self) -> &'static [&'static str] {
        &["CustomerId", "Description", "Enabled", "GenerateDistinctId", "Name", "StageKeys", "Tags", "Value"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateApiKey>(work.input().or(json!({"Name": work.name}))).await?;
        Ok(Made::known_as("APIKeyId", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        let (had, has) = (stages(before), stages(after));
        let gone = had.iter().filter(|stage| !has.contains(stage));
        steps.extend(gone.map(|stage| step("remove", "/stages", Some(stage.clone()))));
        let new = has.iter().filter(|stage| !had.contains(stage));
        steps.extend(new.map(|stage| step("add", "/stages", Some(stage.clone()))));
        patch::take::<wire::UpdateApiKey>(work, Input::of("ApiKey", &*old.id), steps).await?;
        Ok(Made::as_before(old))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        retag(work, format!("/apikeys/{}", made.id), tags).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "ApiKey", 10))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call(wire::DeleteApiKey { api_key: old.id.clone() }).await.map(drop)
    }
}
