//! What the operations need: the HTTP verb as the action, the path as the resource.

use crate::ApiGatewayV2;
use slam_cloud_core::{Access, Context, Operation};
use slam_cloud_gateway::access::{of_request, with_roles};
use slam_cloud_wire::apigatewayv2 as wire;

/// The verb and path of an operation's request.
pub(super) fn request<O: Operation + Clone>(_: &ApiGatewayV2, context: &Context, input: &O) -> Vec<Access> {
    vec![of_request(context, input)]
}

/// The same, and the permission to hand over the role of quick create's integration.
pub(super) fn create_api(_: &ApiGatewayV2, context: &Context, input: &wire::CreateApi) -> Vec<Access> {
    with_roles(context, input, input.credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_api(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateApi) -> Vec<Access> {
    with_roles(context, input, input.credentials_arn.as_deref())
}

/// The same, and the permission to hand over the role that the integration takes on.
pub(super) fn create_integration(_: &ApiGatewayV2, context: &Context, input: &wire::CreateIntegration) -> Vec<Access> {
    with_roles(context, input, input.credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_integration(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateIntegration) -> Vec<Access> {
    with_roles(context, input, input.credentials_arn.as_deref())
}

/// The same, and the permission to hand over the role as which an authorizer's function is called.
pub(super) fn create_authorizer(_: &ApiGatewayV2, context: &Context, input: &wire::CreateAuthorizer) -> Vec<Access> {
    with_roles(context, input, input.authorizer_credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_authorizer(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateAuthorizer) -> Vec<Access> {
    with_roles(context, input, input.authorizer_credentials_arn.as_deref())
}
