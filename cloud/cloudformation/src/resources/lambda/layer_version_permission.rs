//! `AWS::Lambda::LayerVersionPermission`: a statement in the policy of a layer's version.

use super::layer_version::apart;
use crate::resources::{Made, Naming, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
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
        let arn = Properties(&work.properties).need("LayerVersionArn")?;
        let (layer, version) = apart(&arn)?;
        let input = work.input().with("LayerName", layer).with("VersionNumber", version);
        work.send::<wire::AddLayerVersionPermission>(input.with("StatementId", &*work.name)).await?;
        Ok(Made::known_as("Id", format!("{arn}#{}", work.name)))
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
        let arn = Properties(&work.properties).need("LayerVersionArn")?;
        self.delete(work, &Physical { id: format!("{arn}#{}", work.name), ..work.intended() }).await
    }
}
