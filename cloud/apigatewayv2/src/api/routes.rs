//! Routes.

use super::paging::page;
use crate::ApiGatewayV2;
use crate::error::{bad_request, conflict, no_route, too_many};
use crate::model::wire::answered;
use crate::model::{Api, AuthorizationType, AuthorizerKind, Route, RouteKey};
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// "Quotas for configuring and running an HTTP API".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const ROUTES: usize = 300;
const SCOPES: usize = 10;

/// Creates a route.
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateRoute,
) -> AwsResult<wire::CreateRouteResult> {
    let id = id::made_by(&context.request_id, "Route", 7);
    let api_id = input.api_id.clone();
    let add = |api: &mut Api| {
        if api.routes.len() >= ROUTES {
            return Err(too_many("routes", ROUTES));
        }
        let route = read(api, &id, false, input)?;
        api.routes.insert(id.clone(), route);
        Ok(())
    };
    let api = service.change(&context, &api_id, add).await?;
    answered(wire::Route::from(api.route(&id)?))
}

/// What an input asks for, checked.
fn read(api: &Api, id: &str, managed: bool, input: wire::CreateRoute) -> AwsResult<Route> {
    check_key(api, id, &input.route_key)?;
    let kind = input.authorization_type.as_deref().unwrap_or("NONE");
    let kind = AuthorizationType::parse(kind)
        .ok_or_else(|| bad_request("Invalid AuthorizationType specified. Valid options are NONE,AWS_IAM,CUSTOM,JWT"))?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let route = Route {
        id: id.to_owned(),
        key: input.route_key,
        target: given(input.target),
        authorization_type: kind,
        authorizer_id: given(input.authorizer_id),
        authorization_scopes: input.authorization_scopes.filter(|scopes| !scopes.is_empty()),
        operation_name: given(input.operation_name),
        managed,
    };
    if let Some(target) = &route.target {
        let known = route.integration_id().is_some_and(|id| api.integrations.contains_key(id));
        if !known {
            return Err(bad_request(format!("Invalid target {target}: an integration of the API is integrations/ID")));
        }
    }
    check_authorization(api, &route)?;
    Ok(route)
}

/// Whether a route may have this key.
///
/// # Errors
/// `BadRequestException` for what is no key, `ConflictException` where another route has it.
pub(super) fn check_key(api: &Api, id: &str, key: &str) -> AwsResult<()> {
    let parsed = RouteKey::parse(key)?;
    let others = || api.routes.values().filter(|route| route.id != id);
    // <https://github.com/anomalyco/sst/issues/5031>
    if others().any(|route| route.key == key) {
        return Err(conflict(format!("Route with key {key} already exists for this API")));
    }
    // <https://github.com/plutomi/plutomi/issues/271>
    match others().find(|route| RouteKey::parse(&route.key).is_ok_and(|other| other.is_like(&parsed))) {
        Some(other) => Err(conflict(format!(
            "The provided route key \"{key}\" has a conflicting variable on the same hierarchical level as \"{}\"",
            other.key
        ))),
        None => Ok(()),
    }
}

/// Nothing that looks like a protection is taken and not carried out.
fn check_authorization(api: &Api, route: &Route) -> AwsResult<()> {
    let authorizer = route.authorizer_id.as_ref().and_then(|id| api.authorizers.get(id)).map(|found| &found.kind);
    match (route.authorization_type, authorizer) {
        (AuthorizationType::None | AuthorizationType::AwsIam, _) if route.authorizer_id.is_some() => {
            return Err(bad_request(format!(
                "AuthorizerId is not supported with the authorization type {}",
                route.authorization_type.name()
            )));
        }
        // <https://github.com/anomalyco/ion/issues/1104>
        (AuthorizationType::Jwt, authorizer) if !matches!(authorizer, Some(AuthorizerKind::Jwt(_))) => {
            return Err(bad_request(
                "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.",
            ));
        }
        (AuthorizationType::Custom, authorizer) if !matches!(authorizer, Some(AuthorizerKind::Request(_))) => {
            return Err(bad_request(
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid authorizer.",
            ));
        }
        _ => {}
    }
    match route.authorization_scopes.as_deref() {
        Some(_) if route.authorization_type != AuthorizationType::Jwt => {
            Err(bad_request("AuthorizationScopes are only supported with the authorization type JWT"))
        }
        Some(scopes) if scopes.len() > SCOPES => Err(too_many("authorization scopes", SCOPES)),
        _ => Ok(()),
    }
}

/// Answers a route.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetRoute,
) -> AwsResult<wire::GetRouteResult> {
    answered(wire::Route::from(service.store.api(&context, &input.api_id)?.route(&input.route_id)?))
}

/// Answers the routes of an API.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetRoutes,
) -> AwsResult<wire::GetRoutesResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    let all = api.routes.values().collect();
    let (routes, next_token) =
        page(all, |route: &&Route| &route.id, input.next_token.as_deref(), input.max_results.as_deref())?;
    Ok(wire::GetRoutesResponse { items: Some(routes.into_iter().map(Into::into).collect()), next_token })
}

/// Changes a route: what is given.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateRoute,
) -> AwsResult<wire::UpdateRouteResult> {
    let (api_id, id) = (input.api_id.clone(), input.route_id.clone());
    let change = |api: &mut Api| {
        let old = api.route(&id)?;
        let managed = old.managed;
        // "The $default route key can't be modified."
        if old.key == "$default" && input.route_key.as_deref().is_some_and(|key| key != "$default") {
            return Err(bad_request("The $default route key can't be modified."));
        }
        let asked = merged(old, input);
        let route = read(api, &id, managed, asked)?;
        api.routes.insert(id.clone(), route);
        Ok(())
    };
    let api = service.change(&context, &api_id, change).await?;
    answered(wire::Route::from(api.route(&id)?))
}

/// What a route shall be after an update. An authorizer and its scopes go with the authorization type that needed them.
fn merged(old: &Route, input: wire::UpdateRoute) -> wire::CreateRoute {
    let old_kind = old.authorization_type.name();
    let keeps = input.authorization_type.as_deref().is_none_or(|kind| kind == old_kind);
    wire::CreateRoute {
        api_id: input.api_id,
        authorization_scopes: input.authorization_scopes.or_else(|| old.authorization_scopes.clone().filter(|_| keeps)),
        authorization_type: Some(input.authorization_type.unwrap_or_else(|| old_kind.into())),
        authorizer_id: input.authorizer_id.or_else(|| old.authorizer_id.clone().filter(|_| keeps)),
        operation_name: input.operation_name.or_else(|| old.operation_name.clone()),
        route_key: input.route_key.unwrap_or_else(|| old.key.clone()),
        target: input.target.or_else(|| old.target.clone()),
        ..wire::CreateRoute::default()
    }
}

/// Deletes a route.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteRoute,
) -> AwsResult<wire::DeleteRouteOutput> {
    let remove = |api: &mut Api| api.routes.remove(&input.route_id).map(drop).ok_or_else(no_route);
    service.change(&context, &input.api_id, remove).await?;
    Ok(wire::DeleteRouteOutput {})
}
