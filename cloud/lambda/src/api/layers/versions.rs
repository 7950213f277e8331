//! PublishLayerVersion, DeleteLayerVersion.

use super::super::source::Source;
use super::number;
use super::read::shown;
use crate::LambdaService;
use crate::model::{Layer, LayerName, LayerVersion, Policy};
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// PublishLayerVersion. A version is new each time, of the same content too (recorded: `test_layer_lifecycle`).
pub(in crate::api) async fn publish(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::PublishLayerVersion,
) -> AwsResult<wire::PublishLayerVersionResponse> {
    let name = LayerName::parse(&context, &input.layer_name).own(&context)?;
    let (code, hold) = service.fetch(&context, Source::of_layer(input.content)?).await?;
    let version = LayerVersion {
        code,
        description: input.description.unwrap_or_default(),
        license: input.license_info,
        runtimes: input.compatible_runtimes,
        architectures: input.compatible_architectures,
        created: Timestamp::now(),
        policy: Policy::default(),
    };
    let mut answer = None;
    let change = |present: Option<&Layer>| {
        let mut layer = present.cloned().unwrap_or_default();
        layer.last += 1;
        answer = Some(shown(&service, &name, layer.last, &version));
        layer.versions.insert(layer.last, version);
        Ok::<_, AwsError>(Some(layer))
    };
    service.store.layers.update(&name.scope(), &name.name, change).await?;
    drop(hold);
    let answer = answer.ok_or_else(|| AwsError::internal("a layer's version was not published"))?;
    Ok(wire::PublishLayerVersionResponse {
        content: answer.content,
        layer_arn: answer.layer_arn,
        layer_version_arn: answer.layer_version_arn,
        description: answer.description,
        created_date: answer.created_date,
        version: answer.version,
        compatible_architectures: answer.compatible_architectures,
        compatible_runtimes: answer.compatible_runtimes,
        license_info: answer.license_info,
    })
}

/// DeleteLayerVersion. Of one that is not there, too. Functions that have it keep it.
pub(in crate::api) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteLayerVersion,
) -> AwsResult<wire::DeleteLayerVersionOutput> {
    let number = number(input.version_number)?;
    let name = LayerName::parse(&context, &input.layer_name).own(&context)?;
    let change = |present: Option<&Layer>| {
        let mut layer = present.cloned();
        if let Some(layer) = &mut layer {
            layer.versions.remove(&number);
        }
        Ok::<_, AwsError>(layer)
    };
    service.store.layers.update(&name.scope(), &name.name, change).await?;
    service.code.sweep_soon();
    Ok(wire::DeleteLayerVersionOutput {})
}

impl LambdaService {
    /// The version of a layer that was named.
    pub(super) fn layer_version(&self, name: &LayerName, number: u64) -> Option<LayerVersion> {
        let layer = self.store.layers.get(&name.scope(), &name.name)?;
        layer.versions.get(&number).cloned()
    }

    /// The policy of a layer's version, if it has one.
    pub(in crate::api) fn layer_policy(&self, name: &LayerName, number: u64) -> Option<String> {
        let policy = self.layer_version(name, number)?.policy;
        (!policy.statements.is_empty()).then(|| policy.document())
    }
}
