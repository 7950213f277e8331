//! `AWS::IAM::Policy`: one inline policy in several roles, users and groups.

use super::super::properties::Properties;
use super::super::{Made, Provider, Work};
use super::without;
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::iam as wire;

/// The provider.
pub struct Policy;

/// The kinds of identities a policy is put into.
const KINDS: [&str; 3] = ["Roles", "Users", "Groups"];

impl Policy {
    async fn put(work: &Work, kind: &str, identity: String, policy_name: &str, document: &str) -> AwsResult<()> {
        let (policy_name, policy_document) = (policy_name.to_owned(), document.to_owned());
        match kind {
            "Roles" => {
                work.call(wire::PutRolePolicy { role_name: identity, policy_name, policy_document }).await?;
            }
            "Users" => {
                work.call(wire::PutUserPolicy { user_name: identity, policy_name, policy_document }).await?;
            }
            _ => {
                work.call(wire::PutGroupPolicy { group_name: identity, policy_name, policy_document }).await?;
            }
        }
        Ok(())
    }

    async fn remove(work: &Work, kind: &str, identity: String, policy_name: &str) -> AwsResult<()> {
        let policy_name = policy_name.to_owned();
        match kind {
            "Roles" => {
                work.call_unless_gone(wire::DeleteRolePolicy { role_name: identity, policy_name }).await?;
            }
            "Users" => {
                work.call_unless_gone(wire::DeleteUserPolicy { user_name: identity, policy_name }).await?;
            }
            _ => {
                work.call_unless_gone(wire::DeleteGroupPolicy { group_name: identity, policy_name }).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for Policy {
    fn supported(&self) -> &'static [&'static str] {
        &["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let name = properties.need("PolicyName")?;
        let document = properties.document("PolicyDocument").unwrap_or_default();
        let mut identities = 0;
        for kind in KINDS {
            for identity in properties.texts(kind).unwrap_or_default() {
                Self::put(work, kind, identity, &name, &document).await?;
                work.exists(&work.name);
                identities += 1;
            }
        }
        if identities == 0 {
            return Err(AwsError::validation("At least one of [Groups,Roles,Users] must be non-empty."));
        }
        Ok(Made::new(&work.name).with("Id", &*work.name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let (had, has) = (before.need("PolicyName")?, after.need("PolicyName")?);
        let document = after.document("PolicyDocument").unwrap_or_default();
        for kind in KINDS {
            let identities = after.texts(kind).unwrap_or_default();
            for identity in identities.clone() {
                Self::put(work, kind, identity, &has, &document).await?;
            }
            let former = before.texts(kind).unwrap_or_default();
            let left = if had == has { without(&former, &identities) } else { former };
            for identity in left {
                Self::remove(work, kind, identity, &had).await?;
            }
        }
        Ok(Made::new(&old.id).with("Id", &*old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let properties = Properties(&old.properties);
        let name = properties.need("PolicyName")?;
        for kind in KINDS {
            for identity in properties.texts(kind).unwrap_or_default() {
                Self::remove(work, kind, identity, &name).await?;
            }
        }
        Ok(())
    }
}
