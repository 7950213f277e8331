//! `AWS::ApiGateway::RequestValidator`.

use super::patch::{self, Field};
use crate::resources::{Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[("ValidateRequestBody", Some("false")), ("ValidateRequestParameters", Some("false"))];

/// The provider.
pub struct RequestValidator;

#[async_trait]
impl Provider for RequestValidator {
    fn supported(&self) -> &'static [&'static str] {
        &["Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().or(json!({"Name": work.name}));
        let created = work.send::<wire::CreateRequestValidator>(input).await?;
        Ok(Made::known_as("RequestValidatorId", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        patch::update::<wire::UpdateRequestValidator>(work, work.identity(old), old, FIELDS).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "RequestValidator", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteRequestValidator>(old).await
    }
}
