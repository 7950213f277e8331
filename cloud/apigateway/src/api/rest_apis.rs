//! REST APIs themselves.

use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, no_api};
use crate::model::{Model, Resource, RestApi, now};
use crate::patch::{self, Op, Patch, invalid_path};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, id};
use slam_cloud_gateway::ports;
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

const COMPRESSION: std::ops::RangeInclusive<i64> = 0..=10_485_760;
/// AWS: "API Gateway resource policies", at most 8192 characters.
const POLICY_LENGTH: usize = 8192;

/// Creates an API with its root resource and the two models that every API has.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateRestApi,
) -> AwsResult<wire::RestApi> {
    if input.name.is_empty() {
        return Err(bad_request("API name must be non-empty"));
    }
    if input.description.as_deref() == Some("") {
        return Err(bad_request("Description cannot be an empty string"));
    }
    let (endpoint_type, ip_address_type) = endpoint(input.endpoint_configuration)?;
    let bare = fresh(&context);
    let api_id = bare.id.clone();
    let mut api = RestApi {
        name: input.name,
        description: input.description,
        version: input.version.filter(|version| !version.is_empty()),
        endpoint_type,
        ip_address_type,
        binary_media_types: input.binary_media_types.unwrap_or_default(),
        minimum_compression_size: input.minimum_compression_size.map(compression).transpose()?,
        policy: input
            .policy
            .filter(|policy| !policy.is_empty())
            .map(|text| policy(&service.cloud, &context, &api_id, &text))
            .transpose()?,
        disable_execute_api_endpoint: input.disable_execute_api_endpoint.unwrap_or(false),
        api_key_source: api_key_source(input.api_key_source.as_deref().unwrap_or("HEADER"))?,
        tags: input.tags.unwrap_or_default(),
        models: default_models(),
        ..bare
    };
    super::tags::check(&api.tags)?;
    api.port = ports::open(&service, &api.id, None).await;
    let stored = service.store.apis.put(&Scope::regional(&context), &api.id.clone(), api).await?;
    Ok((&*stored).into())
}

/// An API with nothing but its root resource.
pub(super) fn fresh(context: &Context) -> RestApi {
    let root = id::lower_alphanumeric(10);
    RestApi {
        id: id::made_by(&context.request_id, "RestApi", 10),
        name: String::new(),
        description: None,
        version: None,
        created: now(),
        order: slam_cloud_core::Timestamp::now().as_microsecond(),
        endpoint_type: "EDGE".into(),
        ip_address_type: "ipv4".into(),
        binary_media_types: Vec::new(),
        minimum_compression_size: None,
        policy: None,
        disable_execute_api_endpoint: false,
        api_key_source: "HEADER".into(),
        tags: BTreeMap::new(),
        resources: BTreeMap::from([(root.clone(), root_resource(&root))]),
        root_resource_id: root,
        models: BTreeMap::new(),
        request_validators: BTreeMap::new(),
        authorizers: BTreeMap::new(),
        gateway_responses: BTreeMap::new(),
        documentation_parts: Vec::new(),
        port: None,
    }
}

fn endpoint(configuration: Option<wire::EndpointConfiguration>) -> AwsResult<(String, String)> {
    let configuration = configuration.unwrap_or_default();
    let kind = match configuration.types.as_deref() {
        None => "EDGE".to_owned(),
        Some([]) => {
            return Err(bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."));
        }
        Some([kind]) => endpoint_type(kind)?,
        Some(_) => return Err(bad_request("Cannot create an api with multiple Endpoint Types.")),
    };
    Ok((kind, configuration.ip_address_type.unwrap_or_else(|| "ipv4".into())))
}

pub(super) fn endpoint_type(kind: &str) -> AwsResult<String> {
    match kind {
        "EDGE" | "REGIONAL" => Ok(kind.to_owned()),
        "PRIVATE" => Err(AwsError::unsupported("the endpoint type PRIVATE of a REST API")),
        _ => Err(bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")),
    }
}

pub(super) fn compression(size: i64) -> AwsResult<i64> {
    if COMPRESSION.contains(&size) { Ok(size) } else { Err(invalid_compression()) }
}

fn invalid_compression() -> AwsError {
    bad_request("Invalid minimum compression size, must be between 0 and 10485760")
}

pub(super) fn api_key_source(source: &str) -> AwsResult<String> {
    match source {
        "HEADER" | "AUTHORIZER" => Ok(source.to_owned()),
        _ => Err(bad_request("Invalid ApiKeySourceType specified. Valid options are HEADER,AUTHORIZER")),
    }
}

/// Checks a resource policy and writes its short resources in full, as AWS stores them.
pub(super) fn policy(cloud: &Cloud, context: &Context, api_id: &str, text: &str) -> AwsResult<String> {
    let invalid =
        || bad_request("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.");
    if text.len() > POLICY_LENGTH {
        return Err(invalid());
    }
    let document: serde_json::Value = serde_json::from_str(text).map_err(|_| invalid())?;
    if !document.get("Statement").is_some_and(|statement| statement.is_array() || statement.is_object()) {
        return Err(invalid());
    }
    cloud.check_policy(text)?;
    let full = context.arn("execute-api", api_id);
    Ok(text.replace("\"execute-api:/", &format!("\"{full}/")))
}

fn root_resource(id: &str) -> Resource {
    Resource { id: id.to_owned(), parent_id: None, path_part: None, path: "/".into(), methods: BTreeMap::new() }
}

fn default_models() -> BTreeMap<String, Model> {
    let model = |name: &str, description: &str, schema: &str| Model {
        id: id::lower_alphanumeric(6),
        name: name.to_owned(),
        description: Some(description.to_owned()),
        schema: schema.to_owned(),
        content_type: "application/json".into(),
    };
    let empty = "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}";
    let error = "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}";
    [
        model("Empty", "This is a default empty schema model", empty),
        model("Error", "This is a default error schema model", error),
    ]
    .into_iter()
    .map(|model| (model.name.clone(), model))
    .collect()
}

/// Answers an API.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetRestApi) -> AwsResult<wire::RestApi> {
    Ok((&*service.store.api(&context, &input.rest_api_id)?).into())
}

/// Answers the APIs of the account and region, the oldest first.
pub async fn list(service: Arc<ApiGateway>, context: Context, input: wire::GetRestApis) -> AwsResult<wire::RestApis> {
    let mut apis: Vec<Arc<RestApi>> =
        service.store.apis.list(&Scope::regional(&context)).into_iter().map(|(_, api)| api).collect();
    apis.sort_by(|a, b| (a.created, a.order, &a.id).cmp(&(b.created, b.order, &b.id)));
    let (items, position) = page(apis, |api| &api.id, input.position.as_deref(), input.limit);
    Ok(wire::RestApis { position, items: Some(items.iter().map(|api| (&**api).into()).collect()) })
}

/// Deletes an API with its deployments and stages.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteRestApi,
) -> AwsResult<wire::DeleteRestApiOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.rest_api_id)?;
    // The API goes first: what is left of it after a crash is out of reach and swept at the next start.
    service.store.apis.remove(&scope, &api.id).await?;
    service.sweep(&scope, &api.id).await?;
    service.cloud.ports().close(&api.id).await;
    service.runtime.forget(&api.id);
    Ok(wire::DeleteRestApiOutput {})
}

