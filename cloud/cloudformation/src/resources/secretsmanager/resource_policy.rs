//! `AWS::SecretsManager::ResourcePolicy`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::secretsmanager as wire;

/// The provider.
pub struct ResourcePolicy;

async fn put(work: &Work) -> AwsResult<Made> {
    let answer = work.send::<wire::PutResourcePolicy>(work.input()).await?;
    Ok(Made::known_as("Id", answer.arn.unwrap_or_default()))
}

#[async_trait]
impl Provider for ResourcePolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["BlockPublicPolicy", "ResourcePolicy", "SecretId"]
    }

    /// A secret has one policy, and AWS takes none over
    /// (<https://github.com/aws/aws-cdk/issues/24383>).
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let secret_id = Properties(&work.properties).need("SecretId")?;
        let there = work.call(wire::GetResourcePolicy { secret_id, ..Default::default() }).await?;
        match (there.resource_policy, there.arn) {
            (Some(_), Some(arn)) => Err(AwsError::bad_request(
                "ResourceExistsException",
                format!("The secret {arn} has a resource policy already"),
            )),
            _ => put(work).await,
        }
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        put(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call(wire::DeleteResourcePolicy { secret_id: old.id.clone(), ..Default::default() }).await.map(drop)
    }
}
