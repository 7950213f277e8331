//! `AWS::Cognito::UserPoolClient`.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::cognito as wire;

/// The provider.
pub struct UserPoolClient;

fn made(client: Option<wire::UserPoolClientType>) -> AwsResult<Made> {
    let client = client.unwrap_or_default();
    let id = client.client_id.ok_or_else(|| AwsError::internal("a user pool client has no id"))?;
    let made = Made::known_as("ClientId", id).with("Name", client.client_name.unwrap_or_default());
    Ok(match client.client_secret {
        Some(secret) => made.with("ClientSecret", secret),
        None => made,
    })
}

#[async_trait]
impl Provider for UserPoolClient {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AccessTokenValidity",
            "AllowedOAuthFlows",
            "AllowedOAuthFlowsUserPoolClient",
            "AllowedOAuthScopes",
            "AuthSessionValidity",
            "CallbackURLs",
            "ClientName",
            "DefaultRedirectURI",
            "EnableTokenRevocation",
            "ExplicitAuthFlows",
            "GenerateSecret",
            "IdTokenValidity",
            "LogoutURLs",
            "PreventUserExistenceErrors",
            "ReadAttributes",
            "RefreshTokenValidity",
            "SupportedIdentityProviders",
            "TokenValidityUnits",
            "UserPoolId",
            "WriteAttributes",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().or(json!({ "ClientName": work.name }));
        made(work.send::<wire::CreateUserPoolClient>(input).await?.user_pool_client)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let input = work.input().without("GenerateSecret").with("ClientId", &*old.id);
        made(work.send::<wire::UpdateUserPoolClient>(input).await?.user_pool_client)
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "UserPoolClient", 26))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteUserPoolClient>(old).await
    }
}
