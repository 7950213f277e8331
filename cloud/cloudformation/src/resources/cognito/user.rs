//! `AWS::Cognito::UserPoolUser`, which is fixed at creation.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::cognito as wire;

/// The provider.
pub struct User;

#[async_trait]
impl Provider for User {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ClientMetadata",
            "DesiredDeliveryMediums",
            "MessageAction",
            "UserAttributes",
            "UserPoolId",
            "Username",
            "ValidationData",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().or(json!({ "Username": work.name }));
        let user = work.send::<wire::AdminCreateUser>(input).await?.user.unwrap_or_default();
        Ok(Made::new(user.username.unwrap_or_default()))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::AdminDeleteUser>(old).await
    }
}
