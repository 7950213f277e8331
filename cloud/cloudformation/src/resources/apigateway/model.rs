//! `AWS::ApiGateway::Model`.

use super::patch::{self, Field};
use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[("Description", Some("")), ("Schema", None)];

/// The provider.
pub struct Model;

#[async_trait]
impl Provider for Model {
    fn supported(&self) -> &'static [&'static str] {
        &["ContentType", "Description", "Name", "RestApiId", "Schema"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        // A model's name has letters and digits only.
        let name: String = work.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let input = work.input().or(json!({"Name": name, "ContentType": "application/json"}));
        let request: wire::CreateModel = input.into_operation()?;
        let name = request.name.clone();
        work.call(request).await?;
        Ok(Made::new(name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let model = work.identity(old).renamed("Name", "ModelName");
        patch::update::<wire::UpdateModel>(work, model, old, FIELDS).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.send::<wire::DeleteModel>(work.identity(old).renamed("Name", "ModelName")).await.map(drop)
    }
}
