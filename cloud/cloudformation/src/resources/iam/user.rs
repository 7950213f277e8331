//! `AWS::IAM::User`.

use super::identity::{Identity, Kind, without};
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work, changed};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;

/// The provider.
pub struct User;

fn path(work: &Work) -> String {
    Properties(&work.properties).text("Path").unwrap_or_else(|| "/".to_owned())
}

fn made(work: &Work) -> Made {
    let arn = work.context.global_arn("iam", format!("user{}{}", path(work), work.name));
    Made::new(&work.name).with("Arn", arn)
}

/// Makes its policies and groups those of its properties.
async fn settle(work: &Work, before: &Map<String, Value>) -> AwsResult<()> {
    let after = &work.properties;
    Identity::new(Kind::User, &*work.name).settle(work, before, after).await?;
    let groups = |properties| Properties(properties).texts("Groups").unwrap_or_default();
    let user_name = || work.name.clone();
    for group_name in without(&groups(after), &groups(before)) {
        work.call(wire::AddUserToGroup { group_name, user_name: user_name() }).await?;
    }
    for group_name in without(&groups(before), &groups(after)) {
        work.call_unless_gone(wire::RemoveUserFromGroup { group_name, user_name: user_name() }).await?;
    }
    Ok(())
}

#[async_trait]
impl Provider for User {
    fn supported(&self) -> &'static [&'static str] {
        &["Groups", "ManagedPolicyArns", "Path", "PermissionsBoundary", "Policies", "Tags", "UserName"]
    }

    fn naming(&self) -> Naming {
        Naming::by("UserName", 64)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateUser>(work.input()).await?;
        work.exists(&work.name);
        settle(work, &Map::new()).await?;
        Ok(made(work))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        if different.contains(&"Path") {
            work.send::<wire::UpdateUser>(work.input().with("NewPath", path(work))).await?;
            work.did(["Path"]);
        }
        if different.contains(&"PermissionsBoundary") {
            if work.properties.contains_key("PermissionsBoundary") {
                work.send::<wire::PutUserPermissionsBoundary>(work.input()).await?;
            } else {
                work.send::<wire::DeleteUserPermissionsBoundary>(work.input()).await?;
            }
            work.did(["PermissionsBoundary"]);
        }
        work.did(["Groups", "ManagedPolicyArns", "Policies"]);
        settle(work, &old.properties).await?;
        Ok(made(work))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.send::<wire::ListUserTags>(Input::of("UserName", &*work.name)).await?;
        Ok(listed.tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagUser, wire::UntagUser>(work, Input::of("UserName", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        Identity::new(Kind::User, &*old.id).clear(work).await?;
        for group in work.send::<wire::ListGroupsForUser>(work.identity(old)).await?.groups {
            let (group_name, user_name) = (group.group_name, old.id.clone());
            work.call_unless_gone(wire::RemoveUserFromGroup { group_name, user_name }).await?;
        }
        work.delete::<wire::DeleteUser>(old).await
    }
}
