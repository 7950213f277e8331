//! `AWS::Logs::ResourcePolicy`: which services may write to an account's groups.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::logs as wire;

/// The provider.
pub struct ResourcePolicy;

async fn put(work: &Work) -> AwsResult<Made> {
    let name = Properties(&work.properties).need("PolicyName")?;
    let policy_document = Properties(&work.properties).document("PolicyDocument");
    let input = wire::PutResourcePolicy { policy_name: Some(name.clone()), policy_document, ..Default::default() };
    work.call(input).await?;
    Ok(Made::new(name))
}

/// Whether there is a policy of that name.
async fn is_there(work: &Work, name: &str) -> AwsResult<bool> {
    let described = work.call(wire::DescribeResourcePolicies::default()).await?;
    let mut policies = described.resource_policies.unwrap_or_default().into_iter();
    Ok(policies.any(|policy| policy.policy_name.as_deref() == Some(name)))
}

#[async_trait]
impl Provider for ResourcePolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["PolicyDocument", "PolicyName"]
    }

    /// One of that name would be replaced: a stack must not take over what it did not make.
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let name = Properties(&work.properties).need("PolicyName")?;
        if is_there(work, &name).await? {
            let message = format!("The resource policy {name} already exists.");
            return Err(AwsError::bad_request("ResourceAlreadyExistsException", message));
        }
        put(work).await
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        put(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let input = wire::DeleteResourcePolicy { policy_name: Some(old.id.clone()), ..Default::default() };
        work.call_unless_gone(input).await.map(drop)
    }
}
