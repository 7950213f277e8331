//! `AWS::IAM::ManagedPolicy`.

use super::super::properties::Properties;
use super::super::{Made, Naming, Provider, Work};
use super::without;
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;

/// How many versions a policy has at most ("IAM and AWS STS quotas").
const MAX_VERSIONS: usize = 5;

/// The provider.
pub struct ManagedPolicy;

impl ManagedPolicy {
    async fn made(work: &Work, arn: &str) -> AwsResult<Made> {
        let policy = work.call(wire::GetPolicy { policy_arn: arn.to_owned() }).await?.policy.unwrap_or_default();
        let time = |time: Option<slam_cloud_core::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        Ok(Made::new(arn)
            .with("PolicyArn", arn)
            .with("PolicyId", policy.policy_id.unwrap_or_default())
            .with("DefaultVersionId", policy.default_version_id.unwrap_or_default())
            .with("AttachmentCount", policy.attachment_count.unwrap_or_default())
            .with("IsAttachable", policy.is_attachable.unwrap_or(true))
            .with("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count.unwrap_or_default())
            .with("CreateDate", time(policy.create_date))
            .with("UpdateDate", time(policy.update_date)))
    }

    async fn attach(work: &Work, kind: &str, identity: String, arn: &str) -> AwsResult<()> {
        let policy_arn = arn.to_owned();
        match kind {
            "Roles" => {
                work.call(wire::AttachRolePolicy { role_name: identity, policy_arn }).await?;
            }
            "Users" => {
                work.call(wire::AttachUserPolicy { user_name: identity, policy_arn }).await?;
            }
            _ => {
                work.call(wire::AttachGroupPolicy { group_name: identity, policy_arn }).await?;
            }
        }
        Ok(())
    }

    async fn detach(work: &Work, kind: &str, identity: String, arn: &str) -> AwsResult<()> {
        let policy_arn = arn.to_owned();
        match kind {
            "Roles" => {
                work.call_unless_gone(wire::DetachRolePolicy { role_name: identity, policy_arn }).await?;
            }
            "Users" => {
                work.call_unless_gone(wire::DetachUserPolicy { user_name: identity, policy_arn }).await?;
            }
            _ => {
                work.call_unless_gone(wire::DetachGroupPolicy { group_name: identity, policy_arn }).await?;
            }
        }
        Ok(())
    }

    /// The versions that are not the default one, the oldest first.
    async fn other_versions(work: &Work, arn: &str) -> AwsResult<Vec<String>> {
        let list = wire::ListPolicyVersions { policy_arn: arn.to_owned(), ..Default::default() };
        let mut versions = work.call_unless_gone(list).await?.unwrap_or_default().versions.unwrap_or_default();
        versions.retain(|version| version.is_default_version != Some(true));
        versions.sort_by_key(|version| version.create_date);
        Ok(versions.into_iter().filter_map(|version| version.version_id).collect())
    }

    /// A creation that was cut short is known by its name alone.
    fn arn(work: &Work, old: &Physical) -> String {
        if old.id.starts_with("arn:") {
            return old.id.clone();
        }
        let path = Properties(&old.properties).text("Path").unwrap_or_else(|| "/".to_owned());
        work.context.global_arn("iam", format!("policy{path}{}", old.id))
    }
}

const KINDS: [&str; 3] = ["Roles", "Users", "Groups"];

#[async_trait]
impl Provider for ManagedPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"]
    }

    fn naming(&self) -> Naming {
        Naming::by("ManagedPolicyName", 128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::CreatePolicy {
            policy_name: work.name.clone(),
            path: properties.text("Path"),
            policy_document: properties.document("PolicyDocument").unwrap_or_default(),
            description: properties.text("Description"),
            tags: None,
        };
        let arn = work.call(request).await?.policy.and_then(|policy| policy.arn).unwrap_or_default();
        work.exists(&arn);
        for kind in KINDS {
            for identity in properties.texts(kind).unwrap_or_default() {
                Self::attach(work, kind, identity, &arn).await?;
            }
        }
        Self::made(work, &arn).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let arn = Self::arn(work, old);
        if before.document("PolicyDocument") != after.document("PolicyDocument") {
            let others = Self::other_versions(work, &arn).await?;
            if others.len() + 1 >= MAX_VERSIONS
                && let Some(oldest) = others.into_iter().next()
            {
                work.call(wire::DeletePolicyVersion { policy_arn: arn.clone(), version_id: oldest }).await?;
            }
            work.call(wire::CreatePolicyVersion {
                policy_arn: arn.clone(),
                policy_document: after.document("PolicyDocument").unwrap_or_default(),
                set_as_default: Some(true),
            })
            .await?;
        }
        for kind in KINDS {
            let (had, has) = (before.texts(kind).unwrap_or_default(), after.texts(kind).unwrap_or_default());
            for identity in without(&has, &had) {
                Self::attach(work, kind, identity, &arn).await?;
            }
            for identity in without(&had, &has) {
                Self::detach(work, kind, identity, &arn).await?;
            }
        }
        Self::made(work, &arn).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let arn = Self::arn(work, old);
        let list = wire::ListEntitiesForPolicy { policy_arn: arn.clone(), ..Default::default() };
        let entities = work.call_unless_gone(list).await?.unwrap_or_default();
        for role in entities.policy_roles.unwrap_or_default() {
            Self::detach(work, "Roles", role.role_name.unwrap_or_default(), &arn).await?;
        }
        for user in entities.policy_users.unwrap_or_default() {
            Self::detach(work, "Users", user.user_name.unwrap_or_default(), &arn).await?;
        }
        for group in entities.policy_groups.unwrap_or_default() {
            Self::detach(work, "Groups", group.group_name.unwrap_or_default(), &arn).await?;
        }
        for version_id in Self::other_versions(work, &arn).await? {
            work.call_unless_gone(wire::DeletePolicyVersion { policy_arn: arn.clone(), version_id }).await?;
        }
        work.call(wire::DeletePolicy { policy_arn: arn }).await.map(drop)
    }
}