/// Changes an API. What is on the air changes with the next deployment.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateRestApi,
) -> AwsResult<wire::RestApi> {
    let patches = patch::read(input.patch_operations)?;
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            for patch in &patches {
                apply(&service.cloud, &context, api, patch)?;
            }
            let mut shape = wire::RestApi::from(&*api);
            // Recorded: this operation alone answers tags where there are none.
            shape.tags.get_or_insert_default();
            Ok(shape)
        })
        .await
}

fn apply(cloud: &Cloud, context: &Context, api: &mut RestApi, patch: &Patch) -> AwsResult<()> {
    match patch.target()[..] {
        ["name"] => {
            patch.only_replace()?;
            if patch.text().is_empty() {
                return Err(bad_request("API name must be non-empty"));
            }
            api.name = patch.text();
        }
        ["description"] => api.description = patch.optional_text(),
        ["version"] => api.version = patch.optional_text(),
        ["apiKeySource"] => {
            patch.only_replace()?;
            api.api_key_source = api_key_source(&patch.text())?;
        }
        ["disableExecuteApiEndpoint"] => {
            patch.only_replace()?;
            api.disable_execute_api_endpoint = patch.flag();
        }
        ["minimumCompressionSize"] => {
            patch.only_replace()?;
            api.minimum_compression_size = match patch.value.as_deref() {
                None | Some("") => None,
                Some(size) => Some(compression(size.parse().map_err(|_| invalid_compression())?)?),
            };
        }
        ["policy"] => {
            api.policy = patch.optional_text().map(|text| policy(cloud, context, &api.id, &text)).transpose()?;
        }
        ["binaryMediaTypes", media_type] => binary_media_type(api, patch, media_type),
        ["endpointConfiguration", "types", _] => match patch.op {
            Op::Replace | Op::Add => api.endpoint_type = endpoint_type(&patch.text())?,
            Op::Remove => {
                return Err(bad_request("Invalid patch operation specified. Must be 'add'|'remove'|'replace'"));
            }
        },
        ["endpointConfiguration", "ipAddressType"] => {
            patch.only_replace()?;
            api.ip_address_type = match patch.text().as_str() {
                kind @ ("ipv4" | "dualstack") => kind.to_owned(),
                _ => return Err(bad_request("ipAddressType must be either ipv4 or dualstack.")),
            };
        }
        ["endpointConfiguration", "vpcEndpointIds", ..] | ["securityPolicy"] | ["endpointAccessMode"] => {
            return Err(AwsError::unsupported(format_args!("the patch path {} of UpdateRestApi", patch.path)));
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

/// Recorded: the path names the old media type, the value the new one, which goes to the end.
fn binary_media_type(api: &mut RestApi, patch: &Patch, media_type: &str) {
    let added = match patch.op {
        Op::Add => Some(media_type.to_owned()),
        Op::Remove => None,
        Op::Replace => Some(patch.value.clone().unwrap_or_else(|| media_type.to_owned())),
    };
    if patch.op != Op::Add {
        api.binary_media_types.retain(|existing| existing != media_type);
    }
    if let Some(added) = added.filter(|added| !api.binary_media_types.contains(added)) {
        api.binary_media_types.push(added);
    }
}
