//! `AWS::Cognito::UserPoolGroup`.

use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::cognito as wire;

/// What `UpdateGroup` changes and has no value to take away by.
const LASTING: [&str; 2] = ["Precedence", "RoleArn"];

/// The provider.
pub struct Group;

#[async_trait]
impl Provider for Group {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "GroupName", "Precedence", "RoleArn", "UserPoolId"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request: wire::CreateGroup = work.input().or(json!({ "GroupName": work.name })).into_operation()?;
        let name = request.group_name.clone();
        work.call(request).await?;
        Ok(Made::new(name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let is_gone =
            |property: &&&str| old.properties.contains_key(**property) && !work.properties.contains_key(**property);
        if let Some(property) = LASTING.iter().find(is_gone) {
            let what = format_args!("taking {property} away from a resource of the type AWS::Cognito::UserPoolGroup");
            return Err(AwsError::unsupported(what));
        }
        let input = work.input().with("GroupName", &*old.id).or(json!({ "Description": "" }));
        work.send::<wire::UpdateGroup>(input).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        (!work.properties.contains_key("GroupName")).then(|| work.name.clone())
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteGroup>(old).await
    }
}
