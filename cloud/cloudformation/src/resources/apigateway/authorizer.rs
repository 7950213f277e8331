//! `AWS::ApiGateway::Authorizer`.

use super::patch::{self, Field};
use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[
    ("Name", None),
    ("Type", None),
    ("AuthType", Some("custom")),
    ("AuthorizerCredentials", Some("")),
    ("AuthorizerResultTtlInSeconds", Some("")),
    ("AuthorizerUri", Some("")),
    ("IdentitySource", Some("")),
    ("IdentityValidationExpression", Some("")),
];

/// The provider.
pub struct Authorizer;

#[async_trait]
impl Provider for Authorizer {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AuthType",
            "AuthorizerCredentials",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "Name",
            "RestApiId",
            "Type",
        ]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        match Properties(properties).text("Type").as_deref() {
            Some(kind @ ("COGNITO_USER_POOLS" | "JWT")) => {
                Err(format!("The value {kind} of the property {{/Type}} is not supported by the embedded cloud yet"))
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateAuthorizer>(work.input()).await?;
        Ok(Made::known_as("AuthorizerId", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        patch::update::<wire::UpdateAuthorizer>(work, work.identity(old), old, FIELDS).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Authorizer", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteAuthorizer>(old).await
    }
}
