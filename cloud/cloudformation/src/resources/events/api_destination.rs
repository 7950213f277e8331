//! `AWS::Events::ApiDestination`.

use crate::resources::{Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;

/// The provider.
pub struct ApiDestination;

fn made(work: &Work, arn: Option<String>) -> Made {
    Made::new(&work.name)
        .with("Arn", arn.unwrap_or_default())
        .with("ArnForPolicy", work.context.arn("events", format!("api-destination/{}", work.name)))
}

#[async_trait]
impl Provider for ApiDestination {
    fn supported(&self) -> &'static [&'static str] {
        &["ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond", "Name"]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 64)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        let described = work.call(wire::DescribeApiDestination { name: work.name.clone() }).await?;
        Ok(Some(made(work, described.api_destination_arn)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateApiDestination>(work.input()).await?;
        Ok(made(work, created.api_destination_arn))
    }

    /// UpdateApiDestination leaves what it is not told as it is, so the defaults are told.
    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        let defaults = json!({"Description": "", "InvocationRateLimitPerSecond": 300});
        let updated = work.send::<wire::UpdateApiDestination>(work.input().or(defaults)).await?;
        Ok(made(work, updated.api_destination_arn))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteApiDestination>(old).await
    }
}
