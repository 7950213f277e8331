//! `AWS::ApiGatewayV2::Authorizer`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// The provider.
pub struct Authorizer;

#[async_trait]
impl Provider for Authorizer {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiId",
            "AuthorizerCredentialsArn",
            "AuthorizerPayloadFormatVersion",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerType",
            "AuthorizerUri",
            "EnableSimpleResponses",
            "IdentitySource",
            "JwtConfiguration",
            "Name",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().or(json!({"IdentitySource": []}));
        let created = work.send::<wire::CreateAuthorizer>(input).await?;
        Ok(Made::known_as("AuthorizerId", created.authorizer_id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let mut unset = json!({"IdentitySource": [], "EnableSimpleResponses": false});
        if properties.text("AuthorizerType").as_deref() == Some("REQUEST") {
            let is_cached = properties.texts("IdentitySource").is_some_and(|sources| !sources.is_empty());
            unset["AuthorizerResultTtlInSeconds"] = json!(if is_cached { 300 } else { 0 });
            unset["AuthorizerCredentialsArn"] = json!("");
        }
        work.send::<wire::UpdateAuthorizer>(work.input().with("AuthorizerId", &*old.id).or(unset)).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Authorizer", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteAuthorizer>(old).await
    }
}
