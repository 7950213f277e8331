//! "Quick create produces an API with an integration, a default catch-all route, and a default stage which is configured to
//! automatically deploy changes" (the model's words on CreateApi's target).
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html>

use super::{integrations, routes, stages};
use crate::error::bad_request;
use crate::model::{Api, AuthorizationType, Integration, IntegrationType, PayloadFormat, Route, Stage, uri};
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::apigatewayv2 as wire;

/// Adds to a new API what its target asks for, and answers the stage.
///
/// # Errors
/// `BadRequestException`
pub(super) fn create(context: &Context, api: &mut Api, input: &wire::CreateApi) -> AwsResult<Option<Stage>> {
    let Some(target) = &input.target else {
        return match input.route_key.is_some() || input.credentials_arn.is_some() {
            true => Err(bad_request("RouteKey and CredentialsArn are part of quick create, which needs a Target")),
            false => Ok(None),
        };
    };
    let integration_id = id::made_by(&context.request_id, "Integration", 7);
    let mut integration = Integration {
        id: integration_id.clone(),
        kind: IntegrationType::HttpProxy,
        subtype: None,
        method: None,
        uri: None,
        credentials_arn: None,
        description: None,
        payload_format: PayloadFormat::One,
        request_parameters: None,
        response_parameters: None,
        timeout_in_millis: integrations::MOST_MILLIS,
        managed: true,
    };
    lead(&mut integration, target, input.credentials_arn.as_deref())?;
    let key = input.route_key.clone().unwrap_or_else(|| "$default".into());
    let route = Route {
        id: id::made_by(&context.request_id, "Route", 7),
        key,
        target: Some(format!("integrations/{integration_id}")),
        authorization_type: AuthorizationType::None,
        authorizer_id: None,
        authorization_scopes: None,
        operation_name: None,
        managed: true,
    };
    routes::check_key(api, &route.id, &route.key)?;
    api.integrations.insert(integration_id, integration);
    api.routes.insert(route.id.clone(), route);
    let mut stage = stages::fresh(&api.id, Stage::DEFAULT)?;
    stage.auto_deploy = true;
    stage.managed = true;
    Ok(Some(stage))
}

/// Leads the integration of quick create elsewhere, and gives its route another key.
///
/// # Errors
/// `BadRequestException`
pub(super) fn update(api: &mut Api, input: &wire::UpdateApi) -> AwsResult<()> {
    if input.target.is_none() && input.route_key.is_none() && input.credentials_arn.is_none() {
        return Ok(());
    }
    let managed = api.integrations.values_mut().find(|integration| integration.managed);
    let integration = managed.ok_or_else(|| bad_request("The API was not made by quick create"))?;
    let target = input.target.clone().or_else(|| integration.uri.clone()).unwrap_or_default();
    lead(integration, &target, input.credentials_arn.as_deref())?;
    if let Some(key) = &input.route_key {
        let managed = api.routes.values().find(|route| route.managed).map(|route| route.id.clone());
        let id = managed.ok_or_else(|| bad_request("The API has no route of quick create"))?;
        routes::check_key(api, &id, key)?;
        if let Some(route) = api.routes.get_mut(&id) {
            route.key.clone_from(key);
        }
    }
    Ok(())
}

/// "For HTTP integrations, specify a fully qualified URL. For Lambda integrations, specify a function ARN." Events are those of
/// format 2.0 (not verified on AWS; it is the newest, which consoles take).
fn lead(integration: &mut Integration, target: &str, credentials_arn: Option<&str>) -> AwsResult<()> {
    if uri::function(target).is_some() {
        integration.kind = IntegrationType::AwsProxy;
        integration.method = Some("POST".into());
        integration.payload_format = PayloadFormat::Two;
    } else {
        uri::check_http(Some(target))?;
        integration.kind = IntegrationType::HttpProxy;
        integration.method = Some("ANY".into());
        integration.payload_format = PayloadFormat::One;
    }
    integration.uri = Some(target.to_owned());
    if let Some(role) = credentials_arn {
        integrations::check_credentials(Some(role))?;
        integration.credentials_arn = Some(role.to_owned()).filter(|role| !role.is_empty());
    }
    Ok(())
}
