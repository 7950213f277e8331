//! `AWS::IAM::Role`.

use super::identity::{Identity, Kind};
use crate::resources::{Input, Made, Naming, Physical, Provider, Retag, Work, changed};
use async_trait::async_trait;
use serde_json::{Map, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;

/// The provider.
pub struct Role;

async fn made(work: &Work) -> AwsResult<Made> {
    let role = work.call(wire::GetRole { role_name: work.name.clone() }).await?.role;
    Ok(Made::new(&work.name).with("Arn", role.arn).with("RoleId", role.role_id))
}

#[async_trait]
impl Provider for Role {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("RoleName", 64)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        made(work).await.map(Some)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateRole>(work.input()).await?;
        work.exists(&work.name);
        Identity::new(Kind::Role, &*work.name).settle(work, &Map::new(), &work.properties).await?;
        made(work).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        let touches = |name: &str| different.contains(&name);
        if touches("AssumeRolePolicyDocument") {
            let input = work.input().renamed("AssumeRolePolicyDocument", "PolicyDocument");
            work.send::<wire::UpdateAssumeRolePolicy>(input).await?;
            work.did(["AssumeRolePolicyDocument"]);
        }
        if touches("Description") || touches("MaxSessionDuration") {
            let input = work.input().or(json!({"Description": "", "MaxSessionDuration": 3600}));
            work.send::<wire::UpdateRole>(input).await?;
            work.did(["Description", "MaxSessionDuration"]);
        }
        if touches("PermissionsBoundary") {
            if work.properties.contains_key("PermissionsBoundary") {
                work.send::<wire::PutRolePermissionsBoundary>(work.input()).await?;
            } else {
                work.send::<wire::DeleteRolePermissionsBoundary>(work.input()).await?;
            }
            work.did(["PermissionsBoundary"]);
        }
        work.did(["ManagedPolicyArns", "Policies"]);
        Identity::new(Kind::Role, &*work.name).settle(work, &old.properties, &work.properties).await?;
        made(work).await
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.send::<wire::ListRoleTags>(Input::of("RoleName", &*work.name)).await?;
        Ok(listed.tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagRole, wire::UntagRole>(work, Input::of("RoleName", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        Identity::new(Kind::Role, &*old.id).clear(work).await?;
        work.delete::<wire::DeleteRole>(old).await
    }
}
