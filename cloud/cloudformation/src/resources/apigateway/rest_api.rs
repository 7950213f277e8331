//! `AWS::ApiGateway::RestApi`, without a definition to import.

use super::patch::{self, Field, escaped, step};
use super::retag;
use crate::resources::{Made, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[
    ("Name", None),
    ("Description", Some("")),
    ("MinimumCompressionSize", None),
    ("DisableExecuteApiEndpoint", Some("false")),
    ("Policy", Some("")),
];

/// The provider.
pub struct RestApi;

#[async_trait]
impl Provider for RestApi {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiKeySourceType",
            "BinaryMediaTypes",
            "Description",
            "DisableExecuteApiEndpoint",
            "EndpointConfiguration",
            "MinimumCompressionSize",
            "Name",
            "Policy",
            "Tags",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["EndpointConfiguration/VpcEndpointIds"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if !properties.has("Name") {
            return Err("The property {/Name} is required: importing a definition is not supported".into());
        }
        let types = properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.texts("Types"));
        if types.is_some_and(|types| types.iter().any(|kind| kind == "PRIVATE")) {
            return Err("The endpoint type PRIVATE is not supported by the embedded cloud yet".into());
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        made(work.send::<wire::CreateRestApi>(work.input().renamed("ApiKeySourceType", "ApiKeySource")).await?)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        let types = |properties: Properties<'_>| properties.texts("BinaryMediaTypes").unwrap_or_default();
        let (had, has) = (types(before), types(after));
        let path = |name: &String| format!("/binaryMediaTypes/{}", escaped(name));
        steps.extend(had.iter().filter(|kind| !has.contains(kind)).map(|kind| step("remove", path(kind), None)));
        steps.extend(has.iter().filter(|kind| !had.contains(kind)).map(|kind| step("add", path(kind), None)));
        if before.text("ApiKeySourceType") != after.text("ApiKeySourceType") {
            let source = after.text("ApiKeySourceType").unwrap_or_else(|| "HEADER".to_owned());
            steps.push(step("replace", "/apiKeySource", Some(source)));
        }
        steps.extend(endpoint_steps(before, after));
        patch::take::<wire::UpdateRestApi>(work, work.identity(old), steps).await?;
        made(work.call(wire::GetRestApi { rest_api_id: old.id.clone() }).await?)
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        retag(work, format!("/restapis/{}", made.id), tags).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "RestApi", 10))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteRestApi>(old).await
    }
}

fn endpoint_steps(before: Properties<'_>, after: Properties<'_>) -> Vec<Value> {
    let kind = |properties: Properties<'_>| {
        let types = properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.texts("Types"));
        types.and_then(|types| types.into_iter().next()).unwrap_or_else(|| "EDGE".to_owned())
    };
    let address = |properties: Properties<'_>| {
        properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.text("IpAddressType"))
    };
    let mut steps = Vec::new();
    if kind(before) != kind(after) {
        let path = format!("/endpointConfiguration/types/{}", kind(before));
        steps.push(step("replace", path, Some(kind(after))));
    }
    if address(before) != address(after) {
        let value = address(after).unwrap_or_else(|| "ipv4".to_owned());
        steps.push(step("replace", "/endpointConfiguration/ipAddressType", Some(value)));
    }
    steps
}

fn made(api: wire::RestApi) -> AwsResult<Made> {
    let id = api.id.ok_or_else(|| AwsError::internal("a REST API has no id"))?;
    Ok(Made::known_as("RestApiId", id).with("RootResourceId", api.root_resource_id.unwrap_or_default()))
}
