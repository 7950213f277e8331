//! `AWS::Lambda::LayerVersion`: a version of a layer, and the layer with the first one.

use crate::resources::{Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct LayerVersion;

#[async_trait]
impl Provider for LayerVersion {
    fn supported(&self) -> &'static [&'static str] {
        &["CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["Content/S3ObjectStorageMode"]
    }

    /// A layer's name does not identify the version: the next one has it too.
    fn naming(&self) -> Naming {
        Naming::apart(140)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().or(json!({"LayerName": work.name}));
        let published = work.send::<wire::PublishLayerVersion>(input).await?;
        Ok(Made::known_as("LayerVersionArn", published.layer_version_arn.unwrap_or_default()))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (layer_name, version_number) = apart(&old.id)?;
        work.call(wire::DeleteLayerVersion { layer_name, version_number }).await.map(drop)
    }

    /// A layer under a name that was made for it has nobody else's versions.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        if work.properties.contains_key("LayerName") {
            return Ok(());
        }
        let list = wire::ListLayerVersions { layer_name: work.name.clone(), ..Default::default() };
        let versions = work.call(list).await?.layer_versions.unwrap_or_default();
        for version_number in versions.into_iter().filter_map(|version| version.version) {
            work.call(wire::DeleteLayerVersion { layer_name: work.name.clone(), version_number }).await?;
        }
        Ok(())
    }
}

/// The layer's ARN and the version's number of `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:NUMBER`.
pub(super) fn apart(arn: &str) -> AwsResult<(String, i64)> {
    let parts = arn.rsplit_once(':').and_then(|(layer, number)| Some((layer.to_owned(), number.parse().ok()?)));
    parts.ok_or_else(|| AwsError::validation(format!("{arn} is not the ARN of a layer's version")))
}
