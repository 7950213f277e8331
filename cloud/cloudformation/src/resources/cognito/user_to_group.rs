//! `AWS::Cognito::UserPoolUserToGroupAttachment`, which is fixed at creation.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::cognito as wire;

/// The provider.
pub struct UserToGroup;

#[async_trait]
impl Provider for UserToGroup {
    fn supported(&self) -> &'static [&'static str] {
        &["GroupName", "UserPoolId", "Username"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::AdminAddUserToGroup>(work.input()).await?;
        let properties = Properties(&work.properties);
        let parts = ["UserPoolId", "GroupName", "Username"].map(|name| properties.need(name));
        Ok(Made::new(parts.into_iter().collect::<AwsResult<Vec<_>>>()?.join("|")))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::AdminRemoveUserFromGroup>(old).await
    }
}
