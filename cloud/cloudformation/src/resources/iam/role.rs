//! `AWS::IAM::Role`.

use super::super::input::Input;
use super::super::properties::Properties;
use super::super::{Made, Naming, Provider, Retag, Work, tags};
use super::{inline, tag_list, without};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;

/// The provider.
pub struct Role;

impl Role {
    async fn made(work: &Work, role_name: &str) -> AwsResult<Made> {
        let role = work.call(wire::GetRole { role_name: role_name.to_owned() }).await?.role;
        Ok(Made::new(role_name).with("Arn", role.arn).with("RoleId", role.role_id))
    }

    async fn put_inline(work: &Work, role: &str, policy_name: String, policy_document: String) -> AwsResult<()> {
        work.call(wire::PutRolePolicy { role_name: role.to_owned(), policy_name, policy_document }).await.map(|_| ())
    }
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
        work.kind.unless_gone(Self::made(work, &work.name).await)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::CreateRole {
            path: properties.text("Path"),
            role_name: work.name.clone(),
            assume_role_policy_document: properties.document("AssumeRolePolicyDocument").unwrap_or_default(),
            description: properties.text("Description"),
            max_session_duration: properties.integer("MaxSessionDuration"),
            permissions_boundary: properties.text("PermissionsBoundary"),
            tags: Some(tag_list(tags::texts(work))),
        };
        work.call(request).await?;
        work.exists(&work.name);
        for policy_arn in properties.texts("ManagedPolicyArns").unwrap_or_default() {
            work.call(wire::AttachRolePolicy { role_name: work.name.clone(), policy_arn }).await?;
        }
        for (name, document) in inline(properties) {
            Self::put_inline(work, &work.name, name, document).await?;
        }
        Self::made(work, &work.name).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let role_name = || old.id.clone();
        if before.document("AssumeRolePolicyDocument") != after.document("AssumeRolePolicyDocument") {
            let policy_document = after.document("AssumeRolePolicyDocument").unwrap_or_default();
            work.call(wire::UpdateAssumeRolePolicy { role_name: role_name(), policy_document }).await?;
        }
        let settings = |p: Properties<'_>| (p.text("Description"), p.integer("MaxSessionDuration"));
        if settings(before) != settings(after) {
            work.call(wire::UpdateRole {
                role_name: role_name(),
                description: Some(after.text("Description").unwrap_or_default()),
                max_session_duration: Some(after.integer("MaxSessionDuration").unwrap_or(3600)),
            })
            .await?;
        }
        match (before.text("PermissionsBoundary"), after.text("PermissionsBoundary")) {
            (one, other) if one == other => {}
            (_, Some(permissions_boundary)) => {
                work.call(wire::PutRolePermissionsBoundary { role_name: role_name(), permissions_boundary }).await?;
            }
            (_, None) => {
                work.call(wire::DeleteRolePermissionsBoundary { role_name: role_name() }).await?;
            }
        }
        let arns = |p: Properties<'_>| p.texts("ManagedPolicyArns").unwrap_or_default();
        for policy_arn in without(&arns(after), &arns(before)) {
            work.call(wire::AttachRolePolicy { role_name: role_name(), policy_arn }).await?;
        }
        for policy_arn in without(&arns(before), &arns(after)) {
            work.call_unless_gone(wire::DetachRolePolicy { role_name: role_name(), policy_arn }).await?;
        }
        let (had, has) = (inline(before), inline(after));
        for policy_name in had.keys().filter(|name| !has.contains_key(*name)).cloned() {
            work.call_unless_gone(wire::DeleteRolePolicy { role_name: role_name(), policy_name }).await?;
        }
        for (name, document) in has {
            if had.get(&name) != Some(&document) {
                Self::put_inline(work, &old.id, name, document).await?;
            }
        }
        Self::made(work, &old.id).await
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagRole, wire::UntagRole>(work, Input::of("RoleName", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let role_name = || old.id.clone();
        let list = wire::ListAttachedRolePolicies { role_name: role_name(), ..Default::default() };
        for policy in work.call_unless_gone(list).await?.unwrap_or_default().attached_policies.unwrap_or_default() {
            let policy_arn = policy.policy_arn.unwrap_or_default();
            work.call_unless_gone(wire::DetachRolePolicy { role_name: role_name(), policy_arn }).await?;
        }
        let list = wire::ListRolePolicies { role_name: role_name(), ..Default::default() };
        for policy_name in work.call_unless_gone(list).await?.unwrap_or_default().policy_names {
            work.call_unless_gone(wire::DeleteRolePolicy { role_name: role_name(), policy_name }).await?;
        }
        work.call(wire::DeleteRole { role_name: role_name() }).await.map(drop)
    }
}
