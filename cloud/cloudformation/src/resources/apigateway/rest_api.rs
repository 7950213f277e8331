//! `AWS::ApiGateway::RestApi`.
//!
//! An API of a definition has what that says, and on top of it what the properties say, `Name` too: AWS SAM writes its own name
//! beside a definition's title (<https://github.com/aws/serverless-application-model/issues/113>).

use super::definition::Definition;
use super::patch::{self, Field, escaped, step};
use super::retag;
use crate::resources::{Input, Made, Physical, Properties, Provider, Retag, Work, changed};
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
            "Body",
            "BodyS3Location",
            "Description",
            "DisableExecuteApiEndpoint",
            "EndpointConfiguration",
            "FailOnWarnings",
            "MinimumCompressionSize",
            "Mode",
            "Name",
            "Parameters",
            "Policy",
            "Tags",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["EndpointConfiguration/VpcEndpointIds"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        match (properties.has("Body"), properties.has("BodyS3Location")) {
            (false, false) if !properties.has("Name") => {
                return Err("The property {/Name} is required for an API without a definition".into());
            }
            (true, true) => return Err("{/Body} and {/BodyS3Location} cannot be there both".into()),
            _ => {}
        }
        if properties.text("Mode").is_some_and(|mode| mode != "merge" && mode != "overwrite") {
            return Err("The property {/Mode} must be merge or overwrite".into());
        }
        let types = properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.texts("Types"));
        if types.is_some_and(|types| types.iter().any(|kind| kind == "PRIVATE")) {
            return Err("The endpoint type PRIVATE is not supported by the embedded cloud yet".into());
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        match Definition::of(work).await? {
            Some(definition) => import(work, definition).await,
            None => {
                made(work.send::<wire::CreateRestApi>(work.input().renamed("ApiKeySourceType", "ApiKeySource")).await?)
            }
        }
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let definition = Definition::of(work).await?;
        // Each step can be repeated, and taken back half done.
        work.did(changed(before.0, after.0).into_iter().filter(|property| *property != "Tags"));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        // Without a name of its own it has the definition's title.
        steps.retain(|step| step["Path"] != "/name" || !step["Value"].is_null());
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
        if let Some(definition) = definition {
            let api = definition.put(work, &old.id).await?;
            patch::take::<wire::UpdateRestApi>(work, work.identity(old), on_top(&api, after)).await?;
        }
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

async fn import(work: &Work, definition: Definition) -> AwsResult<Made> {
    let api = definition.import(work).await?;
    let id = api.id.clone().unwrap_or_default();
    work.exists(&id);
    let steps = on_top(&api, Properties(&work.properties));
    patch::take::<wire::UpdateRestApi>(work, Input::of("RestApiId", &*id), steps).await?;
    let tags = work.all_tags();
    if !tags.is_empty() {
        let (partition, region) = (work.context.partition(), &work.context.region);
        let place = Input::of("ResourceArn", format!("arn:{partition}:apigateway:{region}::/restapis/{id}"));
        work.send::<wire::TagResource>(place.with("Tags", tags)).await?;
    }
    made(work.call(wire::GetRestApi { rest_api_id: id }).await?)
}

/// The steps from what a definition said to what the properties say.
fn on_top(api: &wire::RestApi, properties: Properties<'_>) -> Vec<Value> {
    let nothing = Map::new();
    let given: Vec<Field> = FIELDS.iter().filter(|(property, _)| properties.has(property)).copied().collect();
    let mut steps = patch::steps(&nothing, properties.0, &given);
    let known = api.binary_media_types.clone().unwrap_or_default();
    let types = properties.texts("BinaryMediaTypes").unwrap_or_default();
    let more = types.iter().filter(|kind| !known.contains(kind));
    steps.extend(more.map(|kind| step("add", format!("/binaryMediaTypes/{}", escaped(kind)), None)));
    if let Some(source) = properties.text("ApiKeySourceType") {
        steps.push(step("replace", "/apiKeySource", Some(source)));
    }
    if let Some(endpoint) = properties.object("EndpointConfiguration") {
        if let Some(kind) = endpoint.texts("Types").and_then(|types| types.into_iter().next()) {
            steps.push(step("replace", format!("/endpointConfiguration/types/{kind}"), Some(kind)));
        }
        if let Some(kind) = endpoint.text("IpAddressType") {
            steps.push(step("replace", "/endpointConfiguration/ipAddressType", Some(kind)));
        }
    }
    steps
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
