//! `AWS::ApiGateway::UsagePlanKey`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct UsagePlanKey;

/// "Ref returns the combined ID of the usage plan key, such as `123abcdef:abc123`"
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplankey.html>).
fn combined(properties: Properties<'_>) -> String {
    let text = |name| properties.text(name).unwrap_or_default();
    format!("{}:{}", text("KeyId"), text("UsagePlanId"))
}

#[async_trait]
impl Provider for UsagePlanKey {
    fn supported(&self) -> &'static [&'static str] {
        &["KeyId", "KeyType", "UsagePlanId"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateUsagePlanKey>(work.input()).await?;
        Ok(Made::known_as("Id", combined(Properties(&work.properties))))
    }

    /// All of it is fixed at creation.
    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(combined(Properties(&work.properties)))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (key_id, usage_plan_id) = old.id.split_once(':').unwrap_or((&old.id, ""));
        let input = wire::DeleteUsagePlanKey { key_id: key_id.to_owned(), usage_plan_id: usage_plan_id.to_owned() };
        work.call(input).await.map(drop)
    }
}
