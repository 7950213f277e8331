//! The control plane: one file per kind of thing.

mod access;
pub mod apis;
pub mod authorizers;
pub mod cors;
pub mod deployments;
pub mod integrations;
mod log_delivery;
mod paging;
pub mod quick;
pub mod routes;
pub mod stage_rules;
pub mod stages;
pub mod tags;
mod texts;

use crate::ApiGatewayV2;
use slam_cloud_core::Registry;
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<ApiGatewayV2>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateApi>(access::create_api, apis::create)
        .add::<wire::GetApis>(access::request, apis::list)
        .add::<wire::GetApi>(access::request, apis::get)
        .add::<wire::UpdateApi>(access::update_api, apis::update)
        .add::<wire::DeleteApi>(access::request, apis::delete)
        .add::<wire::DeleteCorsConfiguration>(access::request, cors::delete)
        .add::<wire::CreateRoute>(access::request, routes::create)
        .add::<wire::GetRoutes>(access::request, routes::list)
        .add::<wire::GetRoute>(access::request, routes::get)
        .add::<wire::UpdateRoute>(access::request, routes::update)
        .add::<wire::DeleteRoute>(access::request, routes::delete)
        .add::<wire::CreateIntegration>(access::create_integration, integrations::create)
        .add::<wire::GetIntegrations>(access::request, integrations::list)
        .add::<wire::GetIntegration>(access::request, integrations::get)
        .add::<wire::UpdateIntegration>(access::update_integration, integrations::update)
        .add::<wire::DeleteIntegration>(access::request, integrations::delete)
        .add::<wire::CreateAuthorizer>(access::create_authorizer, authorizers::create)
        .add::<wire::GetAuthorizers>(access::request, authorizers::list)
        .add::<wire::GetAuthorizer>(access::request, authorizers::get)
        .add::<wire::UpdateAuthorizer>(access::update_authorizer, authorizers::update)
        .add::<wire::DeleteAuthorizer>(access::request, authorizers::delete)
        .add::<wire::ResetAuthorizersCache>(access::request, authorizers::reset_cache)
        .add::<wire::CreateStage>(access::request, stages::create)
        .add::<wire::GetStages>(access::request, stages::list)
        .add::<wire::GetStage>(access::request, stages::get)
        .add::<wire::UpdateStage>(access::request, stages::update)
        .add::<wire::DeleteStage>(access::request, stages::delete)
        .add::<wire::DeleteAccessLogSettings>(access::request, stages::delete_access_log)
        .add::<wire::DeleteRouteSettings>(access::request, stages::delete_route_settings)
        .add::<wire::CreateDeployment>(access::request, deployments::create)
        .add::<wire::GetDeployments>(access::request, deployments::list)
        .add::<wire::GetDeployment>(access::request, deployments::get)
        .add::<wire::UpdateDeployment>(access::request, deployments::update)
        .add::<wire::DeleteDeployment>(access::request, deployments::delete)
        .add::<wire::GetTags>(access::request, tags::get)
        .add::<wire::TagResource>(access::request, tags::tag)
        .add::<wire::UntagResource>(access::request, tags::untag);
}
