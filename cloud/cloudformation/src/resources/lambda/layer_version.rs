//! Layers: their versions, and the permissions of those.

use super::super::properties::Properties;
use super::super::{Made, Naming, Provider, Work};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;

/// `AWS::Lambda::LayerVersion`: a version of a layer, and the layer with the first one.
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
        let properties = Properties(&work.properties);
        let content = properties.object("Content");
        let content = content.ok_or_else(|| AwsError::validation("The property {/Content} is required"))?;
        let request = wire::PublishLayerVersion {
            layer_name: properties.text("LayerName").unwrap_or_else(|| work.name.clone()),
            description: properties.text("Description"),
            content: wire::LayerVersionContentInput {
                s3_bucket: content.text("S3Bucket"),
                s3_key: content.text("S3Key"),
                s3_object_version: content.text("S3ObjectVersion"),
                ..Default::default()
            },
            compatible_architectures: properties.texts("CompatibleArchitectures"),
            compatible_runtimes: properties.texts("CompatibleRuntimes"),
            license_info: properties.text("LicenseInfo"),
        };
        let arn = work.call(request).await?.layer_version_arn.unwrap_or_default();
        Ok(Made::new(&arn).with("LayerVersionArn", arn))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        // Every property is fixed at creation.
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
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

/// `AWS::Lambda::LayerVersionPermission`: a statement in the policy of a layer's version.
pub struct LayerVersionPermission;

#[async_trait]
impl Provider for LayerVersionPermission {
    fn supported(&self) -> &'static [&'static str] {
        &["Action", "LayerVersionArn", "OrganizationId", "Principal"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(100)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let arn = properties.need("LayerVersionArn")?;
        let (layer_name, version_number) = apart(&arn)?;
        let request = wire::AddLayerVersionPermission {
            layer_name,
            version_number,
            statement_id: work.name.clone(),
            action: properties.need("Action")?,
            principal: properties.need("Principal")?,
            organization_id: properties.text("OrganizationId"),
            revision_id: None,
        };
        work.call(request).await?;
        let id = format!("{arn}#{}", work.name);
        Ok(Made::new(&id).with("Id", id))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        // Every property is fixed at creation.
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (arn, statement_id) = old.id.split_once('#').unwrap_or((&old.id, &work.name));
        let (layer_name, version_number) = apart(arn)?;
        let statement_id = statement_id.to_owned();
        let request =
            wire::RemoveLayerVersionPermission { layer_name, version_number, statement_id, revision_id: None };
        work.call(request).await.map(drop)
    }

    /// The statement's id is ours alone, so it can be removed without harm.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        let Some(arn) = Properties(&work.properties).text("LayerVersionArn") else { return Ok(()) };
        let id = format!("{arn}#{}", work.name);
        self.delete(work, &Physical { id, properties: work.properties.clone(), ..Physical::default() }).await
    }
}

/// The layer's ARN and the version's number of `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:NUMBER`.
fn apart(arn: &str) -> AwsResult<(String, i64)> {
    let parts = arn.rsplit_once(':').and_then(|(layer, number)| Some((layer.to_owned(), number.parse().ok()?)));
    parts.ok_or_else(|| AwsError::validation(format!("{arn} is not the ARN of a layer's version")))
}
