//! GetLayerVersion, GetLayerVersionByArn, ListLayerVersions, ListLayers.

use super::super::page::page;
use super::number;
use crate::LambdaService;
use crate::error::not_found;
use crate::model::configuration::moment;
use crate::model::layer::parse_version;
use crate::model::{LayerName, LayerVersion};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// GetLayerVersion.
pub(in crate::api) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetLayerVersion,
) -> AwsResult<wire::GetLayerVersionResponse> {
    let number = number(input.version_number)?;
    found(&service, &LayerName::parse(&context, &input.layer_name), number)
}

/// GetLayerVersionByArn.
pub(in crate::api) async fn get_by_arn(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetLayerVersionByArn,
) -> AwsResult<wire::GetLayerVersionResponse> {
    let (name, number) = parse_version(&context, &input.arn)?;
    found(&service, &name, number)
}

fn found(service: &LambdaService, name: &LayerName, number: u64) -> AwsResult<wire::GetLayerVersionResponse> {
    let version = service.layer_version(name, number);
    // Recorded: `test_layer_exceptions`.
    let version = version.ok_or_else(|| not_found("The resource you requested does not exist."))?;
    Ok(shown(service, name, number, &version))
}

/// A version as the API shows it, with a link to its content.
pub(super) fn shown(
    service: &LambdaService,
    name: &LayerName,
    number: u64,
    version: &LayerVersion,
) -> wire::GetLayerVersionResponse {
    let item = listed(name, number, version);
    let link = service.links.to(&version.code.hash);
    wire::GetLayerVersionResponse {
        content: Some(wire::LayerVersionContentOutput {
            location: Some(format!("{}{link}", service.cloud.settings().endpoint())),
            code_sha256: Some(version.code.sha256.clone()),
            code_size: Some(version.code.size),
            ..Default::default()
        }),
        layer_arn: Some(name.arn()),
        layer_version_arn: item.layer_version_arn,
        description: item.description,
        created_date: item.created_date,
        version: item.version,
        compatible_architectures: item.compatible_architectures,
        compatible_runtimes: item.compatible_runtimes,
        license_info: item.license_info,
    }
}

fn listed(name: &LayerName, number: u64, version: &LayerVersion) -> wire::LayerVersionsListItem {
    wire::LayerVersionsListItem {
        layer_version_arn: Some(name.version_arn(number)),
        version: i64::try_from(number).ok(),
        description: Some(version.description.clone()),
        created_date: Some(moment(version.created)),
        compatible_architectures: version.architectures.clone(),
        compatible_runtimes: version.runtimes.clone(),
        license_info: version.license.clone(),
    }
}

/// ListLayerVersions: the newest first. A layer that is not there has none.
pub(in crate::api) async fn list_versions(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListLayerVersions,
) -> AwsResult<wire::ListLayerVersionsResponse> {
    let name = LayerName::parse(&context, &input.layer_name);
    let layer = service.store.layers.get(&name.scope(), &name.name);
    let versions = layer.iter().flat_map(|layer| layer.versions.iter().rev());
    let suits = |version: &LayerVersion| {
        version.suits(input.compatible_runtime.as_ref(), input.compatible_architecture.as_ref())
    };
    let items = versions.filter(|(_, version)| suits(version)).map(|(number, version)| {
        // Counted down and padded, so that the order of ids is that of the list.
        (format!("{:020}", u64::MAX - number), listed(&name, *number, version))
    });
    let (versions, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListLayerVersionsResponse { next_marker, layer_versions: Some(versions) })
}

/// ListLayers: each with its newest version that suits; those without any are left out.
pub(in crate::api) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListLayers,
) -> AwsResult<wire::ListLayersResponse> {
    let layers = service.store.layers.list(&Scope::regional(&context));
    let items = layers.iter().filter_map(|(id, layer)| {
        let suits = |version: &LayerVersion| {
            version.suits(input.compatible_runtime.as_ref(), input.compatible_architecture.as_ref())
        };
        let (number, version) = layer.versions.iter().rev().find(|(_, version)| suits(version))?;
        let name = LayerName::parse(&context, id);
        let item = wire::LayersListItem {
            layer_name: Some(id.clone()),
            layer_arn: Some(name.arn()),
            latest_matching_version: Some(listed(&name, *number, version)),
        };
        Some((id.clone(), item))
    });
    let (layers, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListLayersResponse { next_marker, layers: Some(layers) })
}
