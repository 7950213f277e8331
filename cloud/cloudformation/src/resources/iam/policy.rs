//! `AWS::IAM::Policy`: one inline policy in several roles, users and groups.

use super::identity::{Identity, without};
use crate::resources::{Made, Physical, Properties, Provider, Work, changed};
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};

/// The provider.
pub struct Policy;

#[async_trait]
impl Provider for Policy {
    fn supported(&self) -> &'static [&'static str] {
        &["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let name = properties.need("PolicyName")?;
        let document = properties.document("PolicyDocument").unwrap_or_default();
        let identities = Identity::of(&work.properties);
        if identities.is_empty() {
            return Err(AwsError::validation("At least one of [Groups,Roles,Users] must be non-empty."));
        }
        for identity in identities {
            identity.put(work, &name, &document).await?;
            work.exists(&work.name);
        }
        Ok(Made::known_as("Id", &*work.name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let (had, has) = (before.need("PolicyName")?, after.need("PolicyName")?);
        let document = after.document("PolicyDocument").unwrap_or_default();
        let (former, identities) = (Identity::of(before.0), Identity::of(after.0));
        work.did(changed(before.0, after.0));
        for identity in &identities {
            identity.put(work, &has, &document).await?;
        }
        for identity in if had == has { without(&former, &identities) } else { former } {
            identity.remove(work, &had).await?;
        }
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let name = Properties(&old.properties).need("PolicyName")?;
        for identity in Identity::of(&old.properties) {
            identity.remove(work, &name).await?;
        }
        Ok(())
    }
}
