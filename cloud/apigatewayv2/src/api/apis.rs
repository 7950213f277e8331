//! APIs themselves.

use super::paging::page;
use super::texts::{checked_description, named};
use super::{cors, quick};
use crate::ApiGatewayV2;
use crate::error::bad_request;
use crate::model::wire::answered;
use crate::model::{Api, now};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp, id};
use slam_cloud_gateway::ports;
use slam_cloud_wire::apigatewayv2 as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Creates an API, with a route, an integration and a stage where a target is given ("quick create").
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateApi,
) -> AwsResult<wire::CreateApiResponse> {
    if input.protocol_type != "HTTP" {
        return Err(AwsError::unsupported(format_args!("the protocol type {} of an API", input.protocol_type)));
    }
    check_selection(input.route_selection_expression.as_deref())?;
    let tags = input.tags.clone().unwrap_or_default();
    super::tags::check(&tags)?;
    let mut api = Api {
        id: id::made_by(&context.request_id, "Api", 10),
        name: named(&input.name)?,
        description: checked_description(input.description.clone())?,
        version: version(input.version.clone())?,
        created: now(),
        order: Timestamp::now().as_microsecond(),
        cors: input.cors_configuration.clone().map(cors::checked).transpose()?,
        disable_execute_api_endpoint: input.disable_execute_api_endpoint.unwrap_or(false),
        ip_address_type: input.ip_address_type.clone().unwrap_or_else(|| "ipv4".into()),
        tags,
        routes: BTreeMap::new(),
        integrations: BTreeMap::new(),
        authorizers: BTreeMap::new(),
        port: None,
    };
    let stage = quick::create(&context, &mut api, &input)?;
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    api.port = ports::open(&service, &api.id, None).await;
    let api_id = api.id.clone();
    // What a stage without its API would be is swept at the next start, so the stage goes first.
    if let Some(stage) = stage {
        service.store.stages.put(&scope, &key(&api_id, &stage.name.clone()), stage).await?;
    }
    let stored = service.store.apis.put(&scope, &api_id, api).await?;
    service.deploy_automatically(&context, &stored).await?;
    answered(service.shown(&context, &stored))
}

fn version(version: Option<String>) -> AwsResult<Option<String>> {
    match version {
        Some(text) if text.chars().count() > 64 => Err(bad_request("Version must be at most 64 characters long")),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

/// "For HTTP APIs, the routeSelectionExpression must be ${request.method} ${request.path}."
fn check_selection(expression: Option<&str>) -> AwsResult<()> {
    match expression {
        None | Some(crate::model::wire::ROUTE_SELECTION | "${request.method} ${request.path}") => Ok(()),
        Some(_) => {
            Err(bad_request("The RouteSelectionExpression of an HTTP API must be ${request.method} ${request.path}"))
        }
    }
}

/// Answers an API.
pub async fn get(service: Arc<ApiGatewayV2>, context: Context, input: wire::GetApi) -> AwsResult<wire::GetApiResponse> {
    answered(service.shown(&context, &*service.store.api(&context, &input.api_id)?))
}

/// Answers the APIs of the account and region, the oldest first.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetApis,
) -> AwsResult<wire::GetApisResponse> {
    let mut apis: Vec<Arc<Api>> =
        service.store.apis.list(&Scope::regional(&context)).into_iter().map(|(_, api)| api).collect();
    apis.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    let (apis, next_token) = page(apis, |api| &api.id, input.next_token.as_deref(), input.max_results.as_deref())?;
    let items = apis.iter().map(|api| service.shown(&context, api)).collect();
    Ok(wire::GetApisResponse { items: Some(items), next_token })
}

/// Changes an API: what is given, and of what quick create made, the target.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateApi,
) -> AwsResult<wire::UpdateApiResponse> {
    check_selection(input.route_selection_expression.as_deref())?;
    let api = service.change(&context, &input.api_id.clone(), |api| apply(api, input)).await?;
    answered(service.shown(&context, &api))
}

fn apply(api: &mut Api, input: wire::UpdateApi) -> AwsResult<()> {
    quick::update(api, &input)?;
    if let Some(name) = &input.name {
        api.name = named(name)?;
    }
    if let Some(cors) = input.cors_configuration {
        api.cors = Some(cors::checked(cors)?);
    }
    if input.description.is_some() {
        api.description = checked_description(input.description)?;
    }
    if input.version.is_some() {
        api.version = version(input.version)?;
    }
    if let Some(disabled) = input.disable_execute_api_endpoint {
        api.disable_execute_api_endpoint = disabled;
    }
    if let Some(kind) = input.ip_address_type {
        api.ip_address_type = kind;
    }
    Ok(())
}

/// Deletes an API with its deployments and stages.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteApi,
) -> AwsResult<wire::DeleteApiOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.api_id)?;
    // The API goes first: what is left of it after a crash is out of reach and swept at the next start.
    service.store.apis.remove(&scope, &api.id).await?;
    service.sweep(&scope, &api.id).await?;
    service.cloud.ports().close(&api.id).await;
    service.runtime.forget(&api.id);
    service.runtime.forget_decisions(&api.id);
    Ok(wire::DeleteApiOutput {})
}
