//! `AWS::IAM::User` and `AWS::IAM::AccessKey`.

use super::super::input::Input;
use super::super::properties::Properties;
use super::super::{Made, Naming, Provider, Retag, Work, tags};
use super::{inline, tag_list, without};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;

/// `AWS::IAM::User`.
pub struct User;

impl User {
    fn made(work: &Work, name: &str) -> Made {
        let path = Properties(&work.properties).text("Path").unwrap_or_else(|| "/".to_owned());
        Made::new(name).with("Arn", work.context.global_arn("iam", format!("user{path}{name}")))
    }
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
        let properties = Properties(&work.properties);
        let user_name = || work.name.clone();
        work.call(wire::CreateUser {
            path: properties.text("Path"),
            user_name: user_name(),
            permissions_boundary: properties.text("PermissionsBoundary"),
            tags: Some(tag_list(tags::texts(work))),
        })
        .await?;
        work.exists(&work.name);
        for policy_arn in properties.texts("ManagedPolicyArns").unwrap_or_default() {
            work.call(wire::AttachUserPolicy { user_name: user_name(), policy_arn }).await?;
        }
        for (policy_name, policy_document) in inline(properties) {
            work.call(wire::PutUserPolicy { user_name: user_name(), policy_name, policy_document }).await?;
        }
        for group_name in properties.texts("Groups").unwrap_or_default() {
            work.call(wire::AddUserToGroup { group_name, user_name: user_name() }).await?;
        }
        Ok(Self::made(work, &work.name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let user_name = || old.id.clone();
        if before.text("Path") != after.text("Path") {
            let new_path = Some(after.text("Path").unwrap_or_else(|| "/".to_owned()));
            work.call(wire::UpdateUser { user_name: user_name(), new_path, new_user_name: None }).await?;
        }
        match (before.text("PermissionsBoundary"), after.text("PermissionsBoundary")) {
            (one, other) if one == other => {}
            (_, Some(permissions_boundary)) => {
                work.call(wire::PutUserPermissionsBoundary { user_name: user_name(), permissions_boundary }).await?;
            }
            (_, None) => {
                work.call(wire::DeleteUserPermissionsBoundary { user_name: user_name() }).await?;
            }
        }
        let arns = |p: Properties<'_>| p.texts("ManagedPolicyArns").unwrap_or_default();
        for policy_arn in without(&arns(after), &arns(before)) {
            work.call(wire::AttachUserPolicy { user_name: user_name(), policy_arn }).await?;
        }
        for policy_arn in without(&arns(before), &arns(after)) {
            work.call_unless_gone(wire::DetachUserPolicy { user_name: user_name(), policy_arn }).await?;
        }
        let (had, has) = (inline(before), inline(after));
        for policy_name in had.keys().filter(|name| !has.contains_key(*name)).cloned() {
            work.call_unless_gone(wire::DeleteUserPolicy { user_name: user_name(), policy_name }).await?;
        }
        for (policy_name, policy_document) in has {
            if had.get(&policy_name) != Some(&policy_document) {
                work.call(wire::PutUserPolicy { user_name: user_name(), policy_name, policy_document }).await?;
            }
        }
        let groups = |p: Properties<'_>| p.texts("Groups").unwrap_or_default();
        for group_name in without(&groups(after), &groups(before)) {
            work.call(wire::AddUserToGroup { group_name, user_name: user_name() }).await?;
        }
        for group_name in without(&groups(before), &groups(after)) {
            work.call_unless_gone(wire::RemoveUserFromGroup { group_name, user_name: user_name() }).await?;
        }
        Ok(Self::made(work, &old.id))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagUser, wire::UntagUser>(work, Input::of("UserName", &*made.id)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let user_name = || old.id.clone();
        let list = wire::ListAttachedUserPolicies { user_name: user_name(), ..Default::default() };
        for policy in work.call_unless_gone(list).await?.unwrap_or_default().attached_policies.unwrap_or_default() {
            let policy_arn = policy.policy_arn.unwrap_or_default();
            work.call_unless_gone(wire::DetachUserPolicy { user_name: user_name(), policy_arn }).await?;
        }
        let list = wire::ListUserPolicies { user_name: user_name(), ..Default::default() };
        for policy_name in work.call_unless_gone(list).await?.unwrap_or_default().policy_names {
            work.call_unless_gone(wire::DeleteUserPolicy { user_name: user_name(), policy_name }).await?;
        }
        let list = wire::ListGroupsForUser { user_name: user_name(), ..Default::default() };
        for group in work.call_unless_gone(list).await?.unwrap_or_default().groups {
            let group_name = group.group_name;
            work.call_unless_gone(wire::RemoveUserFromGroup { group_name, user_name: user_name() }).await?;
        }
        work.call(wire::DeleteUser { user_name: user_name() }).await.map(drop)
    }
}

/// `AWS::IAM::AccessKey`.
pub struct AccessKey;

impl AccessKey {
    async fn set_status(work: &Work, id: &str) -> AwsResult<()> {
        let properties = Properties(&work.properties);
        let request = wire::UpdateAccessKey {
            user_name: properties.text("UserName"),
            access_key_id: id.to_owned(),
            status: properties.text("Status").unwrap_or_else(|| "Active".to_owned()),
        };
        work.call(request).await.map(|_| ())
    }
}

#[async_trait]
impl Provider for AccessKey {
    fn supported(&self) -> &'static [&'static str] {
        &["Serial", "Status", "UserName"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let key = work.call(wire::CreateAccessKey { user_name: properties.text("UserName") }).await?.access_key;
        work.exists(&key.access_key_id);
        if properties.has("Status") {
            Self::set_status(work, &key.access_key_id).await?;
        }
        Ok(Made::new(&key.access_key_id).with("Id", &*key.access_key_id).with("SecretAccessKey", key.secret_access_key))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        Self::set_status(work, &old.id).await?;
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let user_name = Properties(&old.properties).text("UserName");
        let request = wire::DeleteAccessKey { user_name, access_key_id: old.id.clone() };
        work.call(request).await.map(drop)
    }
}
