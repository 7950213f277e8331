//! `AWS::IAM::ManagedPolicy`.

use super::identity::{Identity, Kind, without};
use crate::resources::{Made, Naming, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsResult, Timestamp};
use slam_cloud_wire::iam as wire;

/// How many versions a policy has at most ("IAM and AWS STS quotas").
const MAX_VERSIONS: usize = 5;

/// The provider.
pub struct ManagedPolicy;

async fn made(work: &Work, arn: &str) -> AwsResult<Made> {
    let policy = work.call(wire::GetPolicy { policy_arn: arn.to_owned() }).await?.policy.unwrap_or_default();
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    Ok(Made::known_as("PolicyArn", arn)
        .with("PolicyId", policy.policy_id.unwrap_or_default())
        .with("DefaultVersionId", policy.default_version_id.unwrap_or_default())
        .with("AttachmentCount", policy.attachment_count.unwrap_or_default())
        .with("IsAttachable", policy.is_attachable.unwrap_or(true))
        .with("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count.unwrap_or_default())
        .with("CreateDate", time(policy.create_date))
        .with("UpdateDate", time(policy.update_date)))
}

/// The versions that are not the default one, the oldest first.
async fn other_versions(work: &Work, arn: &str) -> AwsResult<Vec<String>> {
    let list = wire::ListPolicyVersions { policy_arn: arn.to_owned(), ..Default::default() };
    let mut versions = work.call(list).await?.versions.unwrap_or_default();
    versions.retain(|version| version.is_default_version != Some(true));
    versions.sort_by_key(|version| version.create_date);
    Ok(versions.into_iter().filter_map(|version| version.version_id).collect())
}

/// A creation that was cut short is known by its name alone.
fn arn_of(work: &Work, old: &Physical) -> String {
    if old.id.starts_with("arn:") {
        return old.id.clone();
    }
    let path = Properties(&old.properties).text("Path").unwrap_or_else(|| "/".to_owned());
    work.context.global_arn("iam", format!("policy{path}{}", old.id))
}

#[async_trait]
impl Provider for ManagedPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"]
    }

    fn naming(&self) -> Naming {
        Naming::by("ManagedPolicyName", 128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().renamed("ManagedPolicyName", "PolicyName");
        let created = work.send::<wire::CreatePolicy>(input).await?;
        let arn = created.policy.and_then(|policy| policy.arn).unwrap_or_default();
        work.exists(&arn);
        for identity in Identity::of(&work.properties) {
            identity.attach(work, &arn).await?;
        }
        made(work, &arn).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (&old.properties, &work.properties);
        let arn = arn_of(work, old);
        if before.get("PolicyDocument") != after.get("PolicyDocument") {
            let others = other_versions(work, &arn).await?;
            if others.len() + 1 >= MAX_VERSIONS
                && let Some(version_id) = others.into_iter().next()
            {
                work.call(wire::DeletePolicyVersion { policy_arn: arn.clone(), version_id }).await?;
            }
            let version = work.input().with("PolicyArn", &*arn).with("SetAsDefault", true);
            work.send::<wire::CreatePolicyVersion>(version).await?;
            work.did(["PolicyDocument"]);
        }
        work.did(["Groups", "Roles", "Users"]);
        let (had, has) = (Identity::of(before), Identity::of(after));
        for identity in without(&has, &had) {
            identity.attach(work, &arn).await?;
        }
        for identity in without(&had, &has) {
            identity.detach(work, &arn).await?;
        }
        made(work, &arn).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let arn = arn_of(work, old);
        let list = wire::ListEntitiesForPolicy { policy_arn: arn.clone(), ..Default::default() };
        let entities = work.call(list).await?;
        let roles = entities.policy_roles.into_iter().flatten().map(|role| (Kind::Role, role.role_name));
        let users = entities.policy_users.into_iter().flatten().map(|user| (Kind::User, user.user_name));
        let groups = entities.policy_groups.into_iter().flatten().map(|group| (Kind::Group, group.group_name));
        for (kind, name) in roles.chain(users).chain(groups) {
            Identity::new(kind, name.unwrap_or_default()).detach(work, &arn).await?;
        }
        for version_id in other_versions(work, &arn).await? {
            work.call_unless_gone(wire::DeletePolicyVersion { policy_arn: arn.clone(), version_id }).await?;
        }
        work.call(wire::DeletePolicy { policy_arn: arn }).await.map(drop)
    }
}
